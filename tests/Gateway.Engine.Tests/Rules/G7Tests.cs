namespace Gateway.Engine.Tests.Rules;

/// <summary>A Wi-Fi group plays only what Alexa plays.</summary>
public sealed class G7Tests
{
    [Theory]
    [InlineData("line-in")]
    [InlineData("echo:other")]
    [InlineData("file:/a.wav")]
    public void Any_other_source_is_refused(string source)
    {
        var plan = new HouseKit().Echo("other").Echo("k").Echo("l").Plan(source, Route.WifiGroup, "k", "l");

        Assert.Equal(["G7"], plan.Blocked());
    }

    [Fact]
    public void Alexa_cannot_be_sent_to_speakers_and_the_remedy_names_an_echo()
    {
        var plan = new HouseKit().Adapter("hci0").Echo("k").Speaker("a").Plan("alexa", "a");

        Assert.Contains("echo:k", plan.Blockers.First(b => b.Rule == "G7").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_source_it_plays_alexa() =>
        Assert.Equal("alexa", new HouseKit().Echo("k").Echo("l").WifiGroup("g", "k", "l").Plan(null, "k", "l").Source);

    [Fact]
    public void A_wifi_group_and_fan_out_have_no_sound_in_common()
    {
        var plan = new HouseKit().Adapter("hci0", max: 1).Echo("k").Echo("l").Speaker("a").WifiGroup("g", "k", "l").Plan(null, "k", "l", "a");

        Assert.False(plan.Feasible);
    }

    [Fact]
    public void Dlna_is_refused_in_a_sentence() =>
        Assert.Contains(new HouseKit().Adapter("hci0").Speaker("a").Plan("url:dlna://x", "a").Blockers, b => b.Text == Myths.Dlna);
}
