using System.Text.Json;
using Gateway.Alignment.Spread;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Tests.House;

public sealed class WordsTests
{
    [Fact]
    public void What_an_Echos_document_enumerates_has_the_words_of_the_contract()
    {
        var words = Enum.GetValues<EchoControlKind>().Select(c => Echo(c, null).GetProperty("control").GetString());
        var links = Enum.GetValues<EchoLinkState>().Select(l => Echo(EchoControlKind.Declared, l).GetProperty("bluetooth").GetProperty("state").GetString());

        Assert.Equal(["home_assistant", "alexa_api", "declared"], words);
        Assert.Equal(["disconnected", "connecting", "connected"], links);
    }

    [Fact]
    public void Evidence_loop_calibration_and_the_owner_of_the_sound_have_the_words_of_the_contract()
    {
        Assert.Equal(["reported", "host", "acoustic"], Words.All<SyncEvidence>());
        Assert.Equal(["idle", "priming", "acquiring", "tracking", "coasting", "lost"], Words.All<LoopState>());
        Assert.Equal(["none", "valid", "stale"], Words.All<CalibrationStatus>());
        Assert.Equal(["own", "pulse"], Words.All<BluetoothAudioOwner>());
        Assert.Equal(["measured", "catalogue"], Words.All<StabilityEvidence>());
    }

    [Theory]
    [InlineData("held_elsewhere", SpeakerLink.HeldElsewhere)]
    [InlineData("HeldElsewhere", null)]
    [InlineData("of another version", null)]
    [InlineData(null, null)]
    public void A_word_that_is_none_of_ours_stands_for_nothing(string? word, SpeakerLink? link) => Assert.Equal(link, Words.Read<SpeakerLink>(word));

    [Fact]
    public void A_route_is_read_as_it_is_written()
    {
        foreach (var route in Enum.GetValues<Route>())
        {
            var plan = new Plan { Feasible = true, Automatic = Automation.Yes, Route = route };
            var json = JsonSerializer.Serialize(plan, PlanJson.Default.Plan);

            Assert.Contains($"\"route\":\"{RouteNames.Of(route)}\"", json, StringComparison.Ordinal);
            Assert.Equal(route, JsonSerializer.Deserialize(json, PlanJson.Default.Plan)!.Route);
        }
    }

    [Fact]
    public void A_group_is_planned_and_measured_by_the_same_limits()
    {
        double[] limits = [SyncLimits.LockedMs, SyncLimits.TightMs, SyncLimits.RoomwideMs, SyncLimits.LooseMs, SyncLimits.SmearedMs];
        foreach (var spread in limits.SelectMany(l => new[] { l - 0.001, l, l + 0.001 }))
        {
            Assert.Equal(ClassHysteresis.Classify(spread).ToString(), SyncLimits.ClassOf(spread).ToString());
        }
    }

    private static JsonElement Echo(EchoControlKind control, EchoLinkState? link) => JsonSerializer.SerializeToElement(
        new EchoDocument { Id = "kitchen", Name = "Kitchen", Control = control, Bluetooth = new(link, null, null, []) }, DocumentJson.Default.EchoDocument);
}
