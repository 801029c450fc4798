namespace Gateway.Engine.Tests.Rules;

/// <summary>Sonos Roam SL: a limitation that is always named.</summary>
public sealed class S2Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Sonos Roam SL").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S2").Devices);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_never_paired_without_the_user_and_airplay_is_named_as_the_bridge(bool pairingKnown)
    {
        var kit = new HouseKit().Adapter("hci0");
        var plan = (pairingKnown ? kit.Speaker("a", "Sonos Roam SL") : kit.UnseenSpeaker("a", "Sonos Roam SL")).Plan("line-in", "a");

        Assert.Equal(Automation.NeedsUser, plan.Automatic);
        Assert.Equal("AskUser a | Pair a@hci0 | Connect a@hci0 | Start party", plan.Steps());
        Assert.Contains("through its maker's app", plan.Steps[0].Why, StringComparison.Ordinal);
        Assert.Contains(plan.Alternatives, x => x.Route == Route.AirPlay && x.Needs.Contains("airplay: true", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_it_is_paired_with_us_already_it_plays_as_any_other()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Speaker("a", "Sonos Roam SL", s => s with { PairedOn = Fact.Of<IReadOnlyList<string>>(["hci1"]) }).Plan("line-in", "a");

        Assert.Equal((Automation.Yes, "Connect a@hci1 | Start party"), (plan.Automatic, plan.Steps()));
        Assert.Contains("S2", plan.Warned());
    }

    [Fact]
    public void Another_speaker_moves_rather_than_that_the_user_has_to_pair_it()
    {
        var plan = new HouseKit().Adapter("hci0", max: 1).Adapter("hci1", max: 1).Connected("b", "hci0")
            .Speaker("a", "Sonos Roam SL", s => s with { PairedOn = Fact.Of<IReadOnlyList<string>>(["hci0"]) }).Plan("line-in", "a", "b");

        Assert.Equal((Automation.Yes, "b>hci0"), (plan.Automatic, plan.Drops()));
    }

    [Fact]
    public void Beside_others_airplay_carries_it_where_it_is_offered()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Sonos Roam SL", set: s => s with { AirPlay = true }).Paired("b", "hci0").Plan("line-in", "a", "b");

        Assert.Equal((Route.Mixed, Automation.Yes), (plan.Route, plan.Automatic));
    }

    [Fact]
    public void Airplay_is_its_bridge_once_the_machine_offers_it()
    {
        Assert.Equal(Route.AirPlay, new HouseKit().Speaker("a", "Sonos Roam SL", set: s => s with { AirPlay = true }).Plan("line-in", "a").Route);
        var refused = new HouseKit().Speaker("a", "Sonos Roam SL").Plan("line-in", "a");
        Assert.Contains(refused.Alternatives, x => x.Route == Route.AirPlay && x.Needs.Contains("airplay: true", StringComparison.Ordinal));
    }

    [Fact]
    public void Beside_others_the_bridge_is_a_mix()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Sonos Roam SL").Paired("b", "hci0").Plan("line-in", "a", "b");

        Assert.Contains(plan.Alternatives, x => x.Route == Route.Mixed && x.Needs.EndsWith("set airplay: true for Speaker a.", StringComparison.Ordinal));
    }
}
