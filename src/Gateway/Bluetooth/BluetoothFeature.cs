using Gateway.Engine.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gateway.Bluetooth;

internal static class BluetoothFeature
{
    public static IServiceCollection AddBluetooth(this IServiceCollection services)
    {
        services.TryAddSingleton<IBluetooth, NoBluetooth>();
        services.TryAddSingleton<IAudioPort>(provider => (NoBluetooth)provider.GetRequiredService<IBluetooth>());
        return services;
    }
}

/// <summary>This version has no radio side: it says so, and everything else works.</summary>
internal sealed class NoBluetooth : IBluetooth, IAudioPort
{
    private const string Problem = "This version does not reach real Bluetooth adapters yet; the demo's simulated house does everything else.";

    public BluetoothSnapshot Current { get; } = BluetoothSnapshot.Empty with { Problem = Problem };

    /// <summary>Never raised: there is nothing to see.</summary>
    public event Action<BluetoothSnapshot>? Changed
    {
        add { }
        remove { }
    }

    public Task ConnectAsync(string adapter, string device, CancellationToken cancellationToken) => Missing();

    public Task DisconnectAsync(string adapter, string device, CancellationToken cancellationToken) => Missing();

    public Task PairAsync(string adapter, string device, CancellationToken cancellationToken) => Missing();

    public Task ForgetAsync(string adapter, string device, CancellationToken cancellationToken) => Missing();

    public Task SetPoweredAsync(string adapter, bool powered, CancellationToken cancellationToken) => Missing();

    public Task SetDiscoveringAsync(string adapter, bool discovering, CancellationToken cancellationToken) => Missing();

    public Task SetPairingModeAsync(string adapter, bool on, CancellationToken cancellationToken) => Missing();

    public Task SetVolumeAsync(string adapter, string device, int percent, CancellationToken cancellationToken) => Missing();

    public IAudioOutput OpenOutput(string adapter, string device) => throw NotHere();

    public IAudioInput OpenReceiver(string adapter, string device) => throw NotHere();

    public IAudioInput OpenMicrophone(string source) => throw NotHere();

    private static Task Missing() => Task.FromException(NotHere());

    private static PortException NotHere() => new(PortError.PartMissing, Problem);
}
