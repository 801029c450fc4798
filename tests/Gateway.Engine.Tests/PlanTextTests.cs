namespace Gateway.Engine.Tests;

public sealed class PlanTextTests
{
    [Fact]
    public void The_verdict_comes_first_and_names_stand_for_ids()
    {
        var kit = new HouseKit().Adapter("hci0").Linked("k", "tv").Speaker("a", "JBL Flip 6");

        var text = PlanText.Write(kit.Plan("echo:k", "a"), kit.House());

        Assert.StartsWith("Yes: party can play together by fan-out from Echo k, and the gateway does it all.\nExpected: locked (within 1 ms), once calibrated. One link is cut.\n\n", text, StringComparison.Ordinal);
        Assert.Contains("This cuts:\n  Echo k's link to tv\n", text, StringComparison.Ordinal);
        Assert.Contains("1. Disconnect Echo k from tv.", text, StringComparison.Ordinal);
        Assert.True(text.IndexOf("Mind:", StringComparison.Ordinal) < text.IndexOf("What happens:", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_says_what_stands_in_the_way_and_what_would_work()
    {
        var kit = new HouseKit().Speaker("a").Speaker("b");

        var text = PlanText.Write(kit.Plan("line-in", "a", "b"), kit.House());

        Assert.StartsWith("No: party cannot play together as things are.\nWhat would work: fan-out. Plug in a Bluetooth adapter.\n\nWhat stands in the way:\n", text, StringComparison.Ordinal);
        Assert.Contains("What would work:\n  fan-out: Plug in a Bluetooth adapter.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forced_route_that_fails_names_the_fan_out_that_would_work()
    {
        var kit = new HouseKit().Adapter("hci0").Echo("k").Speaker("a").Speaker("b");

        var works = kit.Plan("echo:k", Route.WifiGroup, "a", "b");
        var withASource = kit.Plan("alexa", Route.WifiGroup, "a", "b");
        var needsAnAdapter = new HouseKit().Echo("k").Speaker("a").Plan("echo:k", Route.WifiGroup, "a");

        Assert.Equal(new PlanAlternative(Route.FanOut, "Remove route:, or write route: fan-out. Works as things are."), works.Alternatives[0]);
        Assert.StartsWith("Remove route:, or write route: fan-out. Set the source to echo:k: what Echo k plays", withASource.Alternatives[0].Needs, StringComparison.Ordinal);
        Assert.Equal((Route.FanOut, "Remove route:, or write route: fan-out. Plug in a Bluetooth adapter."), (needsAnAdapter.Alternatives[0].Route, needsAnAdapter.Alternatives[0].Needs));
    }
}
