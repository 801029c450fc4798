namespace Gateway.Engine.Tests.Rules;

/// <summary>The Echo that feeds us is silent itself.</summary>
public sealed class L8Tests
{
    [Fact]
    public void It_cannot_be_a_member_and_the_refusal_proposes_another_echo_and_line_out()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("k").Echo("spare").Speaker("a").Plan("echo:k", "k", "a");

        var blocker = plan.Blockers.Single(b => b.Rule == "L8");
        Assert.Contains("echo:spare", blocker.Remedy, StringComparison.Ordinal);
        Assert.Contains("line-out", blocker.Remedy, StringComparison.Ordinal);
        Assert.Contains(plan.Alternatives, x => x.Route == Route.FanOut);
    }

    [Fact]
    public void A_speaker_is_no_source()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", set: s => s with { Address = "20:00:00:00:00:01" }).Plan("phone:20:00:00:00:00:01", "a");

        Assert.False(plan.Feasible);
        Assert.Contains(plan.Blockers, b => b.Rule == "L8" && b.Devices.SequenceEqual(["a"]));
    }
}
