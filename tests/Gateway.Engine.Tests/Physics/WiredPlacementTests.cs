using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Engine.Tests.Physics;

/// <summary>What needs no radio is placed nowhere: beside as many Bluetooth speakers as the adapter carries there is room for it, and on a machine without an adapter too.</summary>
public sealed class WiredPlacementTests
{
    private static readonly Spec s_house = new()
    {
        Adapters = [new("hci0", true, 2, AdapterRole.Both)],
        Speakers = [Paired("a"), Paired("b"), Paired("one_too_many"), new("c"), new("d"), new("roam") { AirPlay = true }],
        Transmitters = [new("box", 2, TransmitterFeed.Gateway, null, ["c", "d"])],
        Source = "line-in",
    };

    [Theory]
    [InlineData("c,d", "", Route.Transmitter)]
    [InlineData("a,b,c,d", "a,b", Route.Mixed)]
    [InlineData("a,b,roam", "a,b", Route.Mixed)]
    [InlineData("a,b,c,d,roam", "a,b", Route.Mixed)]
    public void A_full_adapter_keeps_only_what_needs_it(string members, string linked, Route route)
    {
        var spec = s_house with { Members = members.Split(',') };
        var plan = spec.Plan();

        Assert.Equal((true, route), (plan.Feasible, plan.Route));
        Assert.Empty(World.Violated(spec, plan, unknownLinksExist: false));
        Assert.Equal(linked, string.Join(",", plan.Steps.OfType<ConnectStep>().Select(s => s.Device)));
        Assert.False((spec with { Members = [.. spec.Members, "a", "b", "one_too_many"] }).Plan().Feasible);
    }

    [Theory]
    [InlineData("c,d", true)]
    [InlineData("roam", true)]
    [InlineData("c,d,roam", true)]
    [InlineData("a", false)]
    public void A_machine_without_an_adapter_plays_what_needs_none(string members, bool plays)
    {
        var spec = s_house with { Adapters = [], Members = members.Split(',') };
        var plan = spec.Plan();

        Assert.Equal(plays, plan.Feasible);
        if (plays) Assert.Empty(World.Violated(spec, plan, unknownLinksExist: false));
    }

    /// <summary>In any house: an output of the sound server that joins a group changes nothing about how the others are brought there.</summary>
    [Fact]
    public void An_output_of_the_sound_server_that_joins_moves_nobody() => Prop.ForAll(RandomSpecs.Houses(6), spec =>
    {
        spec = spec with { Forced = Route.FanOut };
        var (alone, joined) = (spec.Plan(), Planner.Plan(WithAmp(spec.House()), spec.Request() with { Members = [.. spec.Members, "amp"] }));

        return (alone.Feasible == joined.Feasible && alone.Steps() == joined.Steps() && alone.Drops() == joined.Drops() && alone.Automatic == joined.Automatic).Label($"{alone.Steps()}\n{joined.Steps()}");
    }).Check(Houses.Asked);

    private static House WithAmp(House house) => house with
    {
        Configured = house.Configured with { Speakers = [.. house.Configured.Speakers, new ConfiguredSpeaker { Id = "amp", Name = "Amp", Sink = "alsa_output.amp" }] },
        Observed = house.Observed with { Speakers = [.. house.Observed.Speakers, new ObservedSpeaker { Id = "amp", Reachable = Fact.Of(true) }] },
    };

    private static SpeakerSpec Paired(string id) => new(id) { PairedOn = ["hci0"] };
}
