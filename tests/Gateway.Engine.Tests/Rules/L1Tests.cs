namespace Gateway.Engine.Tests.Rules;

/// <summary>An Echo holds at most one link.</summary>
public sealed class L1Tests
{
    [Fact]
    public void An_echo_that_should_feed_two_speakers_without_any_adapter_is_refused_with_its_reason()
    {
        var plan = new HouseKit().Echo("kitchen").Speaker("a").Speaker("b").Plan("echo:kitchen", "a", "b");

        Assert.False(plan.Feasible);
        Assert.Contains("L1", plan.Blocked());
        Assert.Contains("T4", plan.Blocked());
        Assert.Contains("No firmware update adds a second Bluetooth radio", plan.Blockers.Single(b => b.Rule == "L1").Text, StringComparison.Ordinal);
        Assert.Contains(plan.Alternatives, a => a.Route == Route.FanOut && a.Needs.Contains("adapter", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_echo_feeds_them_all_through_the_gateway_once_there_is_an_adapter()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("kitchen").Paired("a", "hci0").Paired("b", "hci0").Plan("echo:kitchen", "a", "b");

        Assert.Equal(Route.FanOut, plan.Route);
        Assert.Equal("Connect kitchen@hci0 | Connect a@hci0 | Connect b@hci0 | Start party", plan.Steps());
    }

    [Fact]
    public void Source_and_member_at_once_would_be_two_links()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("kitchen").Speaker("a").Plan("echo:kitchen", "kitchen", "a");

        Assert.Contains("L1", plan.Blocked());
        Assert.Contains("L8", plan.Blocked());
    }
}
