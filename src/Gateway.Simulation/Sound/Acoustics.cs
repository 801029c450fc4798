using System.Collections.Concurrent;

namespace Gateway.Simulation;

/// <summary>Where each loudspeaker stands: one room response per device, made when it is first needed.</summary>
internal sealed class Acoustics(int seed)
{
    private readonly ConcurrentDictionary<string, RoomResponse> _responses = new(StringComparer.Ordinal);

    public RoomResponse Of(Sink sink) => Of(sink.Id);

    public RoomResponse Of(string device) => _responses.GetOrAdd(device, id => new RoomResponse(SplitMix64.Of(seed, id, "room").Next()));
}
