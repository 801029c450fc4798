using Gateway.Alignment.Drift;

namespace Gateway.Alignment.Tests.Drift;

public sealed class DriftLoopTests
{
    private static readonly DriftSource s_source = DriftSource.Microphone;

    [Fact]
    public void A_loop_goes_from_idle_through_priming_and_acquiring_to_tracking()
    {
        var loop = new DriftLoop(s_source, new DriftLimits(JumpsAllowed: false));
        var states = new List<DriftLoopState> { loop.State };

        loop.Prime(At(0));
        states.Add(loop.State);
        loop.Start(At(1));
        states.Add(loop.State);
        Measure(loop, 4_000, 5, 10, 15);
        states.Add(loop.State);
        Measure(loop, 0, 20, 25, 30, 35);
        states.Add(loop.State);

        Assert.Equal([DriftLoopState.Idle, DriftLoopState.Priming, DriftLoopState.Acquiring, DriftLoopState.Acquiring, DriftLoopState.Tracking], states);
    }

    [Fact]
    public void The_filter_starts_at_the_median_of_three_measurements()
    {
        var loop = Started();

        loop.Measure(100, At(5));
        loop.Measure(900, At(10));
        loop.Measure(200, At(15));

        Assert.Equal(200, loop.GetStatus().OffsetUs);
    }

    [Fact]
    public void A_fast_device_has_positive_drift_and_is_corrected_downwards()
    {
        var loop = Started();
        var offset = 0.0;
        for (var time = 5; time < 300; time += 5)
        {
            loop.Measure(offset, At(time));
            offset += (-80 - loop.CorrectionPpm) * 5;
        }

        Assert.Equal(80, loop.GetStatus().DriftPpm!.Value, 1.0);
        Assert.Equal(-80, loop.CorrectionPpm, 2.0);
        Assert.InRange(offset, -100, 100);
    }

    [Fact]
    public void An_outlier_is_refused_twice_running_and_the_third_is_believed()
    {
        var loop = Tracking();

        var outcomes = new[] { 120, 125, 130 }.Select(time => loop.Measure(4_000, At(time)).Outcome);

        Assert.Equal([DriftOutcome.Refused, DriftOutcome.Refused, DriftOutcome.Relocated], outcomes);
        Assert.InRange(loop.GetStatus().OffsetUs!.Value, 3_500, 4_100);
    }

    [Fact]
    public void A_speaker_that_has_really_moved_and_changed_its_rate_is_followed_within_90_s()
    {
        var loop = Started();
        var offset = 0.0;
        for (var time = 5; time <= 1_290; time += 5)
        {
            // After 20 quiet minutes: 4 ms at once and 80 ppm from then on.
            offset += time == 1_200 ? 4_000 : 0;
            loop.Measure(offset, At(time));
            offset += ((time >= 1_200 ? 80 : 0) - loop.CorrectionPpm) * 5;
        }

        Assert.InRange(offset, -150, 150);
    }

    [Fact]
    public void Two_measurements_more_than_5_ms_off_that_agree_are_jumped_whole()
    {
        var loop = Tracking();

        var first = loop.Measure(20_000, At(120));
        var second = loop.Measure(20_100, At(125));

        Assert.Equal((DriftOutcome.Refused, 0.0), (first.Outcome, first.JumpUs));
        Assert.Equal(DriftOutcome.Jumped, second.Outcome);
        Assert.InRange(second.JumpUs, 20_000, 20_100);
        Assert.Equal(0, loop.GetStatus().OffsetUs);
    }

    [Fact]
    public void Two_far_measurements_that_contradict_each_other_are_not_jumped()
    {
        var loop = Tracking();
        loop.Measure(20_000, At(120));

        Assert.Equal(0, loop.Measure(-9_000, At(125)).JumpUs);
    }

    [Fact]
    public void A_second_jump_waits_10_s_and_a_third_within_a_minute_is_refused_as_unstable()
    {
        var loop = Tracking();
        var jumps = new List<double>();
        var offset = 20_000.0;
        for (var time = 120.0; time < 150; time += 2)
        {
            var step = loop.Measure(offset, At(time));
            if (step.JumpUs != 0)
                jumps.Add(time);

            // After each jump the speaker falls back again by 20 ms.
            offset += (step.JumpUs != 0 ? 20_000 - step.JumpUs : 0) - loop.CorrectionPpm * 2;
        }

        Assert.Equal([122, 132], jumps);
        Assert.True(loop.GetStatus().IsUnstable);
    }

