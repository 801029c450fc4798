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
    private readonly LaneStage _stage = new();
    private readonly ExactOutput _output;
    private readonly Member _member;

    public MemberTests()
    {
        var (output, lane) = _stage.Add(capacity: 16_384, ppm: 0);
        _output = output;
        _stage.Run(3);
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

    [Fact]
    public void It_sounds_no_more_where_it_plays_gaps_for_seconds_and_is_stuck_where_that_lasts()
    {
        Assert.True(_member.IsRunning);
        _output.Starve(11 * _output.SampleRate);

        Ticks(20);
        Assert.True(_member.IsRunning); // a drop-out, so far
        Ticks(20);
        Assert.False(_member.IsRunning);
        Assert.False(_member.ToPlayback(s_now).IsRunning);
        Assert.False(_member.IsStuck);
        Ticks(65);
        Assert.True(_member.IsStuck);

        Ticks(40);
        Assert.True(_member.IsRunning);
        Assert.False(_member.IsStuck);
    }

    /// <summary>Of 0.1 s.</summary>
    private void Ticks(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _stage.Run(0.1);
            _member.Update();
        }
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
