using System.Text.Json.Serialization;
using Gateway.Engine;

namespace Gateway.House;

/// <summary>An answer on <c>tutti/response</c>. <paramref name="Device"/> is <c>kind/id</c>.</summary>
public sealed record CommandResponse(
    DateTimeOffset At, string Topic, string? Device, string? Command, string? Value, string? Correlation,
    CommandResult Result, string? Reason, IReadOnlyList<string> Rules, IReadOnlyList<PlanDrop> Drops, Plan? Plan)
{
    /// <summary>The answer's own: one that comes twice, because a connection was cut, has the same; a second answer has another. Given by who sends it.</summary>
    public string? Id { get; init; }
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
