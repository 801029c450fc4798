using System.Collections.Concurrent;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Who may pair, and when: adapters in pairing mode, devices that we pair with ourselves. Outside of both the adapters are not pairable. BlueZ pairs
/// loudspeakers without asking any agent ("Just Works": the kernel accepts by itself), so a closed door is the only no; and as somebody may slip in
/// where BlueZ opens it (any agent that registers does), who paired without being awaited is not trusted before somebody said yes. Any thread.
/// </summary>
internal sealed class Door(TimeProvider time)
{
    /// <summary>Pairing mode ends by itself, on BlueZ's clock and on ours.</summary>
    public static readonly TimeSpan PairingModeTime = TimeSpan.FromMinutes(3);

    // Until when, by adapter.
    private readonly ConcurrentDictionary<string, TimeSpan> _pairingModes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _expected = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _guests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _welcome = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Adapter, string Device), bool> _strangers = new();

    public bool IsInviting => _pairingModes.Values.Any(until => time.Now() < until);

    /// <summary>We are pairing with this device now.</summary>
    public void Expect(string devicePath, bool on)
    {
        if (on) _expected[devicePath] = true;
        else _expected.TryRemove(devicePath, out _);
    }

    /// <summary>The adapter is in pairing mode, for <see cref="PairingModeTime"/> at most. Who began to pair in it and ends after it is asked about.</summary>
    public void Invite(string adapterPath, bool on)
    {
        if (on) _pairingModes[adapterPath] = time.Now() + PairingModeTime;
        else _pairingModes.TryRemove(adapterPath, out _);
    }

    /// <summary>A new bluetoothd: pairing mode ended with the one that was in it, and its paths are others.</summary>
    public void Clear()
    {
        _pairingModes.Clear();
        _welcome.Clear();
        _guests.Clear();
    }

    /// <summary>May this device play to us? It paired while it might, or somebody has allowed it: here, or by trusting it with another program.</summary>
    public bool IsWelcome(string devicePath) => _welcome.ContainsKey(devicePath);

    public void SetWelcome(string devicePath, bool on)
    {
        if (on) _welcome[devicePath] = true;
        else _welcome.TryRemove(devicePath, out _);
        if (!on) _guests.TryRemove(devicePath, out _);
    }

    /// <summary>Must the adapter be pairable now? Our own pairings need it too: what is paired while it is off gets no lasting key.</summary>
    public bool IsOpen(string adapterPath) =>
        IsInPairingMode(adapterPath) || _expected.Keys.Any(device => ObjectPaths.AdapterOf(device) == adapterPath);

    /// <summary>Did this device pair by itself in the pairing mode that is still on? What begins to pair is a phone or an Echo; loudspeakers wait.</summary>
    public bool IsGuest(string devicePath) => _guests.ContainsKey(devicePath) && IsInPairingMode(ObjectPaths.AdapterOf(devicePath));

    /// <summary>It has paired just now.</summary>
    public void NotePaired(string devicePath)
    {
        if (!_expected.ContainsKey(devicePath) && IsInPairingMode(ObjectPaths.AdapterOf(devicePath))) _guests[devicePath] = true;
    }

    /// <summary>May this device come in now, without a question?</summary>
    public bool MayEnter(string devicePath) => _expected.ContainsKey(devicePath) || IsInPairingMode(ObjectPaths.AdapterOf(devicePath));

    /// <summary>Devices by address that paired without being awaited and whom nobody has allowed yet: not even a restart of bluetoothd makes old friends of them.</summary>
    public bool IsStranger(string adapter, string device) => _strangers.ContainsKey((adapter, device));

    public void SetStranger(string adapter, string device, bool on)
    {
        if (on) _strangers[(adapter, device)] = true;
        else _strangers.TryRemove((adapter, device), out _);
    }

    private bool IsInPairingMode(string adapterPath) => _pairingModes.TryGetValue(adapterPath, out var until) && time.Now() < until;
}
