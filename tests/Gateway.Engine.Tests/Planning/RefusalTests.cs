namespace Gateway.Engine.Tests.Planning;

/// <summary>What a refusal says: every route's reasons, what is not known, what would help and can be followed.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void What_stands_in_the_way_of_a_mix_is_told_too()
    {
        var plan = new HouseKit().Adapter("hci0", max: 1).Paired("a", "hci0").Paired("b", "hci0").Paired("c", "hci0").Paired("d", "hci0")
            .Transmitter("t", "gateway", null, "Avantree Oasis Plus", "a", "b").Plan("line-in", "a", "b", "c", "d");

        Assert.False(plan.Feasible);
        Assert.Contains(plan.Blockers, b => b.Rule == "T4" && b.Text.StartsWith("4 streams", StringComparison.Ordinal));
        Assert.Contains(plan.Blockers, b => b.Rule == "T4" && b.Text.StartsWith("2 streams", StringComparison.Ordinal));
        Assert.Contains(plan.Alternatives, a => a.Route == Route.Mixed);
    }

    [Fact]
    public void Two_transmitters_with_the_same_speakers_both_say_why_not()
    {
        var plan = new HouseKit().Echo("x", "Echo Dot (5th gen)").Echo("y", seen: e => e with { Online = Fact.Of(false) }).Speaker("a")
            .Transmitter("t", "x", null, null, "a").Transmitter("u", "y", null, null, "a").Plan("alexa", Route.Transmitter, "a");

        Assert.Contains(plan.Blockers, b => b.Devices.Contains("x"));
        Assert.Contains(plan.Blockers, b => b.Devices.Contains("y"));
    }

    [Fact]
    public void What_is_not_known_is_asked_in_a_refusal_too()
    {
        var plan = new HouseKit().UnseenSpeaker("a").Plan("line-in", "a");

        Assert.False(plan.Feasible);
        Assert.Contains(plan.Unknown, q => q.Rule == "L3" && q.Devices.SequenceEqual(["a"]));
    }
}
