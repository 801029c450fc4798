using Gateway.Alignment.Spread;
using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Playback.Audio;
using Gateway.Playback.Calibration;
using Gateway.Playback.Telemetry;

namespace Gateway.Tests.Playback;

/// <summary>What is known of a speaker, and from when on it is not known any more.</summary>
public sealed class MemberTests
{
    private static readonly TimeSpan s_now = TimeSpan.FromDays(1000);
    private readonly Member _member;

    public MemberTests()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(capacity: 16_384, ppm: 0);
        stage.Run(3);
        _member = new Member(new PlaybackMember("a", "A", new OutputRef("bluez", "a", "a"), 0), new SpeakerOutput(output), lane, null);
        _member.Update();
        _member.TakeCalibration(new LearnedLatency(200, 16, DateTimeOffset.UnixEpoch), s_now);
    }

    [Fact]
    public void From_the_third_window_on_that_missed_it_nothing_is_known_of_it_until_it_is_heard_again()
    {
        Assert.False(_member.MissWindow());
        Assert.False(_member.MissWindow());
        AssertKnown();

        Assert.True(_member.MissWindow());
        AssertUnknown();
        Assert.False(_member.MissWindow()); // said once
        AssertUnknown();

        _member.TakeTracking(s_now);
        AssertKnown();
        Assert.False(_member.MissWindow());
    }

    [Fact]
    public void A_calibration_is_evidence_anew()
    {
        for (var i = 0; i < 3; i++) _member.MissWindow();

        _member.TakeCalibration(new LearnedLatency(201, 16, DateTimeOffset.UnixEpoch), s_now);

        AssertKnown();
    }

    private void AssertKnown()
    {
        var tick = _member.Judge(200, s_now);
        Assert.Equal(AlignmentEvidence.Acoustic, tick.Evidence);
        Assert.True(double.IsFinite(tick.OffsetMs));
        var shown = _member.ToPlayback(s_now);
        Assert.Equal((CalibrationState.Valid, AlignmentEvidence.Acoustic), (shown.Calibration.State, shown.Sync.Evidence));
        Assert.NotNull(shown.Sync.OffsetMs);
        Assert.NotNull(shown.Sync.LatencyMs);
    }

    /// <summary>To the classifier it is a speaker that was never measured: no class, no spread.</summary>
    private void AssertUnknown()
    {
        var tick = _member.Judge(200, s_now);
        Assert.Equal(AlignmentEvidence.Host, tick.Evidence);
        Assert.True(double.IsNaN(tick.OffsetMs));
        var shown = _member.ToPlayback(s_now);
        Assert.Equal(CalibrationState.Stale, shown.Calibration.State);
        Assert.Null(shown.Sync.OffsetMs);
        Assert.Null(shown.Sync.LatencyMs);
    }
}
