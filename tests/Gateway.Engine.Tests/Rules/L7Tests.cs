namespace Gateway.Engine.Tests.Rules;

/// <summary>An Echo may be a member of fan-out: one link, one stream.</summary>
public sealed class L7Tests
{
    [Fact]
    public void Echos_receive_from_us_beside_speakers() =>
        Assert.Equal("Connect k@hci0 | Pair a@hci0 | Connect a@hci0 | Start party", new HouseKit().Adapter("hci0").Echo("k").Speaker("a").Plan("line-in", "k", "a").Steps());

    [Fact]
    public void Its_stream_counts()
    {
        var plan = new HouseKit().Adapter("hci0", max: 1).Echo("k").Speaker("a").Plan("line-in", "k", "a");

        Assert.Contains("T4", plan.Blocked());
    }

    [Fact]
    public void Its_link_in_the_wrong_role_is_replaced() =>
        Assert.Equal("k>hci0", new HouseKit().Adapter("hci0").Linked("k", "hci0", LinkRole.PlaysTo).Plan("line-in", "k").Drops());
}
