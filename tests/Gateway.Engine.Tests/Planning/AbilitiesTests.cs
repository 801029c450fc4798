namespace Gateway.Engine.Tests.Planning;

/// <summary>What this version cannot do is refused by the planner too: a plan that says yes is a promise.</summary>
public sealed class AbilitiesTests
{
    [Theory]
    [InlineData("snapcast")]
    [InlineData("snapcast:kitchen")]
    [InlineData("pipe:mpd")]
    [InlineData("url:http://radio.example/a.mp3")]
    public void A_source_that_is_not_built_is_refused_by_every_route(string source)
    {
        var kit = new HouseKit().Adapter("hci0").Paired("a", "hci0");

        Assert.True(kit.Plan(source, "a").Feasible);
        var today = kit.Today().Plan(source, "a");

        Assert.Equal(["version"], today.Blocked());
        Assert.Null(today.ExpectedClass);
        Assert.DoesNotContain("snapcast", today.Blockers[0].Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:/music.wav")]
    [InlineData("pipe:test-signal")]
    [InlineData("line-in:alsa_input.desk")]
    [InlineData("phone:00:11:22:33:44:55")]
    public void A_source_that_is_built_is_planned(string source) => Assert.True(new HouseKit().Today().Adapter("hci0").Paired("a", "hci0").Plan(source, "a").Feasible);

    [Fact]
    public void AirPlay_is_neither_a_route_nor_an_alternative_nor_a_remedy()
    {
        var kit = new HouseKit().Speaker("a", "Sonos Roam SL", set: s => s with { AirPlay = true });
        Assert.Equal(Route.AirPlay, kit.Plan("file:a.wav", "a").Route);

        var today = kit.Today().Plan("file:a.wav", "a");

        Assert.False(today.Feasible);
        Assert.DoesNotContain(today.Alternatives, a => a.Route == Route.AirPlay);
        Assert.DoesNotContain("airplay: true", string.Join(' ', today.Blockers.Select(b => b.Remedy).Concat(today.Unknown.Select(u => u.Ask))), StringComparison.Ordinal);
        Assert.Contains("version", kit.Plan("file:a.wav", Route.AirPlay, "a").Blocked());
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("k")]
    public void A_transmitter_is_not_fed_by_us(string fedBy)
    {
        var kit = new HouseKit().Adapter("hci0").Echo("k", "Echo Flex").Speaker("a").Speaker("b").Transmitter("t", fedBy, AudioOutput.LineOut, null, "a", "b");
        Assert.True(kit.Plan("file:a.wav", Route.Transmitter, "a", "b").Feasible);

        var today = kit.Today().Plan("file:a.wav", Route.Transmitter, "a", "b");

        Assert.Contains("version", today.Blocked());
        Assert.DoesNotContain("fed_by: gateway", string.Join(' ', today.Blockers.Select(b => b.Remedy)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_echo_that_plays_out_of_its_own_socket_feeds_its_transmitter_today() =>
        Assert.True(new HouseKit().Today().Echo("k", "Echo Flex").Speaker("a").Speaker("b").Transmitter("t", "k", AudioOutput.LineOut, null, "a", "b").Plan("alexa", Route.Transmitter, "a", "b").Feasible);
}
