namespace Gateway.Engine.Tests.Rules;

/// <summary>Marshall Emberton II: a limitation that is always named.</summary>
public sealed class S4Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Marshall Emberton II").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S4").Devices);
    }

    [Fact]
    public void Its_party_mode_gives_the_one_link_to_the_leader()
    {
        var plan = new HouseKit().Echo("k").Speaker("a", "Marshall Emberton II").Speaker("b", "Marshall Emberton II").Plan("echo:k", "a", "b");

        Assert.Equal(Route.PartyMode, plan.Route);
        Assert.Equal(Automation.NeedsUser, plan.Automatic);
        Assert.Equal("AskUser a | Connect k>a | Start party", plan.Steps());
        Assert.Null(plan.ExpectedClass);
    }

    [Fact]
    public void Another_brand_among_them_is_refused() =>
        Assert.Contains("S4", new HouseKit().Speaker("a", "Marshall Emberton II").Speaker("b", "JBL Flip 6").Plan("line-in", Route.PartyMode, "a", "b").Blocked());
}
