namespace Gateway.Engine.Tests.Rules;

/// <summary>An adapter carries so many streams; keys belong to one adapter; adapters add up.</summary>
public sealed class T4Tests
{
    [Theory]
    [InlineData(3, null, true)]
    [InlineData(4, null, false)]
    [InlineData(7, 7, true)]
    [InlineData(2, 1, false)]
    public void Capacity_is_three_unless_stated(int speakers, int? max, bool feasible)
    {
        var kit = new HouseKit().Adapter("hci0", max: max);
        for (var i = 0; i < speakers; i++) kit.Speaker($"s{i}");

        Assert.Equal(feasible, kit.Plan("line-in", [.. Enumerable.Range(0, speakers).Select(i => $"s{i}")]).Feasible);
    }

    [Theory]
    [InlineData("B8:27:EB:00:00:01", false)]
    [InlineData("00:AA:01:00:00:00", true)]
    public void A_raspberry_pis_own_radio_carries_one(string address, bool feasible) =>
        Assert.Equal(feasible, new HouseKit().Adapter("hci0", address: address).Speaker("a").Speaker("b").Plan("line-in", "a", "b").Feasible);

    [Theory]
    [InlineData("line-in", true)]
    [InlineData("echo:k", false)]
    [InlineData("phone:AA:BB:CC:DD:EE:FF", false)]
    public void A_received_stream_counts(string source, bool feasible) =>
        Assert.Equal(feasible, new HouseKit().Adapter("hci0").Echo("k").Speaker("a").Speaker("b").Speaker("c").Plan(source, "a", "b", "c").Feasible);

    [Fact]
    public void Speakers_that_others_use_count_and_are_never_cut()
    {
        var plan = new HouseKit().Adapter("hci0", max: 2).Connected("other", "hci0").Speaker("a").Speaker("b").Plan("line-in", "a", "b");

        Assert.Contains("T4", plan.Blocked());
        Assert.Contains("Speaker other", plan.Blockers.First(b => b.Rule == "T4").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_speaker_goes_where_it_is_paired_and_adapters_add_up()
    {
        var plan = new HouseKit().Adapter("hci0", max: 1).Adapter("hci1", max: 2).Paired("a", "hci1").Paired("b", "hci0", "hci1").Paired("c", "hci1").Plan("line-in", "a", "b", "c");

        Assert.Equal("Connect a@hci1 | Connect b@hci0 | Connect c@hci1 | Start party", plan.Steps());
    }

    [Fact]
    public void Power_unknown_is_used_last_and_asked_and_power_off_never()
    {
        var plan = new HouseKit().Adapter("hci0", null, max: 1).Adapter("hci1", max: 1).Adapter("hci2", false).Listed("hci2").Speaker("a").Speaker("b").Plan("line-in", "a", "b");

        Assert.Equal("Pair a@hci1 | Connect a@hci1 | Pair b@hci0 | Connect b@hci0 | Start party", plan.Steps());
        Assert.Contains("T4", plan.Asked());
    }

    [Fact]
    public void No_adapter_and_switched_off_adapters_are_told_apart()
    {
        Assert.Contains("no Bluetooth adapter", new HouseKit().Speaker("a").Plan("line-in", "a").Blockers.First(b => b.Rule == "T4").Text, StringComparison.Ordinal);
        Assert.StartsWith("Switch hci0 on", new HouseKit().Adapter("hci0", false).Speaker("a").Plan("line-in", "a").Blockers.First(b => b.Rule == "T4").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Adapters_nobody_has_told_of_are_asked_for()
    {
        var plan = new HouseKit().UnknownAdapters().Speaker("a").Plan("line-in", "a");

        Assert.True(plan.Feasible);
        Assert.Contains("T4", plan.Asked());
    }

    [Fact]
    public void A_link_on_an_adapter_that_is_not_in_the_list_is_not_touched() =>
        Assert.Contains("L3", new HouseKit().Adapter("hci0").Adapter("hci1").Listed("hci1").Connected("a", "hci0").Plan("line-in", "a").Blocked());

    [Fact]
    public void A_link_moves_where_its_adapter_may_not_carry_it_and_that_is_a_drop()
    {
        var plan = new HouseKit().Adapter("hci0", role: AdapterRole.Receive).Adapter("hci1", role: AdapterRole.Send).Connected("a", "hci0").Plan("line-in", "a");

        Assert.Equal("a>hci0", plan.Drops());
        Assert.Equal("Disconnect a>hci0@hci0 | Pair a@hci1 | Connect a@hci1 | Start party", plan.Steps());
        Assert.Contains("L2", plan.Warned());
    }

    [Fact]
    public void An_adapter_that_only_a_pairing_speaks_of_is_used_without_pairing_again()
    {
        var plan = new HouseKit().UnknownAdapters().Paired("a", "hci0").Connected("b", "hci0").Plan("line-in", "a", "b");

        Assert.Equal("Connect a@hci0 | Start party", plan.Steps());
        Assert.Contains("T4", plan.Asked());
    }

    [Fact]
    public void A_speaker_that_is_connected_stays_although_nobody_lists_the_adapters() =>
        Assert.Equal("Start party", new HouseKit().UnknownAdapters().Speaker("a", seen: s => s with { Reachable = Fact.Of(false), ConnectedOn = Fact.Of<string?>("hci0") }).Plan("line-in", "a").Steps());

    [Fact]
    public void An_Echo_that_plays_to_us_already_replaces_nothing_although_nobody_lists_the_adapters()
    {
        var plan = new HouseKit().UnknownAdapters().Limits(l => l with { OnSecondLink = SecondLinkPolicy.Refuse }).Linked("k", "hci0").Connected("a", "hci0").Plan("echo:k", "a");

        Assert.Equal((true, "Start party", ""), (plan.Feasible, plan.Steps(), plan.Drops()));
    }

    [Fact]
    public void Adapters_that_nobody_lists_are_no_limit()
    {
        var kit = new HouseKit().UnknownAdapters().Connected("a", "hci0");
        foreach (var id in new[] { "b", "c", "d", "e" }) kit.Paired(id, "hci0");
        var plan = kit.Plan("line-in", "a", "b", "c", "d", "e");

        Assert.True(plan.Feasible);
        Assert.Equal(2, plan.Steps.Count(s => s is ConnectStep { Adapter: "hci0" }));
    }

    [Fact]
    public void A_listed_address_may_be_the_adapter_that_a_pairing_names()
    {
        var house = new HouseKit().UnknownAdapters().Paired("a", "hci0").House();
        house = house with { Configured = house.Configured with { Adapters = [new ConfiguredAdapter { Address = BluetoothAddress.Parse("00:AA:01:00:00:00") }] } };

        var plan = Planner.Plan(house, new PlanRequest { Members = ["a"] });

        Assert.DoesNotContain(plan.Steps, s => s is PairStep);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_with_the_gateway_is_one_with_our_radio(bool adaptersKnown)
    {
        var kit = adaptersKnown ? new HouseKit().Adapter("hci0") : new HouseKit().UnknownAdapters();
        var plan = kit.Linked("k", "gateway").Paired("a", "hci0").Plan("echo:k", "a");

        Assert.Equal("", plan.Drops());
        Assert.DoesNotContain(plan.Steps, s => s.Device == "k");
    }
}
