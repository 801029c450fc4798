using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

public sealed record GroupDocument
{
    public required string Id { get; init; }
    public required string Name { get; init; }

    /// <summary>What was asked for.</summary>
    public bool Desired { get; init; }

    /// <summary>What is.</summary>
    public bool Active { get; init; }

    public GroupPhase Phase { get; init; }
    public Route? Route { get; init; }
    public string? Source { get; init; }
    public int? Volume { get; init; }
    public bool Muted { get; init; }
    public GroupSyncDocument Sync { get; init; } = GroupSyncDocument.Nothing;
    public ValueList<MemberDocument> Members { get; init; } = [];
    public ProblemDocument? Problem { get; init; }

    /// <summary>Select options of the source: the text shown and the written form of the source.</summary>
    [JsonIgnore]
    public ValueList<OptionDocument> SourceOptions { get; init; } = [];

    [JsonIgnore]
    public bool Available { get; init; } = true;
}

/// <param name="State">Null while the group is off.</param>
public sealed record MemberDocument(string Id, MemberState? State);

public sealed record ProblemDocument(string Text, ValueList<string> Rules, string Remedy);

public sealed record GroupSyncDocument(
    double? SpreadMs, SyncClass? Class, SyncEvidence? Evidence, double? AgeS, ValueList<string> Worst, ValueList<string> Missing)
{
    public static GroupSyncDocument Nothing { get; } = new(null, null, null, null, [], []);
}
