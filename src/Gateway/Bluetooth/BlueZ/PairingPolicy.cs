using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Decides who may pair, and when. An adapter is pairable while it is in pairing mode, and while we pair a device on it ourselves. BlueZ pairs
/// loudspeakers without asking any agent ("Just Works": the kernel accepts by itself), so an adapter that is not pairable is the only no. BlueZ makes
/// all adapters pairable whenever an agent registers, and a device may use that moment: it is not trusted until somebody consents. Any thread.
/// </summary>
internal sealed class PairingPolicy(TimeProvider time)
{
    /// <summary>Pairing mode ends by itself, on BlueZ's clock and on ours.</summary>
    public static readonly TimeSpan PairingModeTime = TimeSpan.FromMinutes(3);

    // Until when, by adapter.
    private readonly ConcurrentDictionary<string, TimeSpan> _pairingModes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _expected = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _pairedByThemselves = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _allowed = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(BluetoothAddress Adapter, BluetoothAddress Device), bool> _awaitingConsent = new();

    public bool IsAnyInPairingMode => _pairingModes.Values.Any(until => time.Now() < until);

    /// <summary>We are pairing with this device now.</summary>
    public void Expect(string devicePath, bool on)
    {
        if (on) _expected[devicePath] = true;
        else _expected.TryRemove(devicePath, out _);
    }

    /// <summary>The adapter is in pairing mode, for <see cref="PairingModeTime"/> at most. A pairing that begins in it and ends after it needs consent.</summary>
    public void SetPairingMode(string adapterPath, bool on)
    {
        if (on) _pairingModes[adapterPath] = time.Now() + PairingModeTime;
        else _pairingModes.TryRemove(adapterPath, out _);
    }

    /// <summary>A new bluetoothd: pairing mode ended with the one that was in it, and its paths are others.</summary>
    public void Clear()
    {
        _pairingModes.Clear();
        _allowed.Clear();
        _pairedByThemselves.Clear();
    }

    /// <summary>May this device play to us? It paired while it was allowed to, or somebody has allowed it: here, or by trusting it with another program.</summary>
    public bool IsAllowed(string devicePath) => _allowed.ContainsKey(devicePath);

    public void SetAllowed(string devicePath, bool on)
    {
        if (on) _allowed[devicePath] = true;
        else _allowed.TryRemove(devicePath, out _);
        if (!on) _pairedByThemselves.TryRemove(devicePath, out _);
    }

    /// <summary>Must the adapter be pairable now? Our own pairings need it too: a device gets no lasting key from an adapter that is not pairable.</summary>
    public bool MustBePairable(string adapterPath) =>
        IsInPairingMode(adapterPath) || _expected.Keys.Any(device => ObjectPaths.AdapterOf(device) == adapterPath);

    /// <summary>Did this device pair by itself in the pairing mode that is still on? Phones and Echos begin to pair; loudspeakers wait.</summary>
    public bool HasPairedByItself(string devicePath) => _pairedByThemselves.ContainsKey(devicePath) && IsInPairingMode(ObjectPaths.AdapterOf(devicePath));

    /// <summary>It has paired just now.</summary>
    public void NotePaired(string devicePath)
    {
        if (!_expected.ContainsKey(devicePath) && IsInPairingMode(ObjectPaths.AdapterOf(devicePath))) _pairedByThemselves[devicePath] = true;
    }

    /// <summary>May this device come in now, without a question?</summary>
    public bool MayPair(string devicePath) => _expected.ContainsKey(devicePath) || IsInPairingMode(ObjectPaths.AdapterOf(devicePath));

    /// <summary>The device paired without being expected, and nobody has allowed it yet. Goes by address, so a restart of bluetoothd does not allow it either.</summary>
    public bool IsAwaitingConsent(BluetoothAddress adapter, BluetoothAddress device) => _awaitingConsent.ContainsKey((adapter, device));

    public void SetAwaitingConsent(BluetoothAddress adapter, BluetoothAddress device, bool on)
    {
        if (on) _awaitingConsent[(adapter, device)] = true;
        else _awaitingConsent.TryRemove((adapter, device), out _);
    }

    private bool IsInPairingMode(string adapterPath) => _pairingModes.TryGetValue(adapterPath, out var until) && time.Now() < until;
}
