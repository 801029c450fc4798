namespace Gateway.Engine.Tests.Rules;

/// <summary>T4, L3: an Echo's key belongs to one adapter, and without one there is no link from either side.</summary>
public sealed class EchoKeyTests
{
    [Fact]
    public void The_source_is_received_on_the_adapter_that_it_is_paired_on()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Connected("a", "hci0").Echo("k", seen: Keys("hci0")).Plan("echo:k", "a");

        Assert.Contains("Connect k@hci0", plan.Steps(), StringComparison.Ordinal);
        Assert.Contains("L4", plan.Warnings.Select(w => w.Rule)); // both roles on one adapter: the price
    }

    [Fact]
    public void A_member_is_played_to_on_the_adapter_that_it_is_paired_on()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Echo("k", seen: Keys("hci1")).Plan("file:/music.wav", Route.FanOut, "k");

        Assert.Contains("Connect k@hci1", plan.Steps(), StringComparison.Ordinal);
        Assert.Equal(Automation.Yes, plan.Automatic);
    }

    [Theory]
    [InlineData("echo:k", "a")]
    [InlineData("file:/music.wav", "k")]
    public void Paired_on_no_adapter_it_is_refused_in_either_role_with_the_way_to_pair_it(string source, string member)
    {
        var plan = new HouseKit().Adapter("hci0").Connected("a", "hci0").Echo("k", seen: Keys()).Plan(source, Route.FanOut, member);

        var blocker = Assert.Single(plan.Blockers, b => b.Devices.SequenceEqual(["k"]));
        Assert.StartsWith("Echo k is not paired with this gateway, so it cannot ", blocker.Text, StringComparison.Ordinal);
        Assert.Contains("tutti pair --open --echo k", blocker.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Paired_on_an_adapter_that_is_off_it_is_refused_and_the_adapter_named()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1", powered: false).Connected("a", "hci0").Echo("k", seen: Keys("hci1")).Plan("echo:k", Route.FanOut, "a");

        Assert.Contains("hci1", Assert.Single(plan.Blockers, b => b.Rule == "T4").Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_pairings_are_not_known_any_adapter_will_do()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci1").Connected("a", "hci0").Echo("k").Plan("echo:k", "a");

        Assert.Contains("Connect k@hci1", plan.Steps(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_with_us_the_other_way_round_is_dropped_and_announced_and_the_new_one_made()
    {
        var plan = new HouseKit().Adapter("hci0", address: "10:00:00:00:00:00").Connected("a", "hci0")
            .Echo("k", seen: e => Keys("hci0")(e) with { Link = Fact.Of<EchoLink?>(new EchoLink("100000000000", LinkRole.ReceivesFrom)) }).Plan("echo:k", "a");

        Assert.Equal("k>100000000000", plan.Drops());
        Assert.StartsWith("Disconnect k>100000000000 | Connect k@hci0", plan.Steps(), StringComparison.Ordinal);
    }

    private static Func<ObservedEcho, ObservedEcho> Keys(params string[] adapters) => e => e with { PairedOn = Fact.Of<IReadOnlyList<string>>(adapters) };
}
