using Gateway.Echo.Alexa;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Echo;

/// <param name="Alexa">Null: not by the Alexa web API.</param>
internal sealed record EchoControlOptions(AlexaOptions? Alexa);

internal static class EchoFeature
{
    public static IServiceCollection AddEcho(this IServiceCollection services)
    {
        services.TryAddSingleton<IEchoControl>(provider => provider.GetRequiredService<EchoControlOptions>().Alexa is { } alexa
            ? new AlexaEchoes(alexa, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>().CreateLogger("Gateway.Echo"))
            : new DeclaredEchoes());
        services.AddHostedService<EchoLoop>();
        return services;
    }
}

/// <summary>Runs the way of control that has a loop.</summary>
internal sealed class EchoLoop(IEchoControl control) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => control is AlexaEchoes alexa ? alexa.RunAsync(stoppingToken) : Task.CompletedTask;
}

/// <summary>
/// <c>echo.control: declared</c>: Echos are what the configuration says, and nobody can be asked or told. Their links with
/// our own radio are still seen, by the radio.
/// </summary>
internal sealed class DeclaredEchoes : IEchoControl
{
    public EchoSnapshot Current { get; } = EchoSnapshot.Empty with { IsDeclared = true };

    /// <summary>Never raised: what is declared does not change.</summary>
    public event Action<EchoSnapshot>? Changed
    {
        add { }
        remove { }
    }

    public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Missing();

    public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => Missing();

    public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Missing();

    public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => Missing();

    public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => Missing();

    public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) =>
        Task.FromException<string>(NoControl());

    public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => Missing();

    private static Task Missing() => Task.FromException(NoControl());

    private static PortException NoControl() => new(
        PortError.PartMissing, "This Echo is only declared; nothing here can control it.", "Use the Alexa app or the Echo's voice, or let the gateway into the account: echo.control: alexa_api (docs/echo.md).");
}
