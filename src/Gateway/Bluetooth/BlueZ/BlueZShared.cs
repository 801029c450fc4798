using System.Collections.Concurrent;
using Gateway.Bluetooth.A2dp;
using Gateway.Configuration;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What outlives bluetoothd's restarts: facts, streams, agent, the choice of who carries the sound, and what is shown. Any thread.</summary>
internal sealed class BlueZShared(BluetoothOptions options, TimeProvider time, ILogger logger)
{
    private Shown _shown = Shown.Nothing("Bluetooth has not answered yet.", null);
    private volatile AudioChoice? _choice;
    private volatile BluetoothServiceVersion? _version;

    public TimeProvider Time => time;
    public DeviceFactsTable Facts { get; } = new();
    public OwnStreams Streams { get; } = new();
    public StallClaims Stalls { get; } = new();
    public ControllerBuffers Buffers { get; } = new();

    /// <summary>T4, by adapter address: how many streams it carried when it refused one more.</summary>
    public ConcurrentDictionary<string, int> LearnedStreams { get; } = new(StringComparer.Ordinal);

    public PairingAgent Agent { get; } = new(time, logger);

    /// <summary>The latest; written by the service's loop.</summary>
    public Shown Shown
    {
        get => Volatile.Read(ref _shown);
        set => Volatile.Write(ref _shown, value);
    }

    public bool OwnsAudio => _choice?.Own ?? options.Audio == BluetoothAudio.Own;

    /// <summary>Who carries the sound; null: nobody was seen yet who could.</summary>
    public AudioChoice? Choice => _choice;

    public BluetoothServiceVersion? Version => _version;

    /// <summary>Nothing to show but the reason.</summary>
    public Shown Nothing(string problem) => Shown.Nothing(problem, this);

    /// <summary>Looks the version's faults up and tells them; the same version again is nothing new.</summary>
    public void Found(Version version)
    {
        if (_version?.Version == version.ToString()) return;
        var faults = KnownFaults.Of(version);
        _version = new BluetoothServiceVersion(version.ToString(), [.. faults.Select(f => $"{f.Text} {f.Remedy}")]);
        BluetoothLog.ServiceVersion(logger, version.ToString(), faults.Count);
        foreach (var fault in faults) BluetoothLog.KnownFault(logger, version.ToString(), fault.Text, fault.Remedy);
    }

    /// <summary>Chosen once: later our own endpoints would be taken for somebody else's.</summary>
    public void Choose(IEnumerable<string> adapterUuids, bool codecAvailable)
    {
        if (_choice is not null) return;
        _choice = AudioChoice.Make(options.Audio, adapterUuids, codecAvailable, AudioChoice.IsHomeAssistantOs());
        BluetoothLog.AudioChosen(logger, _choice.Own ? "own endpoints" : "a sound server", _choice.Reason);
    }
}
