namespace Gateway.Engine.Tests.Rules;

/// <summary>It is fed by an Echo with an output, or by this machine.</summary>
public sealed class T2Tests
{
    private static HouseKit Box(string? model, AudioOutput? output = AudioOutput.LineOut, Func<ObservedEcho, ObservedEcho>? seen = null, Func<ConfiguredEcho, ConfiguredEcho>? set = null) =>
        new HouseKit().Echo("k", model, seen, set).Speaker("a").Speaker("b").Transmitter("t", "k", output, null, "a", "b");

    [Theory]
    [InlineData("Echo Flex", AudioOutput.LineOut, true, false)]
    [InlineData("Echo Dot (5th gen)", AudioOutput.LineOut, false, false)]
    [InlineData("Echo Studio", AudioOutput.LineOut, false, false)]
    [InlineData("Echo Studio", AudioOutput.Optical, false, false)]
    [InlineData("Echo Link", AudioOutput.Optical, true, true)]
    [InlineData("Echo Link", AudioOutput.LineOut, true, true)]
    [InlineData("Something new", AudioOutput.LineOut, true, true)]
    [InlineData(null, AudioOutput.LineOut, true, true)]
    [InlineData("Echo (3rd gen)", AudioOutput.LineOut, true, false)]
    [InlineData("Echo Dot", AudioOutput.LineOut, true, true)]
    public void A_socket_is_used_refused_or_asked_about(string? model, AudioOutput output, bool feasible, bool asked)
    {
        var plan = Box(model, output).Plan("alexa", "a", "b");

        Assert.Equal(feasible, plan.Feasible);
        Assert.Equal(!feasible, plan.Blocked().Contains("T2"));
        Assert.Equal(asked, plan.Asked().Contains("T2"));
        if (feasible) Assert.Equal(Automation.Yes, plan.Automatic);
    }

    [Fact]
    public void The_users_word_wins_over_the_catalogue()
    {
        Assert.True(Box("Echo Dot (5th gen)", set: e => e with { Outputs = [AudioOutput.LineOut] }).Plan("alexa", "a", "b").Feasible);
        Assert.False(Box("Echo Flex", set: e => e with { Outputs = [] }).Plan("alexa", "a", "b").Feasible);
    }

    [Fact]
    public void The_guess_at_a_model_is_said() =>
        Assert.Contains("2019", Box("Echo Studio").Plan("alexa", "a", "b").Blockers.First(b => b.Rule == "T2").Text, StringComparison.Ordinal);

    [Fact]
    public void The_output_is_set_unless_it_is_so_already()
    {
        Assert.Equal("SetAudioOutput k>t | Start party", Box("Echo Flex").Plan("alexa", "a", "b").Steps());
        Assert.Equal("Start party", Box("Echo Flex", seen: e => e with { AudioOutput = Fact.Of(AudioOutput.LineOut) }).Plan("alexa", "a", "b").Steps());
        Assert.Equal(Automation.NeedsUser, Box("Echo Flex", seen: e => e with { AudioOutputSettable = Fact.Of(false) }).Plan("alexa", "a", "b").Automatic);
    }

    [Fact]
    public void Where_nobody_says_what_feeds_it_the_user_has_to() =>
        Assert.Equal(Automation.NeedsUser, new HouseKit().Speaker("a").Transmitter("t", null, null, null, "a").Plan("alexa", "a").Automatic);

    [Fact]
    public void Sound_of_the_gateway_reaches_it_through_the_echo() =>
        Assert.Equal("SetAudioOutput k>t | Connect k@hci0 | Start party", Box("Echo Flex").Adapter("hci0").Plan("line-in", Route.Transmitter, "a", "b").Steps());

    [Fact]
    public void A_refusal_names_the_other_socket_of_the_same_Echo()
    {
        var plan = new HouseKit().Echo("f", "Echo Flex").Speaker("a").Transmitter("t", "f", AudioOutput.Optical, null, "a").Plan("alexa", "a");

        Assert.Contains(plan.Blockers, b => b.Rule == "T2" && b.Remedy.Contains("Connect Echo f's line-out (3.5 mm output) to Transmitter t and set output: line_out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refusal_names_the_Echo_of_the_house_that_has_a_socket()
    {
        var plan = new HouseKit().Echo("d", "Echo Dot (5th gen)").Echo("s", "Echo Studio").Echo("f", "Echo Flex").Speaker("a").Transmitter("t", "d", null, null, "a").Plan("alexa", "a");

        Assert.Contains(plan.Blockers, b => b.Rule == "T2" && b.Remedy.Contains("Connect Echo f's line-out (3.5 mm output) to Transmitter t, and set fed_by: f", StringComparison.Ordinal));
    }

    [Fact]
    public void An_Echo_whose_only_output_is_optical_is_used_by_it_also_where_the_catalogue_is_not_sure()
    {
        var kit = new HouseKit().Echo("l", "Echo Link").Speaker("a").Transmitter("t", "l", null, null, "a");

        var plan = kit.Plan("alexa", "a");

        Assert.Equal(AudioOutput.Optical, TransmitterFeed.OutputOf(kit.House(), kit.House().Configured.Transmitters[0]));
        Assert.Contains(plan.Unknown, q => q.Rule == "T2" && q.Ask.Contains("optical", StringComparison.Ordinal));
    }
}
