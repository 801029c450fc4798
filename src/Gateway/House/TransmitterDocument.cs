using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

public sealed record TransmitterDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public string? Model { get; init; }
    public string? FedBy { get; init; }
    public AudioOutput? Output { get; init; }

    /// <summary>One entry per slot: the speaker's id, or null.</summary>
    public ValueList<string?> Slots { get; init; } = [];
    public double? SpreadMs { get; init; }

    /// <summary>T1: passes 15 ms; null: neither known good nor measured.</summary>
    public bool? T1Pass { get; init; }

    [JsonIgnore]
    public bool Available { get; init; } = true;
}
