using System.Collections.Concurrent;
using Gateway.Storage;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Devices by address that paired with us by themselves in pairing mode and then played to us, although nothing that they say tells a source from a
/// loudspeaker: over restarts, as they say no more tomorrow. Any thread.
/// </summary>
internal sealed class KnownSources(Store? store)
{
    private const string Scope = "player";

    private readonly ConcurrentDictionary<string, bool> _sources = new((store?.All(Scope) ?? new Dictionary<string, string>()).Select(p => KeyValuePair.Create(p.Key, true)), StringComparer.Ordinal);

    public bool Contains(string address) => _sources.ContainsKey(address);

    public void Add(string address)
    {
        if (_sources.TryAdd(address, true)) store?.Keep(Scope, address, "");
    }

    public void Forget(string address)
    {
        if (_sources.TryRemove(address, out _)) store?.Keep(Scope, address, null);
    }
}
