namespace Gateway.House;

// The state documents of the MQTT contract (docs/mqtt.md) are one record and one file per kind of device: every member always present, null = unknown.
// Volumes 0-100, times ISO 8601 UTC, units in the names.

/// <summary>The whole house, as published: immutable, replaced whole by the reconciler.</summary>
public sealed record HouseSnapshot
{
    public required GatewayDocument Gateway { get; init; }
    public IReadOnlyList<EchoDocument> Echoes { get; init; } = [];
    public IReadOnlyList<SpeakerDocument> Speakers { get; init; } = [];
    public IReadOnlyList<AdapterDocument> Adapters { get; init; } = [];
    public IReadOnlyList<TransmitterDocument> Transmitters { get; init; } = [];
    public IReadOnlyList<GroupDocument> Groups { get; init; } = [];
    public IReadOnlyList<RoutineDocument> Routines { get; init; } = [];
}

/// <summary>A routine, for its scene and its voice topic.</summary>
public sealed record RoutineDocument(string Id, string Name);
