namespace Gateway.Engine.Tests.Rules;

/// <summary>Bose SoundLink Flex: a limitation that is always named.</summary>
public sealed class S3Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Bose SoundLink Flex").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S3").Devices);
    }

    [Fact]
    public void Held_elsewhere_it_is_refused_with_its_own_rule() =>
        Assert.Contains("S3", new HouseKit().Adapter("hci0").Speaker("a", "Bose SoundLink Flex", s => s with { HeldElsewhere = Fact.Of(true) }).Plan("line-in", "a").Blocked());
}
