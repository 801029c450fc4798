using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.HomeAssistant;
using Gateway.Reconciler;

namespace Gateway.Tests.HomeAssistant;

public sealed class DiscoveryBuilderTests
{
    private static readonly string s_table = Path.Combine(Golden.SourceDirectory(), "ha-mqtt-keys.json");
    private readonly IReadOnlyList<DiscoveryConfig> _configs = SampleHouse.Builder().Build(SampleHouse.Make());

    [Fact]
    public void Payloads_are_as_approved() => Golden.Approve(_configs.ToDictionary(c => c.Topic.Split('/')[2] + ".json", c => c.Text));

    [Fact]
    public void Home_Assistant_accepts_every_payload()
    {
        var check = new PayloadCheck(s_table);

        foreach (var config in _configs) check.Check(config.Topic, config.Text);

        Assert.True(check.Faults.Count == 0, string.Join("\n", check.Faults));
    }

    [Theory]
    [InlineData("\"stat_t\"", "\"state_topik\"", "unknown key state_topik")]
    [InlineData("\"dev_cla\":\"duration\"", "\"dev_cla\":\"volume\"", "does not fit volume")]
    [InlineData("\"ent_cat\":\"diagnostic\"", "\"ent_cat\":\"config\"", "entity_category config on a sensor")]
    [InlineData("\"avty_mode\":\"all\"", "\"avty_mode\":\"latest\"", "without mode all")]
    [InlineData("\"o\":", "\"origin_x\":1,\"o\":", "unknown key origin_x")]
    [InlineData("mdi:", "mdi-", "icon has no prefix")]
    [InlineData("\"name\":\"Volume\"", "\"name\":\"Flip 6 Volume\"", "begins with the device's")]
    [InlineData("number.flip", "flip", "default_entity_id")]
    public void The_check_finds_a_planted_fault(string from, string to, string fault)
    {
        var check = new PayloadCheck(s_table);
        var speaker = _configs.Single(c => c.Topic.Contains("speaker_f1", StringComparison.Ordinal));

        check.Check(speaker.Topic, speaker.Text.Replace(from, to, StringComparison.Ordinal));

        Assert.Contains(check.Faults, f => f.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void The_gateway_comes_first_and_the_others_are_reached_through_it()
    {
        Assert.Equal("homeassistant/device/tutti_gateway_a1b2c3/config", _configs[0].Topic);
        Assert.All(_configs.Skip(1), c => Assert.Equal("tutti_gateway_a1b2c3", (string?)c.Payload["dev"]!["via_device"]));
    }

    [Fact]
    public void Every_state_member_that_a_template_reads_is_in_the_state()
    {
        var house = SampleHouse.Make();
        var json = DocumentJson.Readable;
        var states = new Dictionary<string, JsonNode>
        {
            ["gateway/a1b2c3"] = JsonSerializer.SerializeToNode(house.Gateway, json.GatewayDocument)!,
            ["echo/kitchen"] = JsonSerializer.SerializeToNode(house.Echoes[0], json.EchoDocument)!,
            ["speaker/f1"] = JsonSerializer.SerializeToNode(house.Speakers[0], json.SpeakerDocument)!,
            ["adapter/001122334455"] = JsonSerializer.SerializeToNode(house.Adapters[0], json.AdapterDocument)!,
            ["transmitter/oasis"] = JsonSerializer.SerializeToNode(house.Transmitters[0], json.TransmitterDocument)!,
            ["group/party"] = JsonSerializer.SerializeToNode(house.Groups[0], json.GroupDocument)!,
        };
        var read = 0;

        foreach (var component in _configs.SelectMany(c => c.Components.Select(p => p.Value!.AsObject())))
        {
            if ((string?)component["stat_t"] is not { } topic || !topic.EndsWith("/state", StringComparison.Ordinal) || !states.TryGetValue(topic["tutti/".Length..^"/state".Length], out var state)) continue;
            foreach (Match match in Regex.Matches((string?)component["val_tpl"] + component["json_attr_tpl"], @"value_json\.([a-z0-9_.]+)"))
            {
                var at = state;
                foreach (var member in match.Groups[1].Value.Split('.'))
                {
                    Assert.True(at!.AsObject().ContainsKey(member), $"{component["uniq_id"]} reads {match.Value}, which {topic} does not have");
                    at = at[member];
                }

                read++;
            }
        }

        Assert.InRange(read, 50, 200);
    }

    [Theory]
    [InlineData("gateway_a1b2c3", "Version|Pairing mode|Rescan|Last problem|Events|Sync plot|Kinoabend für alle|off")]
    [InlineData("echo_kitchen", "Online|Bluetooth|Bluetooth link|Pair|Forget|Volume|Firmware|Firmware OK|Multi-room group|Audio output|Readiness")]
    [InlineData("speaker_f1", "Connected|Paired|Pair|Forget|Volume|Trim|Applied delay|Offset|Latency|Drift|Jitter|Battery|Signal|Codec|Adapter|Stability|Drop-outs|Reconnect time|Keep awake|Advice")]
    [InlineData("adapter_a1b2c3_001122334455", "Powered|Streams used|Scanning")]
    [InlineData("transmitter_a1b2c3_oasis", "Fed by|Slot 1|Slot 2|Spread|Passes 15 ms")]
    [InlineData("group_a1b2c3_party", "Active|Source|Volume|Mute|Route|Spread|Sync class|Calibrate|Undo|Problem|Announce|")]
    public void A_device_has_the_entities_of_the_contract(string device, string names)
    {
        var config = _configs.Single(c => c.Topic == $"homeassistant/device/tutti_{device}/config");

        Assert.Equal(names.Split('|'), config.Components.Select(c => (string?)c.Value!["name"] ?? ""));
        Assert.All(config.Components, c => Assert.StartsWith($"tutti_{device}_", (string?)c.Value!["uniq_id"], StringComparison.Ordinal));
    }

    [Fact]
    public void Equal_names_are_told_apart_and_translated_back()
    {
        var select = _configs.Single(c => c.Topic.Contains("echo_kitchen", StringComparison.Ordinal)).Components["select_bluetooth"]!;

        Assert.Equal(
            ["Disconnected", "Flip 6 (…0A0B)", "Flip 6 (…0C0D)", "Tom's \"loud\" {{box}}", "None (…EE02)", "Disconnected (…EE03)"],
            select["ops"]!.AsArray().Select(o => (string)o!));
        Assert.Contains("\"Flip 6 (…0C0D)\": \"AA:BB:CC:DD:0C:0D\"", (string?)select["cmd_tpl"], StringComparison.Ordinal);
        Assert.Contains("\"None (…EE02)\": \"None\"", (string?)select["cmd_tpl"], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_cannot_end_a_template()
    {
        Assert.Equal("\"\\u007b\\u007bx\\u007d\\u007d \\u0025\\u0023 \\u0022\\u005c ü\"", Jinja.Quote("{{x}} %# \"\\ ü"));
    }

    [Fact]
    public void Prefix_and_base_topic_are_configurable()
    {
        var configuration = new TuttiConfiguration { Mqtt = new() { BaseTopic = "home/sound" }, HomeAssistant = new() { DiscoveryPrefix = "ha" } };

        var configs = SampleHouse.Builder(configuration).Build(SampleHouse.Make());

        Assert.All(configs, c => Assert.StartsWith("ha/device/tutti_", c.Topic, StringComparison.Ordinal));
        Assert.All(configs, c => Assert.DoesNotContain("\"tutti/", c.Text, StringComparison.Ordinal));
        Assert.Contains("\"home/sound/group/party/active/set\"", configs.Single(c => c.Topic.Contains("party", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_house_gives_the_same_texts() =>
        Assert.Equal(_configs.Select(c => c.Text), SampleHouse.Builder().Build(SampleHouse.Make()).Select(c => c.Text));

    [Fact]
    public void Only_the_device_whose_document_changed_is_made_again()
    {
        var builder = SampleHouse.Builder();
        var house = SampleHouse.Make();
        var first = builder.Build(house);

        var second = builder.Build(house with { Speakers = [house.Speakers[0] with { Model = "JBL Charge 5" }, .. house.Speakers.Skip(1)] });

        var anew = second.Where((config, i) => i > 0 && !ReferenceEquals(config, first[i])).ToList();
        Assert.Contains("JBL Charge 5", Assert.Single(anew).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_speakers_new_name_reaches_the_transmitter_that_feeds_it()
    {
        var builder = SampleHouse.Builder();
        var house = SampleHouse.Make();
        builder.Build(house);

        var configs = builder.Build(house with { Speakers = [house.Speakers[0] with { Name = "Flap 7" }, .. house.Speakers.Skip(1)] });

        Assert.Contains("Flap 7", configs.Single(c => c.Topic.Contains("oasis", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
    }
}
