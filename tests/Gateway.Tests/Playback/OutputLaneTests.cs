using Gateway.Alignment.Drift;
using Gateway.Playback.Audio;

namespace Gateway.Tests.Playback;

/// <summary>What devices with exact clocks really play, against the group's line.</summary>
public sealed class OutputLaneTests
{
    private const int Small = 4096;
    private const int Large = 16_384;

    [Theory]
    [InlineData(8192, 0)]
    [InlineData(Large, 100)]
    [InlineData(Small, -100)]
    public void An_output_of_any_buffer_and_clock_starts_on_the_line_and_stays_there(int capacity, double ppm)
    {
        var stage = new LaneStage();
        var (output, _) = stage.Add(capacity, ppm);

        stage.Run(20);

        Assert.All(stage.OffsetsMs(output, 18.5), offset => Assert.InRange(offset, -0.15, 0.15));
        Assert.All(stage.OffsetsMs(output, 5), offset => Assert.InRange(offset, -0.05, 0.05));
        Assert.DoesNotContain(float.NaN, output.Played);
    }

    [Theory]
    [InlineData(16_000)]
    [InlineData(32_000)]
    [InlineData(44_100)]
    [InlineData(192_000)]
    public void An_output_of_any_rate_starts_on_the_line_and_stays_there(int sampleRate)
    {
        var stage = new LaneStage();
        var (output, _) = stage.Add(sampleRate / 2, 40, sampleRate: sampleRate);

        stage.Run(20);

        Assert.True(output.IsOpen);
        Assert.All(stage.OffsetsMs(output, 5), offset => Assert.InRange(offset, -0.05, 0.05));
        Assert.DoesNotContain(float.NaN, output.Played);
    }

    [Fact]
    public void A_line_that_becomes_later_for_the_sake_of_a_deep_device_takes_every_lane_with_it()
    {
        var stage = new LaneStage();
        var (fast, fastLane) = stage.Add(9_600, 50);
        var (slow, slowLane) = stage.Add(9_600, -50);
        stage.Run(5);

        stage.Line.Delay(4_800);
        fastLane.FollowLine(4_800);
        slowLane.FollowLine(4_800);
        stage.Run(4);

        Assert.All(stage.OffsetsMs(fast, 2).Concat(stage.OffsetsMs(slow, 2)), offset => Assert.InRange(offset, -0.3, 0.3));
        Assert.Equal((0, 0), (fastLane.Figures.Read().Jumps, slowLane.Figures.Read().Jumps)); // nothing was found to be wrong
    }

    [Fact]
    public void A_fault_of_one_output_closes_it_alone()
    {
        var stage = new LaneStage();
        var (other, _) = stage.Add(8192, 0);
        SpeakerOutput? held = null;
        var (broken, _) = stage.Add(8192, 0, before: (_, output) => held = output);
        stage.Run(5);

        broken.Breaks = true;
        stage.Run(5);

        Assert.False(held!.IsOpen);
        Assert.IsType<InvalidOperationException>(held.Fault);
        Assert.All(stage.OffsetsMs(other, 5), offset => Assert.InRange(offset, -0.15, 0.15));
        Assert.DoesNotContain(float.NaN, other.Played);
    }

    [Theory]
    [InlineData(8192, 0)]
    [InlineData(Large, 100)]
    public void An_output_that_was_held_open_and_fed_before_starts_on_the_line_too_without_a_gap(int capacity, double ppm)
    {
        var stage = new LaneStage();

        var (output, _) = stage.Add(capacity, ppm, before: FeedForTwoSeconds);
        stage.Run(20);

        Assert.All(stage.OffsetsMs(output, 18.5), offset => Assert.InRange(offset, -0.15, 0.15));
        Assert.All(stage.OffsetsMs(output, 5), offset => Assert.InRange(offset, -0.05, 0.05));
        Assert.DoesNotContain(float.NaN, output.Played);

        static void FeedForTwoSeconds(ExactOutput device, SpeakerOutput held)
        {
            var now = device.Now;
            for (device.Now -= 2_000_000_000; device.Now < now; device.Now += 50_000_000) held.FillWithSilence(9600);
        }
    }

    [Fact]
    public void A_starved_output_drops_what_was_silent_and_the_others_do_not_move()
    {
        var stage = new LaneStage();
        var (starved, lane) = stage.Add(8192, 40);
        var (other, _) = stage.Add(8192, -40);
        stage.Run(10);

        starved.Starve(2400);
        stage.Run(3);

        Assert.Equal(2400, lane.Figures.Read().UnderrunFrames);
        Assert.Equal(1, lane.Figures.Read().Underruns);
        Assert.All(stage.OffsetsMs(starved, 2.5), offset => Assert.InRange(offset, -0.1, 0.1));
        Assert.All(stage.OffsetsMs(other, 3), offset => Assert.InRange(offset, -0.1, 0.1));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void A_gap_that_the_device_first_told_wrong_is_mended_when_it_knows_better(int wrong)
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 40);
        stage.Run(10);
        output.Starve(2400);
        stage.Run(0.01);
        output.MisreportedFrames = wrong;
        stage.Run(0.15);

        output.MisreportedFrames = 0;
        stage.Run(3);

