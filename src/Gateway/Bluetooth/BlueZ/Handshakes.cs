using System.Collections.Concurrent;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>One try of ours to configure a stream.</summary>
/// <param name="Plain">S5: only the plainest SBC configuration is offered.</param>
internal sealed record Handshake(bool Plain)
{
    /// <summary>BlueZ has asked for a configuration: the device was there, and told what it can do.</summary>
    public volatile bool Asked;
}

/// <summary>
/// The try that is under way on each adapter. BlueZ does not say for which device it asks for a configuration, but tries are made one after the
/// other on an adapter. Any thread.
/// </summary>
internal sealed class Handshakes
{
    private readonly ConcurrentDictionary<string, Handshake> _underWay = new(StringComparer.Ordinal);

    public Handshake Begin(string adapterName, bool plain) => _underWay[adapterName] = new Handshake(plain);

    public void End(string adapterName) => _underWay.TryRemove(adapterName, out _);

    /// <summary>BlueZ asks: which kind of configuration is to be offered?</summary>
    public bool AskPlain(string adapterName)
    {
        if (!_underWay.TryGetValue(adapterName, out var handshake)) return false;
        handshake.Asked = true;
        return handshake.Plain;
    }
}
