namespace Gateway.Engine.Tests.Rules;

/// <summary>A transmitter has its own speakers, declared in its slots.</summary>
public sealed class T3Tests
{
    private static HouseKit Box() => new HouseKit().Speaker("a").Speaker("b").Speaker("c").Transmitter("t", "gateway", null, null, "a", "b");

    [Fact]
    public void Its_speakers_are_neither_paired_nor_connected_by_us() => Assert.Equal("Start party", Box().Plan("line-in", Route.Transmitter, "a", "b").Steps());

    [Fact]
    public void A_speaker_in_no_slot_is_refused() => Assert.Contains("T3", Box().Plan("line-in", Route.Transmitter, "a", "c").Blocked());

    [Fact]
    public void Half_of_its_speakers_are_refused_because_the_other_would_sound_too() => Assert.Contains("T3", Box().Plan("line-in", Route.Transmitter, "a").Blocked());

    [Fact]
    public void By_fan_out_its_speakers_can_be_had_with_a_warning()
    {
        var plan = Box().Adapter("hci0").Plan("line-in", Route.FanOut, "a", "b");

        Assert.Equal(Route.FanOut, plan.Route);
        Assert.Contains("T3", plan.Warned());
        Assert.Equal((Automation.NeedsUser, 2), (plan.Automatic, plan.Steps.Count(s => s is AskUserStep)));
    }

    [Fact]
    public void Those_that_are_paired_with_us_too_need_no_user()
    {
        var plan = new HouseKit().Adapter("hci0").Paired("a", "hci0").Transmitter("t", "gateway", null, null, "a", "x").Plan("line-in", "a");

        Assert.Equal((Route.FanOut, Automation.Yes, "Connect a@hci0 | Start party"), (plan.Route, plan.Automatic, plan.Steps()));
    }

    [Fact]
    public void A_speaker_that_is_linked_to_us_is_let_go_first()
    {
        var plan = new HouseKit().Adapter("hci0").Connected("a", "hci0").Transmitter("t", "gateway", null, null, "a").Plan("line-in", Route.Transmitter, "a");

        Assert.Equal("a>hci0", plan.Drops());
        Assert.Contains("L5", plan.Warned());
    }

    [Fact]
    public void Whether_they_are_on_is_asked_and_refuses_nothing()
    {
        var plan = new HouseKit().UnseenSpeaker("a").Transmitter("t", "gateway", null, null, "a").Plan("line-in", "a");

        Assert.Equal(Route.Transmitter, plan.Route);
        Assert.Contains(plan.Unknown, q => q.Rule == "L3" && q.Devices.SequenceEqual(["a"]));
    }

    [Fact]
    public void An_Echo_is_never_told_to_take_a_slot()
    {
        var plan = new HouseKit().Echo("k").Speaker("a").Transmitter("t", "gateway", null, null, "a").Plan("line-in", Route.Transmitter, "a", "k");

        Assert.Equal("Leave Echo k out.", plan.Blockers.Single(b => b.Rule == "T3").Remedy);
    }
}
