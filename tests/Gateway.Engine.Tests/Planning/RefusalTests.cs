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

    [Theory]
    [InlineData(Route.PartyMode)]
    [InlineData(Route.AirPlay)]
    public void A_route_on_which_nobody_would_be_left_is_no_alternative(Route forced)
    {
        var plan = new HouseKit().Adapter("hci0").Paired("a", "hci0").Paired("b", "hci0").Plan("line-in", forced, "a", "b");

        Assert.False(plan.Feasible);
        Assert.Equal([Route.FanOut], plan.Alternatives.Select(a => a.Route));
    }

    [Fact]
    public void Speakers_without_airplay_are_named_in_one_reason()
    {
        var plan = new HouseKit().Paired("a").Paired("b").Speaker("c", set: s => s with { AirPlay = true }).Plan("line-in", Route.AirPlay, "a", "b", "c");

        Assert.Equal(["a", "b"], Assert.Single(plan.Blockers).Devices);
    }

    [Fact]
    public void One_stream_is_one_stream() =>
        Assert.Contains(new HouseKit().Adapter("hci0", max: 0).Paired("a", "hci0").Plan("line-in", "a").Blockers, b => b.Text.StartsWith("1 stream is needed", StringComparison.Ordinal));

    [Fact]
    public void Different_Echos_are_not_offered_the_stereo_pair_again() =>
        Assert.DoesNotContain(new HouseKit().Echo("x").Echo("y", "Echo Flex").Plan("alexa", Route.StereoPair, "x", "y").Alternatives, a => a.Route == Route.StereoPair);

    [Fact]
    public void A_Wi_Fi_group_is_no_alternative_where_neither_members_nor_sound_fit_it()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("k", "Echo Dot (5th gen)").Paired("a", "hci0").Plan("echo:k", "k", "a");

        Assert.DoesNotContain(plan.Alternatives, a => a.Route == Route.WifiGroup);
        Assert.DoesNotContain(plan.Blockers, b => b.Remedy.Contains("line-out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_full_transmitter_is_not_to_take_more_speakers()
    {
        var plan = new HouseKit().Speaker("a").Speaker("b").Speaker("c").Transmitter("t", "gateway", null, null, "a", "b").Plan("line-in", Route.Transmitter, "a", "b", "c");

        Assert.Equal("Leave Speaker c out, or add a second transmitter for it.", plan.Blockers.Single(b => b.Rule == "T3").Remedy);
    }

    [Fact]
    public void The_same_question_of_several_routes_is_asked_once()
    {
        var plan = new HouseKit().UnseenSpeaker("a", "Marshall Emberton II").UnseenSpeaker("b", "Marshall Emberton II").Plan("line-in", "b", "a");

        Assert.Single(plan.Unknown, q => q.Rule == "L3");
    }
}
