using System.Collections.Concurrent;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What we know of a device on an adapter that BlueZ does not: our own attempts and their outcomes.</summary>
internal sealed class DeviceFacts
{
    private int _attempts;

    /// <summary>A connect of ours is under way.</summary>
    public bool Connecting => Volatile.Read(ref _attempts) > 0;

    /// <summary>The last connect failed as with a device that another host holds.</summary>
    public volatile bool HeldElsewhere;

    /// <summary>Its socket stalled: it is gone, only the link does not know yet.</summary>
    public volatile bool Vanished;

    /// <summary>There is a radio link, whatever it carries.</summary>
    public volatile bool Linked;

    public VolumeScale Volume { get; } = new();

    /// <summary>Our own gain in percent where the speaker has no volume of its own; -1: not set.</summary>
    public volatile int SoftwareVolume = -1;

    /// <summary>When the RSSI was last told; used by the owner of the mirror only.</summary>
    public DateTimeOffset? RssiAt;

    public void BeginAttempt() => Interlocked.Increment(ref _attempts);

    public void EndAttempt() => Interlocked.Decrement(ref _attempts);
}

/// <summary>The facts of all devices, by adapter and device address. Any thread.</summary>
internal sealed class DeviceFactsTable
{
    private readonly ConcurrentDictionary<(string Adapter, string Device), DeviceFacts> _facts = new();

    public DeviceFacts Of(string adapter, string device) => _facts.GetOrAdd((adapter, device), static _ => new DeviceFacts());

    public void Forget(string adapter, string device) => _facts.TryRemove((adapter, device), out _);

    public IEnumerable<DeviceFacts> All => _facts.Values;
}
