namespace Gateway.Engine.Tests.Rules;

/// <summary>A stereo pair is two identical Echos, and nothing for Bluetooth speakers.</summary>
public sealed class G5Tests
{
    [Fact]
    public void A_pair_that_exists_is_only_started()
    {
        var plan = new HouseKit().Echo("l").Echo("r").StereoPair("p", "r", "l").Plan(null, Route.StereoPair, "l", "r");

        Assert.Equal("Start party", plan.Steps());
        Assert.Equal("alexa", plan.Source);
        Assert.Equal(SyncClass.Roomwide, plan.ExpectedClass);
    }

    [Fact]
    public void A_pair_that_does_not_exist_is_the_users_to_make()
    {
        var plan = new HouseKit().Echo("l").Echo("r").Plan(null, Route.StereoPair, "l", "r");

        Assert.Equal("AskUser party | Start party", plan.Steps());
        Assert.Equal(Automation.NeedsUser, plan.Automatic);
    }

    [Theory]
    [InlineData("Echo Dot (4th gen)", "Echo Dot (5th gen)", false)]
    [InlineData("Echo Dot (4th gen)", "echo dot 4th generation", true)]
    [InlineData("A2U21SRK4QGSE1", "Echo Dot 4", true)]
    public void The_models_must_be_identical_however_they_are_written(string left, string right, bool feasible) =>
        Assert.Equal(feasible, new HouseKit().Echo("l", left).Echo("r", right).Plan(null, Route.StereoPair, "l", "r").Feasible);

    [Fact]
    public void For_bluetooth_speakers_the_refusal_names_the_myth_and_offers_fan_out()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a").Speaker("b").Plan("line-in", Route.StereoPair, "a", "b");

        Assert.Contains(Myths.StereoPair, plan.Blockers.Single(b => b.Rule == "G5").Text, StringComparison.Ordinal);
        Assert.Equal(Route.FanOut, plan.Alternatives[0].Route);
    }

    [Fact]
    public void Three_are_no_pair() => Assert.Contains("G5", new HouseKit().Echo("a").Echo("b").Echo("c").Plan(null, Route.StereoPair, "a", "b", "c").Blocked());

    [Theory]
    [InlineData("Echo Studio", "A2O2CEO9STBQID")]
    [InlineData("Echo Dot", "Echo Dot (5th gen)")]
    public void A_generation_that_is_only_guessed_is_asked_and_refuses_nothing(string left, string right)
    {
        var plan = new HouseKit().Echo("x", left).Echo("y", right).Plan("alexa", Route.StereoPair, "x", "y");

        Assert.True(plan.Feasible, string.Join(" ", plan.Blockers.Select(b => b.Text)));
        Assert.Contains("G5", plan.Asked());
    }

    [Fact]
    public void Another_family_is_refused_although_the_generation_is_a_guess() =>
        Assert.Contains("G5", new HouseKit().Echo("x", "Echo Studio").Echo("y", "Echo Dot (5th gen)").Plan("alexa", Route.StereoPair, "x", "y").Blocked());
}
