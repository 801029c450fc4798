namespace Gateway.Engine.Tests.Rules;

/// <summary>The Echo that feeds us is silent itself.</summary>
public sealed class L8Tests
{
    [Fact]
    public void It_cannot_be_a_member_and_the_refusal_proposes_another_echo_and_line_out()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("k").Echo("spare").Speaker("a").Plan("echo:k", "k", "a");

        var blocker = plan.Blockers.Single(b => b.Rule == "L8");
        Assert.Contains("echo:spare", blocker.Remedy, StringComparison.Ordinal);
        Assert.Contains("line-out", blocker.Remedy, StringComparison.Ordinal);
        Assert.Contains(plan.Alternatives, x => x.Route == Route.FanOut);
    }

    [Fact]
    public void A_speaker_is_no_source()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a", set: s => s with { Address = BluetoothAddress.Parse("20:00:00:00:00:01") }).Plan("phone:20:00:00:00:00:01", "a");

        Assert.False(plan.Feasible);
        Assert.Contains(plan.Blockers, b => b.Rule == "L8" && b.Devices.SequenceEqual(["a"]));
    }

    [Fact]
    public void A_refusal_begins_with_it_and_not_with_the_Wi_Fi_groups_that_nobody_asked_for()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("k").Speaker("a").Plan("echo:k", "k", "a");

        Assert.Equal("L8", plan.Blockers[0].Rule);
    }

    [Fact]
    public void A_device_that_can_play_to_us_is_a_source_also_where_it_could_be_a_speaker()
    {
        var house = new HouseKit().Adapter("hci0").Speaker("a").Speaker("both", set: s => s with { Address = BluetoothAddress.Parse("20:00:00:00:00:01") }).House();
        house = house with { Observed = house.Observed with { Phones = [new ObservedPhone(BluetoothAddress.Parse("20:00:00:00:00:01"), ["hci0"], null)] } };

        var plan = Planner.Plan(house, new PlanRequest { Members = ["a"], Source = new SourceRef(SourceKind.Phone, "20:00:00:00:00:01") });

        Assert.True(plan.Feasible);
        Assert.Contains("Connect 20:00:00:00:00:01@hci0", plan.Steps(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_phone_that_plays_to_us_is_left_as_it_is_and_one_that_is_not_paired_is_refused()
    {
        var house = new HouseKit().Adapter("hci0").Adapter("hci1").Connected("a", "hci0").House();
        Plan With(ObservedPhone[] phones) => Planner.Plan(
            house with { Observed = house.Observed with { Phones = phones } }, new PlanRequest { Members = ["a"], Source = new SourceRef(SourceKind.Phone, "20:00:00:00:00:01") });

        Assert.DoesNotContain("Connect", With([new ObservedPhone(BluetoothAddress.Parse("20:00:00:00:00:01"), ["hci0"], "hci0")]).Steps(), StringComparison.Ordinal);
        Assert.Contains("not paired", Assert.Single(With([]).Blockers, b => b.Rule == "L3" && b.Devices.Count == 0).Text, StringComparison.Ordinal);
    }
}