    [Fact]
    public void Of_a_muted_speaker_an_error_of_any_size_is_jumped()
    {
        var loop = Started();
        loop.Measure(1_000, At(5), isMuted: true);
        loop.Measure(1_000, At(10), isMuted: true);

        Assert.Equal(1_000, loop.Measure(1_000, At(15), isMuted: true).JumpUs);
    }

    [Theory]
    [InlineData(15_000, 2_000)]
    [InlineData(1_900, 290)]
    [InlineData(-15_000, -2_000)]
    public void The_correction_is_limited_to_2000_ppm_far_off_and_500_near(double offset, double highest)
    {
        var loop = Started(new DriftLimits(JumpsAllowed: false));

        Measure(loop, offset, 5, 10, 15);

        Assert.InRange(Math.Abs(loop.CorrectionPpm), 0, Math.Min(Math.Abs(highest), Math.Abs(offset) > 2_000 ? 2_000 : 500));
        Assert.Equal(Math.Sign(highest), Math.Sign(loop.CorrectionPpm));
    }

    [Fact]
    public void Without_measurements_the_loop_coasts_at_the_known_rate_and_is_lost_after_a_minute()
    {
        var loop = Tracking();
        var before = loop.GetStatus();

        loop.Tick(At(115 + 3 * 5 + 1));
        var coasting = loop.GetStatus();
        loop.Tick(At(115 + 3 * 5 + 63));

        Assert.Equal(DriftLoopState.Coasting, coasting.State);
        Assert.Equal(-coasting.DriftPpm!.Value, coasting.CorrectionPpm, 1e-9);
        Assert.True(coasting.OffsetDeviationUs > before.OffsetDeviationUs);
        Assert.Equal(DriftLoopState.Lost, loop.State);
    }

    [Fact]
    public void A_lost_loop_begins_anew_with_three_measurements_and_keeps_the_rate()
    {
        var loop = Tracking();
        loop.TransportLost(At(120));
        var rate = loop.CorrectionPpm;

        var outcomes = new[] { 125, 130, 135 }.Select(time => loop.Measure(700, At(time)).Outcome).ToArray();

        Assert.Equal([DriftOutcome.Collected, DriftOutcome.Collected, DriftOutcome.Accepted], outcomes);
        Assert.Equal(-rate, loop.GetStatus().DriftPpm!.Value, 1e-9);
        Assert.Equal(700, loop.GetStatus().OffsetUs);
    }

    [Theory]
    [InlineData(double.NaN, 120)]
    [InlineData(double.NegativeInfinity, 120)]
    [InlineData(0, 3)]
    public void A_measurement_that_is_no_number_or_from_the_past_changes_nothing(double offset, double time)
    {
        var loop = Tracking();
        var before = loop.GetStatus();

        var step = loop.Measure(offset, At(time));

        Assert.Equal(DriftOutcome.Invalid, step.Outcome);
        Assert.Equal(before, loop.GetStatus());
    }

    [Fact]
    public void The_microphone_corrects_a_bias_of_the_host_s_view_slowly_and_for_good()
    {
        var loop = new DriftLoop(DriftSource.CableTimestamps);
        loop.Start(At(0));
        var offset = 0.0;
        for (var step = 0; step < 400; step++)
        {
            // The host sees 1.2 ms too little; the microphone sees the truth every tenth time.
            loop.Measure(offset - 1_200, At(8 * step + 8));
            if (step % 10 == 9)
                loop.CorrectBias(offset, At(8 * step + 8));
            offset += (20 - loop.CorrectionPpm) * 8;
        }

        Assert.InRange(offset, -20, 20);
        Assert.Equal(1_200, loop.GetStatus().BiasUs, 20.0);
    }

    [Fact]
    public void Measuring_and_ticking_allocate_nothing()
    {
        var loop = Tracking();

        var time = 120;
        var allocated = Allocated.Least(() =>
        {
            for (var end = time + 100; time < end; time += 5)
            {
                loop.Measure(time % 7, At(time));
                loop.Tick(At(time + 1));
            }
        });

        Assert.Equal(0, allocated);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static void Measure(DriftLoop loop, double offset, params double[] times)
    {
        foreach (var time in times)
            loop.Measure(offset, At(time));
    }

    private static DriftLoop Started(DriftLimits? limits = null)
    {
        var loop = new DriftLoop(s_source, limits);
        loop.Start(TimeSpan.Zero);
        return loop;
    }

    /// <summary>On the line, a clock 10 ppm slow, last measured at 115 s.</summary>
    private static DriftLoop Tracking()
    {
        var loop = Started();
        var offset = 0.0;
        for (var time = 5; time <= 115; time += 5)
        {
            loop.Measure(offset, At(time));
            offset += (10 - loop.CorrectionPpm) * 5;
        }

        return loop;
    }
}
