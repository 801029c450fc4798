using System.Text.Json;

namespace Gateway.Engine.Tests.Planning;

/// <summary>No house makes the planner throw, run away or fill a screen.</summary>
public sealed class HostileHousesTests
{
    private static readonly string s_long = new('x', 10_000);

    [Fact]
    public void Names_of_10_kB_are_cut_in_every_sentence()
    {
        var kit = new HouseKit().Echo(s_long, s_long).Speaker("a" + s_long, s_long);
        var house = kit.House();

        var plan = kit.Plan("echo:" + s_long, s_long, "a" + s_long);

        Assert.False(plan.Feasible);
        Assert.All(plan.Blockers, b => Assert.True(b.Text.Length < 600, b.Text));
        Assert.True(PlanText.Write(plan, house).Length < 8000);
    }

    [Fact]
    public void References_to_nothing_are_refused_by_name()
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a").Plan(null, "a", "nowhere");

        Assert.Equal(["config"], plan.Blocked());
        Assert.Contains("nowhere", plan.Blockers[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_group_is_refused() => Assert.Equal(["config"], new HouseKit().Plan(null).Blocked());

    [Fact]
    public void Devices_and_members_that_come_twice_count_once()
    {
        var plan = new HouseKit().Adapter("hci0").Adapter("hci0").Speaker("a").Speaker("a").Echo("a").Plan("line-in", "a", "a", "a");

        Assert.Equal(["a"], plan.Members);
        Assert.True(plan.Feasible);
    }

    [Fact]
    public void Circles_of_references_end()
    {
        var plan = new HouseKit().Adapter("hci0").Linked("x", "y").Linked("y", "x").Speaker("a")
            .Transmitter("t", "t", AudioOutput.LineOut, null, "a", "t").Transmitter("u", "x", null, null, "u", "x", "a").WifiGroup("x", "x", "x", "nothing")
            .StereoPair("x", "x", "x").Plan("echo:x", "y", "a");

        Assert.True(plan.Feasible);
    }

    [Theory]
    [InlineData("file:/a", null)]
    [InlineData("echo:e0", null)]
    [InlineData(null, Route.Mixed)]
    [InlineData("alexa", Route.StereoPair)]
    public void A_thousand_devices_of_each_kind_are_planned(string? source, Route? route)
    {
        var kit = new HouseKit();
        for (var i = 0; i < 1000; i++)
        {
            kit.Adapter($"hci{i}", i % 3 == 0 ? null : true).Linked($"e{i}", $"s{i}").Paired($"s{i}", $"hci{i}", $"hci{i + 1}");
            kit.Transmitter($"t{i}", $"e{i}", null, null, $"s{i}", $"s{(i + 1) % 1000}").WifiGroup($"g{i}", $"e{i}", $"s{i}");
        }

        var plan = kit.Plan(source, route, [.. Enumerable.Range(0, 1000).SelectMany(i => new[] { $"s{i}", $"e{i}" })]);

        Assert.False(plan.Feasible);
        Assert.NotEmpty(plan.Blockers);
    }

    [Theory]
    [InlineData((Route)99)]
    [InlineData((Route)(-1))]
    [InlineData(Route.Infeasible)]
    [InlineData(Route.Broadcast)]
    public void Routes_that_cannot_be_are_refused(Route route)
    {
        var plan = new HouseKit().Adapter("hci0").Speaker("a").Plan("line-in", route, "a");

        Assert.False(plan.Feasible);
        Assert.Contains(plan.Alternatives, a => a.Route == Route.FanOut);
    }

    [Fact]
    public void The_same_house_gives_the_same_plan_byte_for_byte()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var spec = Physics.RandomSpecs.Make(new Random(seed), 6, forced: false);
            Case.Run(
                $"Seed {seed}, {spec}",
                () => Assert.Equal(JsonSerializer.Serialize(spec.Plan(), PlanJson.Default.Plan), JsonSerializer.Serialize(spec.Plan(), PlanJson.Default.Plan)));
        }
    }
}
