using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Engine;
using Gateway.Sound;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.Streams;

/// <summary>What a stream needs of the Bluetooth side, for one device on one adapter.</summary>
internal sealed class StreamAccess(StreamCalls calls, BluetoothAddress adapter, BluetoothAddress device, string name, ILogger logger)
{
    private readonly DeviceFacts _facts = calls.Shared.Facts.Of(adapter, device);

    public string Name => name;
    public ILogger Logger => logger;
    public TimeProvider Time => calls.Shared.Time;

    /// <summary>Our own gain: 1 where the speaker has a volume of its own, so that there is one gain stage.</summary>
    public float Gain()
    {
        var percent = _facts.SoftwareVolume;
        return percent < 0 ? 1f : GainCurve.Of(percent / 100f);
    }

    /// <summary>The gain for what the device plays to us: its volume knob turns ours, as with any loudspeaker.</summary>
    public float ReceiveGain()
    {
        var volume = _facts.PeerVolume;
        return volume < 0 ? 1f : GainCurve.Of(volume / 127f);
    }

    public SilenceWatch Silence => _facts.Silence;

    public Task<AcquiredStream> AcquireAsync(string transport, string member, CancellationToken cancellationToken) =>
        calls.AcquireAsync(transport, member, cancellationToken);

    public Task ReleaseAsync(string transport) => calls.ReleaseAsync(transport);

    public LinkShare? ShareOf(System.Runtime.InteropServices.SafeHandle socket, string transport) => calls.Shared.Buffers.Of(socket, ObjectPaths.ControllerOf(transport));

    public StallWatch Stalls => calls.Shared.StallsOn(adapter);

    public void Suspect() => calls.Suspect(adapter, device);

    public Task ReconnectSourceAsync(CancellationToken cancellationToken) => calls.ReconnectSourceAsync(adapter, device, cancellationToken);

    /// <summary>The device's transport as BlueZ shows it now; null: none.</summary>
    public TransportView? Transport => calls.TransportOf(adapter, device);

    public event Action<BlueZView>? Changed
    {
        add => calls.Shared.Views.Changed += value;
        remove => calls.Shared.Views.Changed -= value;
    }
}