        Assert.Equal(2400, lane.Figures.Read().UnderrunFrames);
        Assert.Equal(1, lane.Figures.Read().Underruns);
        Assert.All(stage.OffsetsMs(output, 2), offset => Assert.InRange(offset, -0.1, 0.1));
    }

    [Fact]
    public void An_output_that_starves_before_it_has_started_is_on_the_line_from_its_first_sound()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 0);
        stage.Run(0.06); // primed, and its clock has begun to tick

        output.Starve(4800);
        stage.Run(3);

        Assert.Equal(0, lane.Figures.Read().Jumps);
        Assert.All(stage.OffsetsMs(output, 2.5), offset => Assert.InRange(offset, -0.1, 0.1));
    }

    [Fact]
    public void After_the_process_stood_still_for_two_seconds_everything_is_on_the_line_again()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 100);
        stage.Run(10);

        stage.Stall(2);
        stage.Run(3);

        Assert.InRange(lane.Figures.Read().UnderrunFrames, 86_000, 88_000); // 2 s less what lay in the output
        Assert.All(stage.OffsetsMs(output, 2.5), offset => Assert.InRange(offset, -0.2, 0.2));
    }

    [Fact]
    public void A_new_delay_is_heard_exactly_and_without_a_gap()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 0);
        stage.Run(10);

        lane.SetDelay(123.4);
        stage.Run(3);

        Assert.DoesNotContain(float.NaN, output.Played);
        Assert.All(stage.OffsetsMs(output, 1), offset => Assert.InRange(offset, 123.35, 123.45));
        Assert.InRange(lane.Figures.Read().OffsetUs, -30, 30); // the delay is wanted: it is no offset
    }

    [Fact]
    public void A_clock_error_is_found_with_its_sign()
    {
        var stage = new LaneStage();
        var (_, lane) = stage.Add(8192, 80);

        stage.Run(30);

        var figures = lane.Figures.Read();
        Assert.Equal(DriftLoopState.Tracking, figures.Loop);
        Assert.InRange(figures.DriftPpm, 78, 82);
        Assert.InRange(figures.CorrectionPpm, -84, -76);
    }

    [Fact]
    public void Mute_is_silence_in_time()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 0);
        stage.Run(3);

        lane.SetMuted(true);
        stage.Run(1);
        Assert.All(output.Played.TakeLast(24_000), sample => Assert.Equal(0, sample));

        lane.SetMuted(false);
        stage.Run(2);
        Assert.All(stage.OffsetsMs(output, 1), offset => Assert.InRange(offset, -0.1, 0.1));
    }

    [Fact]
    public void A_mute_takes_as_long_while_a_new_delay_is_cross_faded_as_without_one()
    {
        var stage = new LaneStage();
        var (fading, lane) = stage.Add(8192, 0);
        var (plain, other) = stage.Add(8192, 0);
        stage.Run(10);

        lane.SetDelay(50);
        lane.SetMuted(true);
        other.SetMuted(true);
        stage.Run(1);

        Assert.InRange(LastSounding(fading) - LastSounding(plain), -48, 48);

        static int LastSounding(ExactOutput output) => output.Played.FindLastIndex(sample => Math.Abs(sample) > 0.001f);
    }

    [Fact]
    public void A_probe_sounds_at_its_place_on_the_line_while_the_music_is_ducked()
    {
        var stage = new LaneStage();
        var (output, lane) = stage.Add(8192, 0);
        stage.Run(5);
        var probe = new float[48_000];
        Array.Fill(probe, 0.5f);
        var start = (long)stage.Line.PositionAt(stage.Line.StartNanoseconds + 5e9) + 24_000;

        lane.SetDucked(true);
        lane.SetProbe(probe, start, 1);
        stage.Run(3);

        var first = output.Played.FindIndex(255_000, sample => sample > 0.25f); // the music's ramp down is over by then
        var due = stage.Line.NanosecondsOf(start);
        Assert.InRange((output.NanosecondsOf(first) - due) / 1e6, -0.1, 0.1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_audio_thread_allocates_nothing(bool keepAwake)
    {
        var timeline = new Timeline();
        var line = new GroupLine(0);
        var output = new ConsumingOutput();
        var lane = new OutputLane(new SpeakerOutput(output) { KeepAwake = keepAwake }, timeline, line, 20, muted: false);
        long now = 0;
        void Run(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                now += 5_000_000;
                output.Now = now;
                timeline.WriteSilence(line.WrittenBy(now) - timeline.End);
                lane.Run(TimeSpan.FromTicks(now / 100));
            }
        }

        Run(400); // everything is compiled and started
        var delayMs = 80;
        var allocated = Allocated.Least(() =>
        {
            lane.SetDelay(delayMs++);
            Run(1000);
        });

        Assert.Equal(0, allocated);
        Assert.Equal(DriftLoopState.Tracking, lane.Figures.Read().Loop);
    }

    /// <summary>Takes frames by the clock and keeps nothing, so that only the lane could allocate.</summary>
    private sealed class ConsumingOutput : Gateway.Engine.Ports.IAudioOutput
    {
        private long _written;
        private long _start = -1;

        public long Now { get; set; }
        public int SampleRate => 48_000;
        public bool LatencyVisible => true;
        public double? DeclaredLatencyMs => 0;
        public bool IsOpen => true;
        public int FreeFrames => (int)(8192 - (_written - Consumed));
        private long Consumed => _start < 0 ? 0 : Math.Min(_written, (Now - _start) * 48 / 1_000_000);

        public int Write(ReadOnlySpan<float> stereo)
        {
            if (_start < 0) _start = Now;
            _written += stereo.Length / 2;
            return stereo.Length / 2;
        }

        public bool TryReadClock(out Gateway.Engine.Ports.OutputClock clock)
        {
            clock = new Gateway.Engine.Ports.OutputClock(Consumed, 0, Now);
            return Consumed > 0;
        }

        public void Dispose()
        {
        }
    }
}
