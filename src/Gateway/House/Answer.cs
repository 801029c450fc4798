using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

/// <summary>What a command is told: at most once that it was accepted, then exactly once how it ended.</summary>
public sealed record Answer(Command Command, DateTimeOffset At, CommandResult Result, string? Reason = null)
{
    /// <summary>The rules that stand behind it.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>The links that are cut for it.</summary>
    public IReadOnlyList<PlanDrop> Drops { get; init; } = [];

    public Plan? Plan { get; init; }

    /// <summary>No other follows.</summary>
    public bool IsEnd => Result != CommandResult.Accepted;
}

/// <summary>How a command ended, or that it was accepted.</summary>
public enum CommandResult
{
    [JsonStringEnumMemberName("accepted")] Accepted,
    [JsonStringEnumMemberName("done")] Done,
    [JsonStringEnumMemberName("refused")] Refused,
    [JsonStringEnumMemberName("failed")] Failed,
    [JsonStringEnumMemberName("superseded")] Superseded,
}
