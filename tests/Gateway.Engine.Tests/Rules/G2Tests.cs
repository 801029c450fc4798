namespace Gateway.Engine.Tests.Rules;

/// <summary>At most so many members a group, from data.</summary>
public sealed class G2Tests
{
    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    public void Fifteen_are_in_and_sixteen_are_not(int count, bool feasible)
    {
        var kit = new HouseKit();
        for (var i = 0; i < count; i++) kit.Echo($"e{i}");

        var plan = kit.Plan("alexa", [.. Enumerable.Range(0, count).Select(i => $"e{i}")]);

        Assert.Equal(feasible, plan.Feasible);
        Assert.Equal(!feasible, plan.Blocked().Contains("G2"));
    }

    [Fact]
    public void The_limit_is_data() => Assert.Contains("G2", new HouseKit().Limits(l => l with { MaxWifiGroupMembers = 1 }).Echo("k").Echo("l").Plan("alexa", "k", "l").Blocked());
}
