using System.Text.Json;
using Gateway.Alignment.Drift;
using Gateway.Alignment.Spread;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler;

namespace Gateway.Tests.Reconciler;

/// <summary>The words in which the house tells what playback knows (docs/mqtt.md).</summary>
public sealed class PlaybackDocumentsTests
{
    private static readonly DateTimeOffset s_at = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly SpeakerFigures s_figures = new(0.125, 201.5, -12.25, 0.01, 0.75, AlignmentEvidence.Acoustic, 3.5);

    [Fact]
    public void A_report_of_a_second_is_the_telemetry_of_each_group_and_speaker()
    {
        var report = new PlaybackReport(
            s_at, new Dictionary<string, GroupReading> { ["party"] = new(new GroupFigures(0.8, AlignmentClass.Locked, AlignmentEvidence.Acoustic, 3.5, ["bath", "loft"]), ["shed"]) },
            new Dictionary<string, SpeakerReading> { ["bath"] = new("party", s_figures, 12.5, 2, DriftLoopState.Tracking) }, "<svg/>");

        var told = PlaybackDocuments.ReportOf(report);

        Assert.Equal("<svg/>", told.Plot);
        Assert.Equal(
            """{"at":"2026-01-02T03:04:05+00:00","spread_ms":0.8,"class":"locked","evidence":"acoustic","age_s":3.5,"worst":["bath","loft"],"missing":["shed"]}""",
            JsonSerializer.Serialize(told.Groups["party"], SyncJson.Default.GroupTelemetry));
        Assert.Equal(
            """{"at":"2026-01-02T03:04:05+00:00","group":"party","offset_ms":0.125,"latency_ms":201.5,"drift_ppm":-12.25,"correction_ppm":12.5,"jitter_ms":0.01,"confidence":0.75,"dropouts":2,"evidence":"acoustic","age_s":3.5,"loop":"tracking"}""",
            JsonSerializer.Serialize(told.Speakers["bath"], SyncJson.Default.SpeakerTelemetry));
    }

    [Fact]
    public void A_speaker_that_was_never_heard_has_no_confidence_in_its_state_and_none_at_all_in_its_telemetry()
    {
        var unheard = s_figures with { OffsetMs = null, Confidence = null, Evidence = AlignmentEvidence.Host, AgeS = null };

        var state = PlaybackDocuments.SyncOf(new SpeakerPlayback(12, new CalibrationFigures(CalibrationState.None), unheard, true));
        var report = PlaybackDocuments.ReportOf(new PlaybackReport(s_at, new Dictionary<string, GroupReading>(), new Dictionary<string, SpeakerReading> { ["bath"] = new("party", unheard, 0, 0, DriftLoopState.Priming) }, null));

        Assert.Equal((null, SyncEvidence.Host), (state.Confidence, state.Evidence));
        Assert.Equal((0.0, LoopState.Priming), (report.Speakers["bath"].Confidence, report.Speakers["bath"].Loop));
    }

    [Fact]
    public void What_does_not_play_has_no_figures_and_says_who_is_missing_all_the_same()
    {
        Assert.Same(CalibrationDocument.None, PlaybackDocuments.CalibrationOf(null));
        Assert.Same(SpeakerSyncDocument.Nothing, PlaybackDocuments.SyncOf(null));
        Assert.Equal(GroupSyncDocument.Nothing with { Missing = ["loft"] }, PlaybackDocuments.SyncOf(null, ["loft"]));
    }

    [Theory]
    [InlineData(0, CalibrationStatus.None)]
    [InlineData(1, CalibrationStatus.Valid)]
    [InlineData(2, CalibrationStatus.Stale)]
    public void A_calibration_has_its_state_in_words(int state, CalibrationStatus word) =>
        Assert.Equal(new CalibrationDocument(word, s_at, 200, 12), PlaybackDocuments.CalibrationOf(new SpeakerPlayback(0, new CalibrationFigures((CalibrationState)state, s_at, 200, 12), s_figures, true)));

    [Fact]
    public void Every_kind_of_event_has_its_word_in_the_contract()
    {
        var words = Enum.GetValues<PlaybackEventKind>().Select(PlaybackDocuments.EventTypeOf).ToList();

        Assert.Equal(words.Count, words.Distinct().Count());
    }

    [Fact]
    public void Every_class_and_every_evidence_has_its_word()
    {
        foreach (var known in Enum.GetValues<AlignmentClass>()) Assert.Equal(known.ToString(), Sync(known, AlignmentEvidence.Host).Class.ToString());
        Assert.Equal([null, SyncEvidence.Reported, SyncEvidence.Host, SyncEvidence.Acoustic], Enum.GetValues<AlignmentEvidence>().Select(e => Sync(null, e).Evidence));

        static GroupSyncDocument Sync(AlignmentClass? known, AlignmentEvidence evidence) => PlaybackDocuments.SyncOf(
            new GroupPlayback(new PlaybackRequest("party", "Party", null, null, false, [], []), new Dictionary<string, SpeakerPlayback>(), new Dictionary<string, string>(), SourceFlow.Sounding, null, null,
                new GroupFigures(1, known, evidence, null, []), []), []);
    }
}
