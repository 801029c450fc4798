namespace Gateway.Engine.Tests.Rules;

/// <summary>Our receiving adapter is kept apart from those that feed speakers; a preference.</summary>
public sealed class L4Tests
{
    [Fact]
    public void With_two_adapters_one_receives_and_the_other_feeds()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Echo("kitchen").Paired("a", "hci0").Paired("b", "hci0").Plan("echo:kitchen", "a", "b");

        Assert.Equal("Connect kitchen@hci1 | Connect a@hci0 | Connect b@hci0 | Start party", plan.Steps());
        Assert.DoesNotContain("L4", plan.Warned());
    }

    [Fact]
    public void With_one_adapter_the_preference_yields_with_a_warning()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("kitchen").Paired("a", "hci0").Plan("echo:kitchen", "a");

        Assert.True(plan.Feasible);
        Assert.Contains("L4", plan.Warned());
    }

    [Fact]
    public void It_yields_to_capacity_too()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Echo("kitchen").Speaker("a").Speaker("b").Speaker("c").Speaker("d").Plan("echo:kitchen", "a", "b", "c", "d");

        Assert.True(plan.Feasible);
        Assert.Contains("L4", plan.Warned());
    }

    [Fact]
    public void A_configured_role_is_no_preference()
    {
        var plan = new HouseKit().Adapter("hci0", role: AdapterRole.Send).Echo("kitchen").Speaker("a").Plan("echo:kitchen", "a");

        Assert.False(plan.Feasible);
        Assert.Contains("L4", plan.Blocked());
    }
}
