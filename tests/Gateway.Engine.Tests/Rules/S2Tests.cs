namespace Gateway.Engine.Tests.Rules;

/// <summary>Sonos Roam SL: a limitation that is always named.</summary>
public sealed class S2Tests
{
    [Fact]
    public void It_is_warned_of_on_every_route()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", "Sonos Roam SL").Plan("line-in", "a");

        Assert.Equal(["a"], plan.Warnings.Single(w => w.Rule == "S2").Devices);
    }

    [Fact]
    public void Airplay_is_its_bridge_once_the_machine_offers_it()
    {
        Assert.Equal(Route.AirPlay, new HouseKit().Speaker("a", "Sonos Roam SL", set: s => s with { AirPlay = true }).Plan("line-in", "a").Route);
        var refused = new HouseKit().Speaker("a", "Sonos Roam SL").Plan("line-in", "a");
        Assert.Contains(refused.Alternatives, x => x.Route == Route.AirPlay && x.Needs.Contains("airplay: true", StringComparison.Ordinal));
    }
}
