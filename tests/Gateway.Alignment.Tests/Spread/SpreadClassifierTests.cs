using Gateway.Alignment.Spread;

namespace Gateway.Alignment.Tests.Spread;

public sealed class SpreadClassifierTests
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);

    [Fact]
    public void The_first_class_is_given_when_the_window_holds_10_s()
    {
        var classifier = new SpreadClassifier(2);

        var readings = Enumerable.Range(0, 100).Select(_ => classifier.Tick([Heard(0), Heard(0.4)])).ToArray();

        Assert.All(readings[..99], reading => Assert.Null(reading.Class));
        Assert.Equal(AlignmentClass.Locked, readings[99].Class);
        Assert.Equal(0.4, readings[99].SpreadMs!.Value, 1e-12);
    }

    [Theory]
    [InlineData(5, AlignmentClass.Locked)]
    [InlineData(6, AlignmentClass.Smeared)]
    public void Five_bad_ticks_in_a_hundred_do_not_count_and_six_do(int badTicks, AlignmentClass expected)
    {
        var classifier = new SpreadClassifier(2);
        SpreadReading reading = default;
        for (var tick = 0; tick < 100; tick++)
            reading = classifier.Tick([Heard(0), Heard(tick < badTicks ? 50 : 0.5)]);

        Assert.Equal(expected, reading.Class);
    }

    [Theory]
    [InlineData(AlignmentEvidence.None, 0.01, false, false)]
    [InlineData(AlignmentEvidence.Reported, 0.01, false, false)]
    [InlineData(AlignmentEvidence.Host, 0.01, false, false)]
    [InlineData(AlignmentEvidence.Acoustic, 0.01, false, true)]
    [InlineData(AlignmentEvidence.Acoustic, 23.9, false, true)]
    [InlineData(AlignmentEvidence.Acoustic, 24.1, false, false)]
    [InlineData(AlignmentEvidence.Host, 0.01, true, true)]
    [InlineData(AlignmentEvidence.Reported, 0.01, true, false)]
    public void Without_acoustic_evidence_of_a_day_or_a_visible_latency_there_is_no_class(AlignmentEvidence evidence, double hours, bool visible, bool given)
    {
        var classifier = new SpreadClassifier(2);
        var doubtful = new MemberTick(0, false, evidence, TimeSpan.FromHours(hours), visible);

        var reading = Fill(classifier, [Heard(0), doubtful], 150);

        Assert.Equal(given, reading.Class is not null);
    }

    [Fact]
    public void A_reconnect_makes_the_class_null_at_once_and_it_is_back_10_s_after_the_next_measurement()
    {
        var classifier = new SpreadClassifier(2);
        Fill(classifier, [Heard(0), Heard(0.2)], 100);

        var lost = classifier.Tick([Heard(0), new MemberTick(0.2, false, AlignmentEvidence.Host, s_fresh, false)]);
        var almost = Fill(classifier, [Heard(0), Heard(0.2)], 99);
        var back = classifier.Tick([Heard(0), Heard(0.2)]);

        Assert.Null(lost.Class);
        Assert.Equal(AlignmentEvidence.Host, lost.Evidence);
        Assert.Null(almost.Class);
        Assert.Equal(AlignmentClass.Locked, back.Class);
    }

    [Fact]
    public void A_silent_member_splits_the_group_after_2_s()
    {
        var classifier = new SpreadClassifier(3);
        Fill(classifier, [Heard(0), Heard(0.2), Heard(0.1)], 100);

        MemberTick[] silent = [Heard(0), Heard(0.2), Heard(double.NaN) with { IsSilent = true }];
        var before = Fill(classifier, silent, 19);
        var after = classifier.Tick(silent);

        Assert.Equal(AlignmentClass.Locked, before.Class);
        Assert.Equal(AlignmentClass.Split, after.Class);
    }

    [Fact]
    public void A_member_of_unknown_offset_leaves_neither_class_nor_spread()
    {
        var classifier = new SpreadClassifier(2);

        var reading = Fill(classifier, [Heard(0), Heard(double.NaN)], 200);

        Assert.Null(reading.Class);
        Assert.Null(reading.SpreadMs);
    }

    [Fact]
    public void A_restart_after_a_calibration_judges_the_new_delays_only()
    {
        var classifier = new SpreadClassifier(2);
        Fill(classifier, [Heard(0), Heard(110)], 150);

        classifier.Restart();
        var reading = Fill(classifier, [Heard(0), Heard(0.1)], 100);

        Assert.Equal(AlignmentClass.Locked, reading.Class);
    }

    [Fact]
    public void Each_member_is_judged_against_the_median_and_the_outer_ones_are_named()
    {
        var classifier = new SpreadClassifier(3);

        var reading = Fill(classifier, [Heard(1), Heard(0), Heard(30)], 100);

        Assert.Equal((1, 2), (reading.Earliest, reading.Latest));
        Assert.Equal(29, classifier.GetMember(2).DeviationMs!.Value, 1e-12);
        Assert.Equal(AlignmentClass.Loose, classifier.GetMember(2).Class);
        Assert.Equal(AlignmentClass.Locked, classifier.GetMember(0).Class);
    }

    [Fact]
    public void Jitter_is_the_deviation_of_10_s_and_change_that_of_the_last_second()
    {
        var classifier = new SpreadClassifier(2);
        for (var tick = 0; tick < 100; tick++)
            classifier.Tick([Heard(0), Heard(tick < 95 ? tick % 2 : 5)]);

        var figures = classifier.GetMember(1);

        Assert.Equal(0, classifier.GetMember(0).JitterMs);
        Assert.InRange(figures.JitterMs!.Value, 1.0, 1.2);
        Assert.InRange(figures.ChangeMs!.Value, 4, 5);
    }

    [Fact]
    public void A_tick_allocates_nothing()
    {
        var classifier = new SpreadClassifier(2);
        MemberTick[] members = [Heard(0), Heard(0.4)];
        Fill(classifier, members, 150);

        Assert.Equal(0, Allocated.Least(() => Fill(classifier, members, 150)));
    }

    private static MemberTick Heard(double offsetMs) => new(offsetMs, false, AlignmentEvidence.Acoustic, s_fresh, false);

    private static SpreadReading Fill(SpreadClassifier classifier, MemberTick[] members, int ticks)
    {
        SpreadReading reading = default;
        for (var tick = 0; tick < ticks; tick++)
            reading = classifier.Tick(members);
        return reading;
    }
}
