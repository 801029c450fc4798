using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>A speaker's link life over a sliding window: immutable, given the time from outside. Stability is 0-5, as in the catalogue.</summary>
/// <param name="Events">Drop-outs, failed and good connects, oldest first.</param>
public sealed record StabilityWindow(IReadOnlyList<LinkEvent> Events)
{
    /// <summary>Two weeks: long enough for enough evidence, short enough to forget a bad dongle.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromDays(14);

    /// <summary>Measured beats catalogued from so many events on.</summary>
    public const int EnoughEvents = 10;

    private const int MostEvents = 500;

    public static StabilityWindow Empty { get; } = new([]);

    public StabilityWindow Add(LinkEvent happened) => new([.. Events.Where(e => IsNear(e, happened.At)).TakeLast(MostEvents - 1), happened]);

    /// <summary>The measured score, else the catalogue's; null where there is neither.</summary>
    public (double Value, StabilityEvidence Evidence)? Score(DateTimeOffset now, SpeakerModel? model)
    {
        var recent = Recent(now).ToArray();
        if (recent.Length >= EnoughEvents) return (Measured(recent), StabilityEvidence.Measured);
        return model?.Stability is { } rated ? (Math.Clamp(rated, 0, 5), StabilityEvidence.Catalogue) : null;
    }

    // The share of good events; a drop-out weighs as much as a failed connect, for either is a moment of silence.
    private static double Measured(LinkEvent[] recent) => Math.Round(5.0 * recent.Count(e => e.Kind == LinkEventKind.Connected) / recent.Length, 1);

    private IEnumerable<LinkEvent> Recent(DateTimeOffset now) => Events.Where(e => IsNear(e, now));

    // A clock that was set back shows what has just happened in the future; what lies far in it was written by a wrong clock.
    private static bool IsNear(LinkEvent happened, DateTimeOffset now) => (now - happened.At).Duration() < Length;
}

/// <summary>What a stability is known from.</summary>
public enum StabilityEvidence
{
    [JsonStringEnumMemberName("measured")] Measured,
    [JsonStringEnumMemberName("catalogue")] Catalogue,
}

/// <summary>What happened to a link. An hour of playing without a drop-out counts as <see cref="Connected"/> too.</summary>
public enum LinkEventKind
{
    Connected,
    ConnectFailed,
    Dropout,
}

/// <summary>One event of a speaker's link.</summary>
public readonly record struct LinkEvent(DateTimeOffset At, LinkEventKind Kind);
