using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Storage;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Devices by address that paired with us by themselves in pairing mode and then played to us, although nothing that they say tells a source from a
/// loudspeaker: over restarts, as they say no more tomorrow. Any thread.
/// </summary>
internal sealed class KnownSources(Store? store)
{
    private const string Scope = "player";

    private readonly ConcurrentDictionary<BluetoothAddress, bool> _sources = new(Read(store).Select(a => KeyValuePair.Create(a, true)));

    public bool Contains(BluetoothAddress address) => _sources.ContainsKey(address);

    public void Add(BluetoothAddress address)
    {
        if (_sources.TryAdd(address, true)) store?.Keep(Scope, address, "");
    }

    public void Forget(BluetoothAddress address)
    {
        if (_sources.TryRemove(address, out _)) store?.Keep(Scope, address, null);
    }

    private static IEnumerable<BluetoothAddress> Read(Store? store) => (store?.All(Scope).Keys ?? []).Select(BluetoothAddress.Read).OfType<BluetoothAddress>();
}
