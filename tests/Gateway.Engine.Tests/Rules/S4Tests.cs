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

    [Fact]
    public void A_follower_that_somebody_else_holds_is_refused_as_the_leader_would_be()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Marshall Emberton II").Speaker("b", "Marshall Emberton II", s => s with { HeldElsewhere = Fact.Of(true) }).Plan("line-in", Route.PartyMode, "a", "b");

        Assert.Contains(plan.Blockers, b => b.Rule == "L3" && b.Devices.SequenceEqual(["b"]));
    }

    [Fact]
    public void Whether_a_follower_is_on_is_asked()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Marshall Emberton II").UnseenSpeaker("b", "Marshall Emberton II").Plan("line-in", Route.PartyMode, "a", "b");

        Assert.Contains(plan.Unknown, q => q.Rule == "L3" && q.Devices.Contains("b"));
    }

    [Fact]
    public void Speakers_of_a_transmitter_are_warned_of()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Marshall Emberton II").Speaker("b", "Marshall Emberton II").Transmitter("t", "gateway", null, null, "b").Plan("line-in", Route.PartyMode, "a", "b");

        Assert.Contains("T3", plan.Warned());
    }
}
