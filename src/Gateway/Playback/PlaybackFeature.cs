using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Playback;

internal static class PlaybackFeature
{
    public static IServiceCollection AddPlayback(this IServiceCollection services) => services
        .AddSingleton<SoundProviders>()
        .AddSingleton<PlaybackEngine>()
        .AddHostedService(provider => provider.GetRequiredService<PlaybackEngine>());
}
