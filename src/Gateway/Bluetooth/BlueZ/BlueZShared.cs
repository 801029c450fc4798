using Gateway.Bluetooth.A2dp;
using Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What outlives bluetoothd's restarts: facts, streams, agent, the choice of who carries the sound, and what is shown. Any thread.</summary>
internal sealed class BlueZShared(BluetoothOptions options, TimeProvider time, ILogger logger)
{
    private Shown _shown = Shown.Nothing("Bluetooth has not answered yet.");
    private volatile AudioChoice? _choice;

    public TimeProvider Time => time;
    public DeviceFactsTable Facts { get; } = new();
    public OwnStreams Streams { get; } = new();
    public StallClaims Stalls { get; } = new();
    public PairingAgent Agent { get; } = new(time, logger);

    /// <summary>The latest; written by the service's loop.</summary>
    public Shown Shown
    {
        get => Volatile.Read(ref _shown);
        set => Volatile.Write(ref _shown, value);
    }

    public bool OwnsAudio => _choice?.Own ?? options.Audio == BluetoothAudio.Own;

    /// <summary>Chosen once: later our own endpoints would be taken for somebody else's.</summary>
    public void Choose(IEnumerable<string> adapterUuids, bool codecAvailable)
    {
        if (_choice is not null) return;
        _choice = AudioChoice.Make(options.Audio, adapterUuids, codecAvailable, AudioChoice.IsHomeAssistantOs());
        BluetoothLog.AudioChosen(logger, _choice.Own ? "own endpoints" : "a sound server", _choice.Reason);
    }
}
