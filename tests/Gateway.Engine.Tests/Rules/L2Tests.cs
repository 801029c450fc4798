namespace Gateway.Engine.Tests.Rules;

/// <summary>A second link drops the first: announced, or refused by policy.</summary>
public sealed class L2Tests
{
    [Fact]
    public void A_link_that_is_replaced_is_cut_by_a_step_announced_and_warned_of()
    {
        var plan = new HouseKit().Adapter("hci0").Linked("kitchen", "tv").Paired("a", "hci0").Plan("echo:kitchen", "a");

        Assert.Equal("kitchen>tv", plan.Drops());
        Assert.Equal("Disconnect kitchen>tv | Connect kitchen@hci0 | Connect a@hci0 | Start party", plan.Steps());
        Assert.Equal(["kitchen"], plan.Warnings.Single(w => w.Rule == "L2").Devices);
    }

    [Fact]
    public void An_unknown_link_may_drop_and_is_never_listed_as_dropped()
    {
        var plan = new HouseKit().Adapter("hci0").UnseenEcho("kitchen").Paired("a", "hci0").Plan("echo:kitchen", "a");

        Assert.True(plan.Feasible);
        Assert.Empty(plan.Drops);
        Assert.Contains("may drop a link", plan.Warnings.Single(w => w.Rule == "L2").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_policy_refuse_of_the_gateway_blocks_instead_of_dropping()
    {
        var plan = new HouseKit().Limits(l => l with { OnSecondLink = SecondLinkPolicy.Refuse }).Adapter("hci0").Linked("kitchen", "tv").Speaker("a").Plan("echo:kitchen", "a");

        Assert.False(plan.Feasible);
        Assert.Contains("L2", plan.Blocked());
    }

    [Fact]
    public void The_policy_of_the_echo_wins_over_the_gateways()
    {
        var plan = new HouseKit().Limits(l => l with { OnSecondLink = SecondLinkPolicy.Refuse }).Adapter("hci0")
            .Echo("kitchen", seen: e => e with { Link = Fact.Of<EchoLink?>(new EchoLink("tv", LinkRole.PlaysTo)) }, set: e => e with { OnSecondLink = SecondLinkPolicy.Replace })
            .Speaker("a").Plan("echo:kitchen", "a");

        Assert.Equal("kitchen>tv", plan.Drops());
    }

    [Fact]
    public void A_way_with_fewer_drops_wins_over_a_better_route()
    {
        var plan = new HouseKit().Adapter("hci0").Linked("kitchen", "a").Speaker("a", seen: s => s with { HeldElsewhere = Fact.Of(true) }, set: s => s with { AirPlay = true }).Plan("line-in", "a");

        Assert.Equal(Route.AirPlay, plan.Route);
        Assert.Contains(plan.Alternatives, x => x.Route == Route.FanOut);
    }

    [Fact]
    public void The_peer_of_a_drop_is_our_adapters_id()
    {
        var plan = new HouseKit().Adapter("hci0", address: "00:AA:01:00:00:00").Linked("k", "hci0", LinkRole.ReceivesFrom).Paired("a", "hci0").Plan("echo:k", "a");

        Assert.Equal("k>00aa01000000", plan.Drops());
        Assert.Equal("00aa01000000", plan.Steps[0].Form.Peer);
    }

    [Fact]
    public void A_link_with_an_adapter_outside_the_list_is_a_strangers_link_and_announced()
    {
        var plan = new HouseKit().Adapter("hci0", max: 3, address: "00:AA:01:00:00:00").Adapter("hci1", address: "00:AA:01:00:00:01").Linked("k", "hci1").Paired("a", "hci0").Plan("echo:k", "a");

        Assert.Equal("k>00aa01000001", plan.Drops());
        Assert.Contains("L2", plan.Warned());
        Assert.DoesNotContain(plan.Steps, s => s.Form.Adapter == "hci1");
    }
}
