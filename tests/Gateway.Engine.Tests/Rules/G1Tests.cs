namespace Gateway.Engine.Tests.Rules;

/// <summary>Members are Echos, or speakers that Alexa accepts.</summary>
public sealed class G1Tests
{
    [Theory]
    [InlineData(Tristate.Yes, false, true)]
    [InlineData(Tristate.No, true, false)]
    [InlineData(Tristate.Unknown, true, true)]
    [InlineData(Tristate.Unknown, false, false)]
    public void A_speaker_needs_a_yes_or_at_least_a_matter_mark(Tristate stated, bool matter, bool feasible)
    {
        var plan = new HouseKit().Echo("k").Speaker("a", set: s => s with { AlexaGroup = stated, Matter = matter }).Plan("alexa", "k", "a");

        Assert.Equal(feasible, plan.Feasible);
        Assert.Equal(!feasible, plan.Blocked().Contains("G1"));
        Assert.Equal(feasible && stated == Tristate.Unknown, plan.Asked().Contains("G1"));
    }

    [Fact]
    public void Unknown_in_so_many_words_is_asked() =>
        Assert.Contains("G1", new HouseKit().Echo("k").Speaker("a", set: s => s with { AlexaGroupOpen = true }).Plan("alexa", "k", "a").Asked());

    [Fact]
    public void The_live_flag_counts_and_the_configuration_wins()
    {
        var live = new HouseKit().Echo("k").Speaker("a", seen: s => s with { AlexaGroup = Tristate.Yes });
        var denied = new HouseKit().Echo("k").Speaker("a", seen: s => s with { AlexaGroup = Tristate.Yes }, set: s => s with { AlexaGroup = Tristate.No });

        Assert.True(live.Plan("alexa", "k", "a").Feasible);
        Assert.False(denied.Plan("alexa", "k", "a").Feasible);
    }

    [Theory]
    [InlineData(false, Automation.NeedsUser, "AskUser party | Start party")]
    [InlineData(true, Automation.Yes, "CreateWifiGroup party | Start party")]
    public void A_group_that_does_not_exist_is_created_or_asked_for(bool create, Automation automatic, string steps)
    {
        var plan = new HouseKit().Limits(l => l with { CreateWifiGroups = create }).Echo("k").Echo("l").WifiGroup("other", "k").Plan("alexa", "k", "l");

        Assert.Equal(automatic, plan.Automatic);
        Assert.Equal(steps, plan.Steps());
    }

    [Fact]
    public void Unknown_groups_are_as_none() => Assert.Equal(Automation.NeedsUser, new HouseKit().UnknownGroups().Echo("k").Echo("l").Plan("alexa", "k", "l").Automatic);

    [Fact]
    public void A_single_Echo_needs_no_group_and_keeps_the_link_it_receives_from()
    {
        var plan = new HouseKit().Linked("k", "tv", LinkRole.ReceivesFrom).Plan("alexa", "k");

        Assert.Equal((Route.WifiGroup, Automation.Yes, "Start party"), (plan.Route, plan.Automatic, plan.Steps()));
    }

    [Fact]
    public void A_single_Echo_that_plays_to_a_speaker_sounds_itself_once_that_link_is_cut() =>
        Assert.Equal("k>tv", new HouseKit().Linked("k", "tv").Plan("alexa", "k").Drops());
}
