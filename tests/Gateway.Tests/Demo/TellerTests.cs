using System.Text.RegularExpressions;
using System.Threading.Channels;
using Gateway.Configuration;
using Gateway.Demo;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Demo;

/// <summary>What a person reads while messages pass: outcomes, one line each, with names.</summary>
public sealed class TellerTests
{
    private static readonly TuttiConfiguration s_demo = ConfigurationLoader.Load(RepositoryFiles.PathOf("config/demo.yaml")).Configuration!;

    [Fact]
    public async Task A_command_is_told_by_its_answer_and_not_by_the_states_and_events_on_the_way()
    {
        var lines = await TellAsync(
            State("group/party", """{"phase":"off","members":[]}"""),
            Command("group/party/active/set", "ON"),
            Answer("""{"device":"group/party","command":"active","value":"ON","result":"accepted","reason":null,"drops":[{"device":"kitchen","peer":"roam"}],"plan":{"route":"fan-out","source":"echo:kitchen"}}"""),
            State("group/party", """{"phase":"connecting","members":[]}"""),
            Event("""{"event_type":"problem","group":"party","text":"Party cannot play: the radio is on fire."}"""),
            State("group/party", """{"phase":"playing","sync":{"class":null},"members":[{"id":"flip_a","state":"playing"},{"id":"emberton","state":"playing"}]}"""),
            Answer("""{"device":"group/party","command":"active","value":"ON","result":"done","reason":null,"drops":[]}"""));

        Assert.Equal(
        [
            "Party: accepted, by fan-out from Kitchen; this cuts Kitchen's link to Sonos Roam SL",
            "Party: plays on JBL Flip 6 A and Emberton II; how far apart is not measured",
        ], lines);
    }

    [Fact]
    public async Task A_refusal_is_whole()
    {
        var lines = await TellAsync(
            Command("group/all_by_wifi/active/set", "ON"),
            Event("""{"event_type":"problem","group":"all_by_wifi","text":"All by Wi-Fi cannot play: no."}"""),
            Answer("""{"device":"group/all_by_wifi","command":"active","value":"ON","result":"refused","reason":"All by Wi-Fi cannot play: no. Do this instead, and that.","drops":[],"rules":["G1"]}"""));

        Assert.Equal(["refused: All by Wi-Fi cannot play: no. Do this instead, and that."], lines);
    }

    [Fact]
    public async Task How_the_house_stands_at_first_is_no_outcome_and_what_changes_is_told_with_names()
    {
        var lines = await TellAsync(
            State("adapter/001a7dda7110", """{"name":"hci0","streams_used":0}"""),
            State("speaker/flip_a", """{"name":"JBL Flip 6 A","link":"disconnected"}"""),
            State("echo/kitchen", """{"name":"Kitchen","online":null,"bluetooth":{"state":"disconnected"}}"""),
            State("adapter/001a7dda7110", """{"name":"hci0","streams_used":1}"""),
            State("speaker/flip_a", """{"name":"JBL Flip 6 A","link":"connecting"}"""),
            State("speaker/flip_a", """{"name":"JBL Flip 6 A","link":"connected","adapter":"001a7dda7110"}"""),
            State("speaker/flip_a", """{"name":"JBL Flip 6 A","link":"connected","adapter":"001a7dda7110","volume":40}"""),
            State("echo/kitchen", """{"name":"Kitchen","online":true,"bluetooth":{"state":"connected","role":"plays_to","peer":{"name":"Tutti demo"}}}"""),
            Event("""{"event_type":"dropout","device":"flip_a","text":"It had a gap."}"""));

        Assert.Equal(["JBL Flip 6 A: connected on hci0", "Kitchen: online", "Kitchen: plays to Tutti demo", "JBL Flip 6 A: It had a gap."], lines);
    }

    [Fact]
    public async Task What_the_gateway_itself_was_asked_is_told_without_its_id()
    {
        var lines = await TellAsync(Answer("""{"device":"gateway/demo","command":"rescan","value":"PRESS","result":"done","reason":null,"drops":[]}"""));

        Assert.Equal(["rescan is done"], lines);
    }

    [Fact]
    public async Task An_event_and_the_answer_that_says_the_same_are_one_line_and_a_switch_is_on_or_off()
    {
        var lines = await TellAsync(
            Event("""{"event_type":"pairing","device":null,"text":"Pairing mode is open on hci0."}"""),
            Answer("""{"device":"gateway/demo","command":"pairing_mode","value":"ON","result":"done","reason":"Pairing mode is open on hci0.","drops":[]}"""),
            Answer("""{"device":"gateway/demo","command":"pairing_mode","value":"OFF","result":"done","reason":null,"drops":[]}"""),
            Answer("""{"device":"speaker/flip_a","command":"volume","value":"40","result":"done","reason":null,"drops":[]}"""));

        Assert.Equal(["Pairing mode is open on hci0.", "pairing mode is off", "JBL Flip 6 A: volume 40 is done"], lines);
    }

    [Fact]
    public async Task What_others_write_below_the_base_topic_is_said_and_harms_nothing()
    {
        var lines = await TellAsync(State("speaker/flip_a", "[1]"), State("speaker/flip_a", "nonsense"), new Seen("tutti/event", "5", false), new Seen("elsewhere/state", "{}", false));

        Assert.Equal(["> somebody else wrote to speaker/flip_a/state", "> somebody else wrote to speaker/flip_a/state", "> somebody else wrote to event"], lines);
    }

    private static Seen State(string device, string payload) => new($"tutti/{device}/state", payload, true);

    private static Seen Event(string payload) => new("tutti/event", payload, false);

    private static Seen Answer(string payload) => new("tutti/response", payload, false);

    private static Seen Command(string topic, string payload) => new($"tutti/{topic}", payload, false);

    private static async Task<string[]> TellAsync(params Seen[] messages)
    {
        using var output = new StringWriter();
        var teller = new Teller(new Screen(output, coloured: false, () => 0), json: false, s_demo.House, new FakeTimeProvider());
        var channel = Channel.CreateUnbounded<Seen>();
        foreach (var message in messages) channel.Writer.TryWrite(message);
        channel.Writer.Complete();
        await teller.TellAsync(channel.Reader, "tutti", CancellationToken.None);
        return [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => Regex.Replace(l, @"^ +0\.0 s  ", ""))];
    }
}
