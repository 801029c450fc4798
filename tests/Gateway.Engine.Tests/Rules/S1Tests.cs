namespace Gateway.Engine.Tests.Rules;

/// <summary>JBL Flip 6: a limitation that is always named.</summary>
public sealed class S1Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "JBL Flip 6").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S1").Devices);
    }

    [Fact]
    public void It_is_kept_awake_by_a_step_and_named_all_the_same() =>
        Assert.Equal("Pair a@hci0 | Connect a@hci0 | KeepAwake a | Start party", new HouseKit().Adapter("hci0").Speaker("a", "JBL Flip 6").Plan("line-in", "a").Steps());
}
