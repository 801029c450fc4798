namespace Gateway.Engine.Tests.Rules;

/// <summary>The gateway is the one speaker of an Echo, and fans out.</summary>
public sealed class L6Tests
{
    [Fact]
    public void An_echo_that_plays_to_us_already_is_not_connected_again()
    {
        var plan = new HouseKit().Adapter("hci0", address: "00:AA:01:00:00:00").Linked("k", "00aa01000000").Paired("a", "hci0").Plan("echo:k", "a");

        Assert.Equal("Connect a@hci0 | Start party", plan.Steps());
        Assert.Empty(plan.Drops);
    }

    [Fact]
    public void Without_a_source_the_plan_stands_and_asks_for_one()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a").Plan(null, "a");

        Assert.Null(plan.Source);
        Assert.Contains("L6", plan.Asked());
    }

    [Fact]
    public void A_source_that_is_no_echo_of_the_house_is_refused() => Assert.Contains("L6", new HouseKit().Adapter("hci0").Speaker("a").Plan("echo:ghost", "a").Blocked());
}
