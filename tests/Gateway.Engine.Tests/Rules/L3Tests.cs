namespace Gateway.Engine.Tests.Rules;

/// <summary>Paired is an address book, connected is a live link.</summary>
public sealed class L3Tests
{
    [Fact]
    public void Paired_means_no_pair_step_and_still_a_connect_step() =>
        Assert.Equal("Connect a@hci0 | Start party", new HouseKit().Adapter("hci0").Paired("a", "hci0").Plan("line-in", "a").Steps());

    [Fact]
    public void Connected_means_neither() => Assert.Equal("Start party", new HouseKit().Adapter("hci0").Connected("a", "hci0").Plan("line-in", "a").Steps());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_speaker_that_is_away_or_held_by_a_stranger_is_refused_even_when_paired(bool away)
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", seen: s => s with { Reachable = Fact.Of(!away), HeldElsewhere = Fact.Of(!away), PairedOn = Fact.Of<IReadOnlyList<string>>(["hci0"]) }).Plan("line-in", "a");

        Assert.False(plan.Feasible);
        Assert.Contains("L3", plan.Blocked());
    }

    [Fact]
    public void Of_a_speaker_never_seen_everything_is_asked_and_nothing_refused()
    {
        var plan = new HouseKit().Adapter("hci0").UnseenSpeaker("a").Plan("line-in", "a");

        Assert.Equal("Pair a@hci0 | Connect a@hci0 | Start party", plan.Steps());
        Assert.Equal(["L3"], plan.Asked());
        Assert.Equal(Automation.Yes, plan.Automatic);
    }
}
