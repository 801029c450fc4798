using System.Collections.Concurrent;
using Gateway.Bluetooth.A2dp;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>A stream that BlueZ configured on one of our endpoints.</summary>
/// <param name="Transport">Its MediaTransport1 object.</param>
/// <param name="Receives">True: on a sink endpoint, the device plays to us.</param>
internal sealed record OwnStream(string Transport, string DevicePath, bool Receives, SbcConfiguration Configuration)
{
    private readonly TaskCompletionSource _cleared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when BlueZ clears the configuration: the stream is over.</summary>
    public Task Cleared => _cleared.Task;

    public void Clear() => _cleared.TrySetResult();
}

/// <summary>All of them, by transport. Any thread.</summary>
internal sealed class OwnStreams
{
    private readonly ConcurrentDictionary<string, OwnStream> _streams = new(StringComparer.Ordinal);

    public void Add(OwnStream stream)
    {
        Remove(stream.Transport);
        _streams[stream.Transport] = stream;
    }

    public bool Remove(string transport)
    {
        if (!_streams.TryRemove(transport, out var stream)) return false;
        stream.Clear();
        return true;
    }

    public OwnStream? Find(string transport) => _streams.GetValueOrDefault(transport);

    public OwnStream? OfDevice(string devicePath, bool receives) =>
        _streams.Values.FirstOrDefault(s => s.Receives == receives && s.DevicePath == devicePath);

    public int CountOn(string adapterPath) => _streams.Values.Count(s => s.DevicePath.StartsWith(adapterPath + "/", StringComparison.Ordinal));

    public void Clear()
    {
        foreach (var transport in _streams.Keys) Remove(transport);
    }
}
