using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Files;

internal static class FilesFeature
{
    /// <summary>Needs <see cref="FilesOptions"/> and <see cref="TimeProvider"/> in the services.</summary>
    public static IServiceCollection AddFiles(this IServiceCollection services) => services.AddSingleton<ISourceProvider>(provider => new FileSources(
        new MediaFolder(provider.GetRequiredService<FilesOptions>().MediaDirectory).Open, provider.GetRequiredService<TimeProvider>()));
}
