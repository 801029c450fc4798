namespace Gateway.Engine.Tests.Rules;

/// <summary>A link silences sockets and groups, so it must go, and is announced.</summary>
public sealed class L5Tests
{
    [Theory]
    [InlineData(LinkRole.PlaysTo)]
    [InlineData(LinkRole.ReceivesFrom)]
    public void For_a_wifi_group_a_link_of_either_role_must_go(LinkRole role)
    {
        var plan = new HouseKit().Linked("k", "tv", role).Echo("l").WifiGroup("g", "k", "l").Plan("alexa", "k", "l");

        Assert.Equal("Disconnect k>tv | Start party", plan.Steps());
        Assert.Equal("k>tv", plan.Drops());
        Assert.Contains("L5", plan.Warned());
    }

    [Theory]
    [InlineData(LinkRole.PlaysTo, "flex>tv")]
    [InlineData(LinkRole.ReceivesFrom, "")]
    public void A_received_link_may_stay_beside_line_out(LinkRole role, string drops) =>
        Assert.Equal(drops, new HouseKit().Linked("flex", "tv", role, "Echo Flex").Speaker("a").Speaker("b").Transmitter("t", "flex", AudioOutput.LineOut, null, "a", "b").Plan("alexa", "a", "b").Drops());

    [Fact]
    public void A_speaker_that_an_echo_holds_is_taken_from_it_with_its_drop()
    {
        var plan = new HouseKit().Adapter("hci0").Linked("k", "a").Speaker("a", seen: s => s with { HeldElsewhere = Fact.Of(true) }).Plan("line-in", "a");

        Assert.Equal("k>a", plan.Drops());
        Assert.Contains("L5", plan.Warned());
    }
}
