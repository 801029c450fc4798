using System.Collections.Concurrent;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>One try of ours to configure a stream.</summary>
/// <param name="Plain">S5: only the plainest SBC configuration is offered.</param>
internal sealed record ConfigurationAttempt(bool Plain)
{
    /// <summary>BlueZ has asked for a configuration: the device was there, and told what it can do.</summary>
    public volatile bool Asked;
}

/// <summary>
/// The try that is under way on each adapter. BlueZ does not say for which device it asks for a configuration, but tries are made one after the
/// other on an adapter. Any thread.
/// </summary>
internal sealed class ConfigurationAttempts
{
    private readonly ConcurrentDictionary<string, ConfigurationAttempt> _underWay = new(StringComparer.Ordinal);

    public ConfigurationAttempt Begin(string adapterName, bool plain) => _underWay[adapterName] = new ConfigurationAttempt(plain);

    public void End(string adapterName) => _underWay.TryRemove(adapterName, out _);

    /// <summary>BlueZ asks: which kind of configuration is to be offered?</summary>
    public bool AskPlain(string adapterName)
    {
        if (!_underWay.TryGetValue(adapterName, out var attempt)) return false;
        attempt.Asked = true;
        return attempt.Plain;
    }
}
