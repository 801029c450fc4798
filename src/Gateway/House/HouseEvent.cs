namespace Gateway.House;

/// <summary>What happened, for <c>tutti/event</c> and Home Assistant's event entity.</summary>
public sealed record HouseEvent(HouseEventType EventType, DateTimeOffset At, string? Device, string? Peer, string? Group, string Text, IReadOnlyList<string> Rules)
{
    /// <summary>The number by which <c>pairing_answer</c> names a <c>pairing_question</c>; null: the event is none.</summary>
    public int? Question { get; init; }
}
