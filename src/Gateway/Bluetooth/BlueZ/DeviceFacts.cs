using System.Collections.Concurrent;
using Gateway.Bluetooth.A2dp;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What we know of a device on an adapter that BlueZ does not: our own attempts and their outcomes.</summary>
internal sealed class DeviceFacts
{
    private int _attempts;
    private long _failedAt;
    private long _heldAt;
    private int _connectingAs;
    private int _connectedAs;

    /// <summary>A connect of ours is under way.</summary>
    public bool Connecting => Volatile.Read(ref _attempts) > 0;

    /// <summary>When the last connect failed, in ticks of the monotonic clock; 0: it worked, or there was none.</summary>
    public long FailedAt
    {
        get => Volatile.Read(ref _failedAt);
        set => Volatile.Write(ref _failedAt, value);
    }

    /// <summary>A device that another host was said to hold may be free again, and nobody tells: longer than the longest pause between two tries (S3: 10 min).</summary>
    public static readonly TimeSpan HeldLife = TimeSpan.FromMinutes(12);

    /// <summary>When the last connect failed as with a device that another host holds; null: it did not, or nobody wants it any more.</summary>
    public TimeSpan? HeldAt
    {
        get => Interlocked.Read(ref _heldAt) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;
        set => Interlocked.Exchange(ref _heldAt, value?.Ticks ?? 0);
    }

    public bool IsHeld(TimeSpan now) => HeldAt is { } at && now - at < HeldLife;

    /// <summary>Its socket stalled: it is gone, only the link does not know yet.</summary>
    public volatile bool Vanished;

    /// <summary>That is how its last link ended. Stays until the next one: whoever looks may see the end of the link and the suspicion in one.</summary>
    public volatile bool FellSilent;

    /// <summary>S5: its last handshake worked only with the plainest SBC configuration.</summary>
    public volatile bool Plain;

    /// <summary>Its services are known, as far as BlueZ has read them.</summary>
    public volatile bool Resolved;

    /// <summary>There is a radio link, whatever it carries.</summary>
    public volatile bool Linked;

    public VolumeScale Volume { get; } = new();

    /// <summary>Our own gain in percent where the speaker has no volume of its own; -1: not set.</summary>
    public volatile int SoftwareVolume = -1;

    /// <summary>A device that plays to us has set this volume (0-127), as on a loudspeaker; -1: it has set none.</summary>
    public volatile int PeerVolume = -1;

    /// <summary>Kept here, as each try of a device that plays to us may bring a new stream.</summary>
    public SilenceWatch Silence { get; } = new();

    /// <summary>The last RSSI that was told, and when, to show and to forget it by: BlueZ itself forgets it with the end of a search. Used by the owner of the mirror only.</summary>
    public (int Dbm, DateTimeOffset At, TimeSpan Since)? Rssi;

    /// <summary>The role in which a connect of ours, whose turn it is, wants it; null: none is under way.</summary>
    public RadioRole? ConnectingAs
    {
        get => Volatile.Read(ref _connectingAs) is > 0 and var role ? (RadioRole)(role - 1) : null;
        set => Volatile.Write(ref _connectingAs, value is { } role ? (int)role + 1 : 0);
    }

    /// <summary>The role in which a connect of ours has linked it, as long as that lasts; null: it came by itself, or is not linked.</summary>
    public RadioRole? ConnectedAs
    {
        get => Volatile.Read(ref _connectedAs) is > 0 and var role ? (RadioRole)(role - 1) : null;
        set => Volatile.Write(ref _connectedAs, value is { } role ? (int)role + 1 : 0);
    }

    /// <summary>Does an observation tell anything new? (The answer to a volume that was set may come at any time.)</summary>
    public bool Differs(DeviceObservation observed) =>
        Linked != observed.Linked || Resolved != observed.Resolved || PeerVolume != observed.PeerVolume || (observed.HasStream && HeldAt is not null)
        || (observed.Sounds && FellSilent) || (!observed.HasStream && (Vanished || ConnectedAs is not null)) || (observed.Volume is not null && Volume.IsWaiting);

    public void Apply(DeviceObservation observed, TimeSpan now)
    {
        (Linked, Resolved, PeerVolume) = (observed.Linked, observed.Resolved, observed.PeerVolume);
        if (observed.HasStream) HeldAt = null;
        else (Vanished, ConnectedAs) = (false, null); // the link has ended, as suspected
        if (observed.Sounds && !Vanished) FellSilent = false;
        if (observed.Volume is { } reported) Volume.Note(reported, now);
    }

    public void AttemptWorked() => (HeldAt, FailedAt) = (null, 0);

    public void AttemptFailed(PortError why, TimeSpan now) => (HeldAt, FailedAt) = (why == PortError.HeldElsewhere ? now : null, now.Ticks);

    public void BeginAttempt() => Interlocked.Increment(ref _attempts);

    public void EndAttempt() => Interlocked.Decrement(ref _attempts);
}

/// <summary>What BlueZ shows of a device on an adapter, as far as its facts go by it.</summary>
internal sealed record DeviceObservation(BluetoothAddress Adapter, BluetoothAddress Device)
{
    /// <summary>There is a radio link, whatever it carries.</summary>
    public required bool Linked { get; init; }

    /// <summary>Its services are known, as far as BlueZ has read them.</summary>
    public required bool Resolved { get; init; }

    /// <summary>There is a stream, whether or not the device takes it.</summary>
    public required bool HasStream { get; init; }

    /// <summary>It is shown as connected: there is a stream, and nothing speaks against it.</summary>
    public required bool Sounds { get; init; }

    /// <summary>0-127; -1: it does not play to us, or has set none.</summary>
    public required int PeerVolume { get; init; }

    /// <summary>0-127, as reported; null: it has no volume of its own.</summary>
    public required int? Volume { get; init; }
}

/// <summary>The facts of the devices that bluetoothd knows, by adapter and device address: who is forgotten there is forgotten here. Any thread.</summary>
internal sealed class DeviceFactsTable
{
    private readonly ConcurrentDictionary<(BluetoothAddress Adapter, BluetoothAddress Device), DeviceFacts> _facts = new();

    public int Count => _facts.Count;

    public bool AnyConnecting => _facts.Values.Any(f => f.Connecting);

    public DeviceFacts Of(BluetoothAddress adapter, BluetoothAddress device) => _facts.GetOrAdd((adapter, device), static _ => new DeviceFacts());

    /// <summary>Without making any.</summary>
    public DeviceFacts? Find(BluetoothAddress adapter, BluetoothAddress device) => _facts.GetValueOrDefault((adapter, device));

    public void Forget(BluetoothAddress adapter, BluetoothAddress device) => _facts.TryRemove((adapter, device), out _);

    public void Clear() => _facts.Clear();
}
