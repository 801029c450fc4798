using System.Collections.Concurrent;
using Gateway.Bluetooth.A2dp;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>A stream that BlueZ configured on one of our endpoints.</summary>
/// <param name="Transport">Its MediaTransport1 object.</param>
/// <param name="Receives">True: on a sink endpoint, the device plays to us.</param>
internal sealed record OwnStream(string Transport, string DevicePath, bool Receives, SbcConfiguration Configuration)
{
    /// <summary>To be completed when it is shown that the stream is over.</summary>
    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when BlueZ has cleared the configuration and the snapshot shows it: whoever opens anew then finds what is there.</summary>
    public Task Cleared => End.Task;
}

/// <summary>All of them, by transport. Any thread.</summary>
internal sealed class OwnStreams
{
    private readonly Lock _adding = new();
    private readonly ConcurrentDictionary<string, OwnStream> _streams = new(StringComparer.Ordinal);

    /// <summary>False: the device has a stream in the other role, and can have one (L4).</summary>
    public bool TryAdd(OwnStream stream)
    {
        lock (_adding)
        {
            if (OfDevice(stream.DevicePath, !stream.Receives) is not null) return false;
            Remove(stream.Transport)?.End.TrySetResult();
            _streams[stream.Transport] = stream;
            return true;
        }
    }

    /// <summary>Takes a stream out; its <see cref="OwnStream.End"/> is the caller's. Null: there is none.</summary>
    public OwnStream? Remove(string transport) => _streams.TryRemove(transport, out var stream) ? stream : null;

    public bool IsEmpty => _streams.IsEmpty;

    public OwnStream? Find(string transport) => _streams.GetValueOrDefault(transport);

    public OwnStream? OfDevice(string devicePath, bool receives) =>
        _streams.Values.FirstOrDefault(s => s.Receives == receives && s.DevicePath == devicePath);

    public int CountOn(string adapterPath) => _streams.Values.Count(s => ObjectPaths.IsOn(adapterPath, s.DevicePath));

    public void Clear()
    {
        foreach (var transport in _streams.Keys) Remove(transport)?.End.TrySetResult();
    }
}
