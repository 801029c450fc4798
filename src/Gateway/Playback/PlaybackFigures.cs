using Gateway.Alignment.Drift;
using Gateway.Alignment.Spread;

namespace Gateway.Playback;

/// <summary>What a speaker's latency, as a microphone heard it, is worth.</summary>
internal enum CalibrationState
{
    /// <summary>It was never heard.</summary>
    None,

    /// <summary>Over this link.</summary>
    Valid,

    /// <summary>Over an earlier link, or it should have been heard again since and was not: a guess.</summary>
    Stale,
}

/// <summary>What the latest calibration that heard a speaker found.</summary>
/// <param name="Quality">Of the estimate.</param>
internal sealed record CalibrationFigures(CalibrationState State, DateTimeOffset? At = null, double? LatencyMs = null, double? Quality = null);

/// <summary>How a speaker is in time. Null: not known; without acoustic evidence there is no offset.</summary>
/// <param name="JitterMs">Standard deviation of the offset over 10 s.</param>
/// <param name="Confidence">0..1: how sure the offset is, from the calibration's quality and the loop's state; null: it was never heard.</param>
internal sealed record SpeakerFigures(
    double? OffsetMs, double? LatencyMs, double? DriftPpm, double? JitterMs, double? Confidence, AlignmentEvidence Evidence, double? AgeS);

/// <summary>How a group is in time.</summary>
/// <param name="Evidence">None: there is none.</param>
/// <param name="Worst">The earliest and the latest speaker; empty: not known.</param>
internal sealed record GroupFigures(double? SpreadMs, AlignmentClass? Class, AlignmentEvidence Evidence, double? AgeS, IReadOnlyList<string> Worst);

/// <summary>A speaker's figures of one second.</summary>
/// <param name="Dropouts">Gaps since the output was opened.</param>
internal sealed record SpeakerReading(string Group, SpeakerFigures Sync, double CorrectionPpm, int Dropouts, DriftLoopState Loop);

/// <summary>A group's figures of one second.</summary>
/// <param name="Missing">Members that shall sound and have no link.</param>
internal sealed record GroupReading(GroupFigures Sync, IReadOnlyList<string> Missing);

/// <summary>Everything that is measured once a second, by id.</summary>
/// <param name="Plot">A new picture of the offsets (SVG); null: unchanged.</param>
internal sealed record PlaybackReport(
    DateTimeOffset At, IReadOnlyDictionary<string, GroupReading> Groups, IReadOnlyDictionary<string, SpeakerReading> Speakers, string? Plot);

internal enum PlaybackEventKind
{
    Dropout,
    Jump,
    Calibrated,
    CalibrationFailed,
    NeedsCalibration,
    Problem,
}

/// <summary>Something that playback noticed.</summary>
/// <param name="Speaker">Null: it is the group's.</param>
internal sealed record PlaybackEvent(PlaybackEventKind Kind, string? Speaker, string Group, string Text);
