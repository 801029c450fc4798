namespace Gateway.Engine.Tests.Rules;

/// <summary>A speaker that is an output of the sound server: no link, no adapter, and in the group all the same.</summary>
public sealed class SinkTests
{
    private static readonly HouseKit s_full = Wired(new HouseKit().Adapter("hci0", max: 2).Paired("a", "hci0").Paired("b", "hci0").Paired("c", "hci0"));

    [Theory]
    [InlineData("amp", "Start party")]
    [InlineData("a,b,amp", "Connect a@hci0 | Connect b@hci0 | Start party")]
    [InlineData("amp,a,hall,b", "Connect a@hci0 | Connect b@hci0 | Start party")]
    public void It_takes_no_room_on_an_adapter_and_no_step(string members, string steps)
    {
        var plan = s_full.Plan("file:a.wav", members.Split(','));

        Assert.Equal((true, Route.FanOut, Automation.Yes, steps), (plan.Feasible, plan.Route, plan.Automatic, plan.Steps()));
        Assert.Equal(SyncClass.Locked, plan.ExpectedClass);
        Assert.Equal(members.Split(','), plan.Members);
        Assert.Empty(plan.Unknown);
    }

    [Fact]
    public void Beside_it_an_adapter_is_as_full_as_ever() => Assert.Contains("T4", s_full.Plan("file:a.wav", "a", "b", "c", "amp").Blocked());

    [Fact]
    public void It_plays_on_a_machine_without_an_adapter_and_where_nobody_knows_of_any()
    {
        Assert.Equal("Start party", Wired(new HouseKit()).Plan("file:a.wav", "amp").Steps());
        var unknown = Wired(new HouseKit().UnknownAdapters()).Plan("file:a.wav", "amp");

        Assert.Equal("Start party", unknown.Steps());
        Assert.Empty(unknown.Unknown);
    }

    [Fact]
    public void An_Echo_that_feeds_it_takes_the_one_stream_that_it_takes() =>
        Assert.Equal("Connect k@hci0 | Start party", Wired(new HouseKit().Adapter("hci0", max: 1).Echo("k")).Plan("echo:k", "amp", "hall").Steps());

    [Fact]
    public void One_that_is_known_to_be_missing_is_refused_and_one_of_which_nothing_is_known_is_asked_for()
    {
        var gone = Wired(new HouseKit(), reachable: false).Plan("file:a.wav", "amp");
        var unknown = Wired(new HouseKit(), reachable: null).Plan("file:a.wav", "amp", "hall");

        Assert.Equal("The sound server has no output alsa_output.amp, which Speaker amp is.", gone.Blockers[0].Text);
        Assert.Equal("sink", gone.Blockers[0].Rule);
        Assert.Equal(["sink"], unknown.Asked());
        Assert.Equal(["amp", "hall"], Assert.Single(unknown.Unknown).Devices);
        Assert.True(unknown.Feasible);
    }

    [Fact]
    public void Neither_a_transmitter_nor_a_party_mode_nor_AirPlay_is_offered_to_it()
    {
        var house = Wired(new HouseKit().Adapter("hci0").Speaker("a", "JBL Flip 6").Speaker("b", "JBL Flip 6").Transmitter("box", "gateway", AudioOutput.LineOut, null, "a", "b"), model: "JBL Flip 6", airPlay: true);

        Assert.DoesNotContain(house.Plan("file:a.wav", "amp", "hall").Alternatives, a => a.Route is Route.PartyMode or Route.AirPlay or Route.Transmitter);
        Assert.Contains("S4", house.Plan("file:a.wav", Route.PartyMode, "a", "amp").Blocked());
        Assert.Contains("S2", house.Plan("file:a.wav", Route.AirPlay, "amp").Blocked());
        Assert.Contains(house.Plan("file:a.wav", Route.Transmitter, "a", "b", "amp").Blockers, b => b.Text == "A transmitter feeds Bluetooth speakers, and Speaker amp is none.");
    }

    [Fact]
    public void One_that_switches_itself_off_is_kept_awake_as_any_other() =>
        Assert.Equal("KeepAwake amp | KeepAwake hall | Start party", Wired(new HouseKit(), model: "JBL Flip 6").Plan("file:a.wav", "amp", "hall").Steps());

    private static HouseKit Wired(HouseKit house, bool? reachable = true, string? model = null, bool? airPlay = null)
    {
        foreach (var id in (string[])["amp", "hall"])
            house.Speaker(id, model, s => new ObservedSpeaker { Id = s.Id, Reachable = Fact.OfNullable(reachable) }, s => s with { Sink = $"alsa_output.{id}", AirPlay = airPlay });
        return house;
    }
}
