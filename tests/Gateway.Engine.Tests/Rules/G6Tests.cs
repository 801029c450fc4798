namespace Gateway.Engine.Tests.Rules;

/// <summary>A group volume scales its members: it needs no step.</summary>
public sealed class G6Tests
{
    [Fact]
    public void No_plan_touches_volumes() =>
        Assert.Equal("Start party", new HouseKit().Echo("k").Echo("l").WifiGroup("g", "k", "l").Plan("alexa", "k", "l").Steps());
}
