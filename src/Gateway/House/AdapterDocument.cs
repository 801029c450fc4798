using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

public sealed record AdapterDocument
{
    /// <summary>The address as 12 hex digits: adapters are never keyed by hciN.</summary>
    public required string Id { get; init; }
    public required string Name { get; init; }
    public bool? Powered { get; init; }
    public bool? Discovering { get; init; }
    public int StreamsUsed { get; init; }
    public int StreamsMax { get; init; }
    public AdapterRole Role { get; init; }

    [JsonIgnore]
    public string Address { get; init; } = "";

    /// <summary>What its maker calls it; null: not known.</summary>
    [JsonIgnore]
    public string? Product { get; init; }

    [JsonIgnore]
    public bool Available { get; init; } = true;
}
