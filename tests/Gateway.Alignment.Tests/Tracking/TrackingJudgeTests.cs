using Gateway.Alignment.Calibration;
using Gateway.Alignment.Tracking;

namespace Gateway.Alignment.Tests.Tracking;

public sealed class TrackingJudgeTests
{
    private const double WindowSeconds = 10;
    private static readonly ArrivalEstimate s_heard = new(0, 20, 1);
    private static readonly ArrivalEstimate s_doubtful = new(0, 5, 1);

    [Fact]
    public void What_all_have_in_common_is_the_microphones_and_nobodys()
    {
        var judge = new TrackingJudge(3, 0);

        var verdicts = Judge(judge, [41_000, 41_020, 40_980]);

        Assert.Equal([0, 20, -20], verdicts.Select(v => v.DeviationUs));
        Assert.Equal(41_000, judge.CommonOffsetUs);
    }

    [Fact]
    public void One_that_moves_is_named_and_the_other_of_two_is_not_moved_with_it()
    {
        var judge = new TrackingJudge(2, 0);
        Judge(judge, [0, 0]);

        var first = Judge(judge, [3_000, 10]);
        var second = Judge(judge, [3_050, 10]);

        Assert.Null(first[0].DeviationUs);
        Assert.InRange(second[0].DeviationUs!.Value, 3_000, 3_060);
        Assert.True(second[0].HasMoved);
        Assert.All([first[1], second[1]], v => Assert.InRange(v.DeviationUs!.Value, -20, 20));
        Assert.Equal(0, judge.SkewPpm, 1.0);
    }

    [Fact]
    public void A_move_that_is_accounted_for_is_no_move_again()
    {
        var judge = new TrackingJudge(2, 0);
        Judge(judge, [0, 0]);
        Judge(judge, [3_000, 0]);
        Judge(judge, [3_000, 0]);

        var verdicts = Judge(judge, [3_020, 0], known: [3_000, 0]);

        Assert.False(verdicts[0].HasMoved);
        Assert.InRange(verdicts[0].DeviationUs!.Value, 2_990, 3_020);
    }

    [Fact]
    public void The_microphones_clock_is_followed()
    {
        var judge = new TrackingJudge(3, 50);
        var common = 0.0;
        for (var window = 0; window < 30; window++)
        {
            // 4 ppm more than assumed put everything later by what is not yet known of them.
            common += (54 - judge.SkewPpm) * WindowSeconds;
            Judge(judge, [common, common + 5, common - 5]);
        }

        Assert.Equal(54, judge.SkewPpm, 0.2);
    }

    [Fact]
    public void Samples_that_the_microphone_lost_move_nobody()
    {
        var judge = new TrackingJudge(3, 0);
        Judge(judge, [0, 0, 0]);

        var verdicts = Judge(judge, [-9_000, -9_020, -8_980]);

        Assert.All(verdicts, v => Assert.InRange(v.DeviationUs!.Value, -25, 25));
        Assert.Equal(0, judge.SkewPpm);
    }

    [Fact]
    public void Who_is_not_heard_gets_no_verdict_and_one_alone_tells_nothing_at_first()
    {
        var judge = new TrackingJudge(2, 0);

        Assert.All(Judge(judge, [100, 100], [s_heard, s_doubtful]), v => Assert.Null(v.DeviationUs));
        Assert.Null(judge.CommonOffsetUs);
        Judge(judge, [100, 100]);
        Assert.Equal([false, true], Judge(judge, [110, 900], [s_heard, s_doubtful]).Select(v => v.DeviationUs is null));
    }

    [Fact]
    public void Disagreement_at_the_first_window_tells_nothing()
    {
        var judge = new TrackingJudge(2, 0);

        Assert.All(Judge(judge, [0, 5_000]), v => Assert.Null(v.DeviationUs));
    }

    private static TrackingVerdict[] Judge(TrackingJudge judge, double[] arrivedUs, ArrivalEstimate[]? estimates = null, double[]? known = null)
    {
        var verdicts = new TrackingVerdict[arrivedUs.Length];
        judge.Judge(estimates ?? [.. arrivedUs.Select(_ => s_heard)], arrivedUs, known ?? new double[arrivedUs.Length], WindowSeconds, verdicts);
        return verdicts;
    }
}
