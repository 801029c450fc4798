using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Playback;

/// <summary>A speaker that a group shall sound on, and the way to it.</summary>
internal sealed record PlaybackMember(string Speaker, string Name, OutputRef Output, double TrimMs)
{
    /// <summary>S1: it is fed faintly while nothing else sounds on it.</summary>
    public bool KeepAwake { get; init; }

    /// <summary>How far we turn the sound down for it; 100 where it has a volume of its own.</summary>
    public int VolumePercent { get; init; } = 100;

    /// <summary>When its present link was made, by the monotonic clock; null: not known.</summary>
    public TimeSpan? LinkedAt { get; init; }

    /// <summary>The same speaker at the same end of the same link.</summary>
    public bool IsAt(PlaybackMember other) => Speaker == other.Speaker && Output.IsSame(other.Output);
}

/// <summary>What a group shall play, in whole: the engine brings about the difference to what it does now.</summary>
/// <param name="SourceLink">The way to the source as it stands now (<see cref="SourceOpening"/>); null: it has none, or needs none.</param>
/// <param name="Missing">Members that shall sound and have no link.</param>
internal sealed record PlaybackRequest(
    string Group, string Name, SourceRef? Source, string? SourceLink, bool Muted,
    IReadOnlyList<PlaybackMember> Members, IReadOnlyList<string> Missing)
{
    /// <summary>The source as people know it; null: as it is written.</summary>
    public string? SourceName { get; init; }
}

/// <summary>What comes from a group's source.</summary>
internal enum SourceFlow
{
    /// <summary>It is not open: it could not be, or has ended.</summary>
    Closed,

    /// <summary>It is open, and it is too early to say.</summary>
    Waiting,

    /// <summary>It is open, and nothing comes, or nothing that could be heard.</summary>
    Quiet,
    Sounding,
}

/// <summary>A speaker in a group that plays. The figures change at most every 10 s, and at once with the group's class.</summary>
/// <param name="DelayMs">What is added in all, trim included.</param>
/// <param name="IsRunning">Its device has begun to take what is written: sound or silence goes out there.</param>
internal sealed record SpeakerPlayback(double DelayMs, CalibrationFigures Calibration, SpeakerFigures Sync, bool IsRunning);

/// <summary>What a group does now.</summary>
/// <param name="Request">What it was asked for: the latest that was taken up.</param>
/// <param name="Sounding">Speakers whose output is open.</param>
/// <param name="Problems">Why others are not, by speaker.</param>
/// <param name="Source">What comes from the source.</param>
/// <param name="SourceProblem">Why the source is closed, or why nothing comes although it is open; null: it is open and nothing is known against it, or it opens in a moment.</param>
/// <param name="Calibrating">The calibration's phase; null: none runs.</param>
/// <param name="Unheard">Speakers that listening along should have heard and did not: what was measured of them counts no more.</param>
internal sealed record GroupPlayback(
    PlaybackRequest Request, IReadOnlyDictionary<string, SpeakerPlayback> Sounding, IReadOnlyDictionary<string, string> Problems, SourceFlow Source, string? SourceProblem, string? Calibrating,
    GroupFigures Sync, IReadOnlyList<string> Unheard);

/// <summary>Every started group; replaced whole on each change.</summary>
internal sealed record PlaybackSnapshot(IReadOnlyDictionary<string, GroupPlayback> Groups)
{
    public static PlaybackSnapshot Empty { get; } = new(new Dictionary<string, GroupPlayback>());
}
