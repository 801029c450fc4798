namespace Gateway.Engine.Tests.Rules;

/// <summary>Ultimate Ears WONDERBOOM 3: a limitation that is always named.</summary>
public sealed class S5Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Ultimate Ears WONDERBOOM 3").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S5").Devices);
    }
}
