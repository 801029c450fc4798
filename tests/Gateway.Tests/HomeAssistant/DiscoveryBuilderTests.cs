using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.HomeAssistant;
using Gateway.House;

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
    [InlineData("[\"bluetooth\",", "[\"mac\",", "not the one of the Bluetooth integration")]
    [InlineData("\"val_tpl\":", "\"def_ent_id\":\"flip\",\"val_tpl\":", "default_entity_id")]
    public void The_check_finds_a_planted_fault(string from, string to, string fault)
    {
        var check = new PayloadCheck(s_table);
        var speaker = _configs.Single(c => c.Topic.Contains("speaker_f1", StringComparison.Ordinal));

        check.Check(speaker.Topic, speaker.Text.Replace(from, to, StringComparison.Ordinal));

        Assert.Contains(check.Faults, f => f.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void An_output_of_the_sound_server_is_a_device_like_others_without_what_is_about_a_link()
    {
        var house = SampleHouse.Make() with { Speakers = [new SpeakerDocument { Id = "amp", Name = "Amp", Sink = "alsa_output.amp", Link = SpeakerLink.Connected, Connected = true }] };
        var amp = SampleHouse.Builder().Build(house).Single(c => c.Topic.Contains("speaker_amp", StringComparison.Ordinal));
        var check = new PayloadCheck(s_table);

        check.Check(amp.Topic, amp.Text);

        Assert.True(check.Faults.Count == 0, string.Join("\n", check.Faults));
        Assert.Equal(
            ["button_test", "number_volume", "number_trim_ms", "sensor_delay_ms", "sensor_offset_ms", "sensor_latency_ms", "sensor_drift_ppm", "sensor_jitter_ms", "switch_keep_awake", "sensor_advice"],
            amp.Components.Select(c => c.Key));
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
    [InlineData("gateway_a1b2c3", "Version|Pairing mode|Rescan|Status|Last problem|Events|Sync plot|Kinoabend für alle|off")]
    [InlineData("echo_kitchen", "Online|Bluetooth|Bluetooth link|Pair|Forget|Volume|Firmware|Firmware OK|Multi-room group|Audio output|Readiness")]
    [InlineData("speaker_f1", "Connected|Paired|Pair|Forget|Test sound|Volume|Trim|Applied delay|Offset|Latency|Drift|Jitter|Battery|Signal|Codec|Adapter|Stability|Drop-outs|Reconnect time|Keep awake|Advice")]
    [InlineData("adapter_a1b2c3_001122334455", "Powered|Streams used|Scanning")]
    [InlineData("transmitter_a1b2c3_oasis", "Fed by|Slot 1|Slot 2|Spread|Passes 15 ms")]
    [InlineData("group_a1b2c3_party", "|Source|Volume|Mute|Route|Spread|Sync class|Calibrate|Undo|Status|Problem|")]
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
    public void Home_Assistant_makes_the_ids_of_the_names_that_it_shows_in_every_version()
    {
        // object_id and default_entity_id are each known to some versions only: whoever sends one has other ids on the others.
        var components = _configs.Where(c => !c.Topic.Contains("aabbccdd0e0f", StringComparison.Ordinal)).SelectMany(c => c.Components).Select(c => c.Value!.AsObject()).ToList();

        components.AddRange(SampleHouse.Builder().Build(SampleHouse.Make() with
        {
            Speakers = [.. ((string[])["Кухня", "Зал", "客厅", "卧室", "Anna’s Box"]).Select((name, i) => new SpeakerDocument { Id = $"10287400000{i}", Name = name, Link = SpeakerLink.Disconnected })],
        }).SelectMany(c => c.Components).Select(c => c.Value!.AsObject()));

        Assert.True(components.Count > 160);
        Assert.All(components, c => Assert.False(c.ContainsKey("def_ent_id") || c.ContainsKey("obj_id"), c.ToJsonString()));
    }

    [Fact]
    public void A_name_of_which_no_id_can_be_made_gets_the_devices_kind_and_id()
    {
        var speaker = _configs.Single(c => c.Topic.Contains("aabbccdd0e0f", StringComparison.Ordinal));

        Assert.Equal("number.speaker_aabbccdd0e0f_volume", (string?)speaker.Components["number_volume"]!["def_ent_id"]);
        Assert.Equal("sensor.speaker_aabbccdd0e0f_drop_outs", (string?)speaker.Components["sensor_dropouts"]!["def_ent_id"]);
        Assert.All(speaker.Components, c => Assert.StartsWith($"{c.Value!["p"]}.speaker_aabbccdd0e0f", (string?)c.Value["def_ent_id"], StringComparison.Ordinal));
    }

    [Fact]
    public void Nobody_reads_the_documents_words_or_Unknown_for_what_is_known_to_be_nothing()
    {
        var shown = _configs.SelectMany(c => c.Components).Select(c => c.Value!.AsObject()).Where(c => c.ContainsKey("ops")).SelectMany(c => c["ops"]!.AsArray().Select(o => (string)o!));

        Assert.All(shown.Where(o => !o.StartsWith('{') && !o.StartsWith("Tom", StringComparison.Ordinal)), o => Assert.Matches("^[A-ZÄÖÜ][^_]*$", o));
        Assert.All(
            (string[])["group_a1b2c3_party sensor_problem", "group_a1b2c3_party sensor_route", "group_a1b2c3_party sensor_sync_class", "gateway_a1b2c3 sensor_last_problem",
                "echo_kitchen sensor_wifi_group", "speaker_f1 sensor_codec", "speaker_f1 sensor_adapter", "speaker_f1 sensor_advice", "transmitter_a1b2c3_oasis sensor_slot_2"],
            where => Assert.Matches("'(No problem|Off|Not playing|In no group|Not connected|No advice|Empty)'|\"No (problem|advice)\"", Template(where)));
    }

    [Fact]
    public void An_output_that_is_chosen_goes_out_in_the_documents_word()
    {
        var select = _configs.Single(c => c.Topic.Contains("echo_kitchen", StringComparison.Ordinal)).Components["select_audio_output"]!;

        Assert.Equal(["Speaker", "Line out", "Bluetooth"], select["ops"]!.AsArray().Select(o => (string)o!));
        Assert.Contains("\"line_out\": \"Line out\"", (string?)select["val_tpl"], StringComparison.Ordinal);
        Assert.Contains("\"Line out\": \"line_out\"", (string?)select["cmd_tpl"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_and_the_gateway_say_whether_something_is_wrong()
    {
        foreach (var device in (string[])["group_a1b2c3_party", "gateway_a1b2c3"])
        {
            var status = _configs.Single(c => c.Topic.EndsWith($"/tutti_{device}/config", StringComparison.Ordinal)).Components["binary_sensor_status"]!;

            Assert.Equal("problem", (string?)status["dev_cla"]);
            Assert.Equal("{{ 'ON' if value_json.problem else 'OFF' }}", (string?)status["val_tpl"]);
        }
    }

    [Fact]
    public void A_groups_switch_bears_the_groups_name()
    {
        var group = _configs.Single(c => c.Topic.Contains("party", StringComparison.Ordinal)).Components["switch_active"]!.AsObject();

        Assert.True(group.TryGetPropertyValue("name", out var name) && name is null);
        Assert.Equal("tutti_group_a1b2c3_party_active", (string?)group["uniq_id"]);
    }

    [Fact]
    public void Adapters_are_called_as_their_maker_calls_them_and_equal_ones_are_told_apart()
    {
        var house = SampleHouse.Make();
        var built = house.Adapters[0] with { Id = "001122334466", Address = "00:11:22:33:44:66", Name = "hci1", Product = null };
        var twins = house with { Adapters = [house.Adapters[0], built, built with { Id = "001122334477", Address = "00:11:22:33:44:77" }] };

        var configs = SampleHouse.Builder().Build(twins);

        Assert.Equal(
            ["Bluetooth adapter hci0 (TP-Link UB500 Adapter)", "Bluetooth adapter hci1 (…4466)", "Bluetooth adapter hci1 (…4477)"],
            configs.Where(c => c.Topic.Contains("adapter", StringComparison.Ordinal)).Select(c => c.Name));
        Assert.Contains("\"001122334477\": \"Bluetooth adapter hci1 (…4477)\"", (string?)configs.Single(c => c.Topic.Contains("speaker_f1", StringComparison.Ordinal)).Components["sensor_adapter"]!["val_tpl"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_bluetooth_device_is_the_one_of_Home_Assistants_Bluetooth_integration()
    {
        var speaker = SampleHouse.Make().Speakers[0] with { Address = "aa:bb:cc:dd:0a:0b" };

        var config = SampleHouse.Builder().Build(SampleHouse.Make() with { Speakers = [speaker] }).Single(c => c.Topic.Contains("speaker", StringComparison.Ordinal));

        Assert.Equal("[[\"bluetooth\",\"AA:BB:CC:DD:0A:0B\"]]", config.Payload["dev"]!["cns"]!.ToJsonString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_text_can_be_announced_only_where_announcements_work(bool work)
    {
        var abilities = work ? Abilities.Everything : Abilities.ThisVersion;
        var config = SampleHouse.Builder(abilities: abilities).Build(SampleHouse.Make()).Single(c => c.Topic.Contains("party", StringComparison.Ordinal));

        Assert.Equal(work, config.Components.ContainsKey("notify_announce"));
    }

    [Fact]
    public void Options_that_read_the_same_are_told_apart()
    {
        var options = new SelectOptions([new("Anna's box", "AA:BB:CC:DD:EE:01"), new("Anna’s Box", "AA:BB:CC:DD:EE:02"), new("ＮＯＮＥ", "AA:BB:CC:DD:EE:03")]);

        Assert.Equal(["Anna's box (…EE01)", "Anna’s Box (…EE02)", "ＮＯＮＥ (…EE03)"], options.Texts);
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

    private string Template(string where)
    {
        var (device, component) = (where.Split(' ')[0], where.Split(' ')[1]);
        return (string)_configs.Single(c => c.Topic == $"homeassistant/device/tutti_{device}/config").Components[component]!["val_tpl"]!;
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
