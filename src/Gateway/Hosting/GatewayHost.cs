using Gateway.Configuration;
using Gateway.Engine;
using Gateway.House;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Gateway.Hosting;

/// <summary>Puts the program together: configuration, identity and store first, then the features of <see cref="Program"/>.</summary>
internal static class GatewayHost
{
    /// <param name="ports">Registers ports that stand in for the real ones (the demo's simulated house); features register theirs only where none is there.</param>
    public static IHost Build(TuttiConfiguration configuration, Catalogue catalogue, Store store, LogLevel logLevel, Action<IServiceCollection>? ports = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(logLevel).AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        // stdout belongs to what a command prints; the log goes to stderr.
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(5));
        var identity = new GatewayIdentity(IdOf(configuration, store), configuration.Gateway.Name, ProgramVersion.Text);
        builder.Services
            .AddSingleton(catalogue)
            .AddSingleton(store)
            .AddSingleton(TimeProvider.System)
            .AddSingleton(identity)
            .AddFeatureOptions(configuration, catalogue, identity, Path.GetDirectoryName(store.Path)!);
        ports?.Invoke(builder.Services);
        builder.Services.AddFeatures().AddHostedService<MemoryReturn>();
        return builder.Build();
    }

    /// <summary>The configured id, else a random one that is stored at the first start: unique ids stand on it for ever.</summary>
    private static string IdOf(TuttiConfiguration configuration, Store store)
    {
        if (configuration.Gateway.Id is { } configured) return configured;
        if (store.Get("gateway", "id") is { } stored) return stored;
        // Unique, not secret: a Guid needs no OpenSSL at start.
        var id = Guid.NewGuid().ToString("N")[..8];
        try
        {
            store.Put("gateway", "id", id);
        }
        catch (StorageException no)
        {
            // One that is another at each start would leave a house full of dead devices behind.
            throw new StorageException($"This gateway has no id yet, and a new one cannot be stored: {no.Message} Or write one as gateway.id in the configuration.", no);
        }

        return id;
    }
}
