using Gateway.Alignment.Spread;

namespace Gateway.Alignment.Tests.Spread;

public sealed class ClassHysteresisTests
{
    [Theory]
    [InlineData(0.4, AlignmentClass.Locked)]
    [InlineData(1, AlignmentClass.Locked)]
    [InlineData(14.9, AlignmentClass.Tight)]
    [InlineData(15, AlignmentClass.Roomwide)]
    [InlineData(22, AlignmentClass.Roomwide)]
    [InlineData(28, AlignmentClass.Roomwide)]
    [InlineData(28.1, AlignmentClass.Loose)]
    [InlineData(39.9, AlignmentClass.Loose)]
    [InlineData(40, AlignmentClass.Smeared)]
    [InlineData(119.9, AlignmentClass.Smeared)]
    [InlineData(120, AlignmentClass.Split)]
    public void T1_a_steady_spread_has_its_class_from_the_first_value_on(double spreadMs, AlignmentClass expected)
    {
        var hysteresis = new ClassHysteresis();

        var classes = Enumerable.Range(0, 300).Select(_ => hysteresis.Update(spreadMs)).Distinct();

        Assert.Equal([expected], classes);
    }

    [Theory]
    [InlineData(39, 41)]
    [InlineData(41, 39)]
    public void T2_a_spread_that_alternates_around_a_boundary_changes_class_at_most_once(double first, double second)
    {
        var hysteresis = new ClassHysteresis();
        var classes = Enumerable.Range(0, 300).Select(tick => hysteresis.Update(tick / 10 % 2 == 0 ? first : second)).ToArray();

        Assert.InRange(classes.Zip(classes.Skip(1), (a, b) => a != b).Count(changed => changed), 0, 1);
    }

    [Fact]
    public void Worse_comes_after_exactly_2_s_and_as_the_mildest_class_seen()
    {
        var hysteresis = new ClassHysteresis();
        hysteresis.Update(0.5);
        var classes = Enumerable.Range(0, 20).Select(tick => hysteresis.Update(tick < 10 ? 200 : 20)).ToArray();

        Assert.All(classes[..19], given => Assert.Equal(AlignmentClass.Locked, given));
        Assert.Equal(AlignmentClass.Roomwide, classes[19]);
    }

    [Theory]
    [InlineData(35.9, true)]
    [InlineData(36.1, false)]
    public void Better_comes_after_10_s_below_nine_tenths_of_the_boundary(double spreadMs, bool better)
    {
        var hysteresis = new ClassHysteresis();
        hysteresis.Update(50);
        var classes = Enumerable.Range(0, 100).Select(_ => hysteresis.Update(spreadMs)).ToArray();

        Assert.All(classes[..99], given => Assert.Equal(AlignmentClass.Smeared, given));
        Assert.Equal(better ? AlignmentClass.Loose : AlignmentClass.Smeared, classes[99]);
    }
}
