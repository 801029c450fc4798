using Gateway.Alignment.Drift;
using Gateway.Alignment.Spread;
using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;

namespace Gateway.Reconciler;

/// <summary>What playback publishes, in the words of the house's documents: the one place where the two meet.</summary>
internal static class PlaybackDocuments
{
    public static CalibrationDocument CalibrationOf(SpeakerPlayback? playing) => playing?.Calibration is { } known
        ? new CalibrationDocument(StateOf(known.State), known.At, known.LatencyMs, known.Quality)
        : CalibrationDocument.None;

    public static SpeakerSyncDocument SyncOf(SpeakerPlayback? playing) => playing?.Sync is { } figures
        ? new SpeakerSyncDocument(figures.OffsetMs, figures.LatencyMs, figures.DriftPpm, figures.JitterMs, figures.Confidence, EvidenceOf(figures.Evidence), figures.AgeS)
        : SpeakerSyncDocument.Nothing;

    /// <param name="missing">Members that shall sound and have no link.</param>
    public static GroupSyncDocument SyncOf(GroupPlayback? playing, IEnumerable<string> missing) => playing?.Sync is { } figures
        ? new GroupSyncDocument(figures.SpreadMs, ClassOf(figures.Class), EvidenceOf(figures.Evidence), figures.AgeS, [.. figures.Worst], [.. missing])
        : GroupSyncDocument.Nothing with { Missing = [.. missing] };

    public static SyncReport ReportOf(PlaybackReport report) => new(
        report.Groups.ToDictionary(g => g.Key, g => TelemetryOf(report.At, g.Value), StringComparer.Ordinal),
        report.Speakers.ToDictionary(s => s.Key, s => TelemetryOf(report.At, s.Value), StringComparer.Ordinal), report.Plot);

    public static HouseEventType EventTypeOf(PlaybackEventKind kind) => kind switch
    {
        PlaybackEventKind.Dropout => HouseEventType.Dropout,
        PlaybackEventKind.Jump => HouseEventType.Jump,
        PlaybackEventKind.Calibrated => HouseEventType.Calibrated,
        PlaybackEventKind.CalibrationFailed => HouseEventType.CalibrationFailed,
        PlaybackEventKind.NeedsCalibration => HouseEventType.NeedsCalibration,
        PlaybackEventKind.Problem => HouseEventType.Problem,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static GroupTelemetry TelemetryOf(DateTimeOffset at, GroupReading reading) => new(
        at, reading.Sync.SpreadMs, ClassOf(reading.Sync.Class), EvidenceOf(reading.Sync.Evidence), reading.Sync.AgeS, reading.Sync.Worst, reading.Missing);

    private static SpeakerTelemetry TelemetryOf(DateTimeOffset at, SpeakerReading reading) => new(
        at, reading.Group, reading.Sync.OffsetMs, reading.Sync.LatencyMs, reading.Sync.DriftPpm, reading.CorrectionPpm, reading.Sync.JitterMs, reading.Sync.Confidence ?? 0,
        reading.Dropouts, EvidenceOf(reading.Sync.Evidence), reading.Sync.AgeS, LoopOf(reading.Loop));

    private static CalibrationStatus StateOf(CalibrationState state) => state switch
    {
        CalibrationState.None => CalibrationStatus.None,
        CalibrationState.Valid => CalibrationStatus.Valid,
        CalibrationState.Stale => CalibrationStatus.Stale,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    private static SyncEvidence? EvidenceOf(AlignmentEvidence evidence) => evidence switch
    {
        AlignmentEvidence.None => null,
        AlignmentEvidence.Reported => SyncEvidence.Reported,
        AlignmentEvidence.Host => SyncEvidence.Host,
        AlignmentEvidence.Acoustic => SyncEvidence.Acoustic,
        _ => throw new ArgumentOutOfRangeException(nameof(evidence), evidence, null),
    };

    private static LoopState LoopOf(DriftLoopState state) => state switch
    {
        DriftLoopState.Idle => LoopState.Idle,
        DriftLoopState.Priming => LoopState.Priming,
        DriftLoopState.Acquiring => LoopState.Acquiring,
        DriftLoopState.Tracking => LoopState.Tracking,
        DriftLoopState.Coasting => LoopState.Coasting,
        DriftLoopState.Lost => LoopState.Lost,
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    private static SyncClass? ClassOf(AlignmentClass? known) => known switch
    {
        null => null,
        AlignmentClass.Locked => SyncClass.Locked,
        AlignmentClass.Tight => SyncClass.Tight,
        AlignmentClass.Roomwide => SyncClass.Roomwide,
        AlignmentClass.Loose => SyncClass.Loose,
        AlignmentClass.Smeared => SyncClass.Smeared,
        AlignmentClass.Split => SyncClass.Split,
        _ => throw new ArgumentOutOfRangeException(nameof(known), known, null),
    };
}
