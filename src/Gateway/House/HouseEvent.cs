namespace Gateway.House;

/// <summary>What happened, for <c>tutti/event</c> and Home Assistant's event entity.</summary>
/// <param name="EventType">One of <see cref="HouseEventTypes.All"/>.</param>
public sealed record HouseEvent(string EventType, DateTimeOffset At, string? Device, string? Peer, string? Group, string Text, IReadOnlyList<string> Rules)
{
    /// <summary>The number by which <c>pairing_answer</c> names a <c>pairing_question</c>; null: the event is none.</summary>
    public int? Question { get; init; }
}

public static class HouseEventTypes
{
    public static IReadOnlyList<string> All { get; } =
    [
        "link_replaced", "link_lost", "link_restored", "dropout", "jump", "calibrated", "calibration_failed", "needs_calibration",
        "member_missing", "member_back", "held_elsewhere", "pairing", "pairing_question", "source_changed", "problem",
    ];
}
