using System.Text;
using Gateway.Configuration;

namespace Gateway.Tests.Configuration;

public sealed class BadInputTests
{
    private const string House = """
        echoes: [{ id: kitchen, name: Kitchen }, { id: left, name: Dot }, { id: right, name: Dot }]
        speakers: [{ id: roam, name: Roam }]
        groups: [{ id: party, name: Party, members: [roam] }]

        """;

    /// <summary>The exact words an operator reads, for one error each.</summary>
    public static TheoryData<string, string> Messages => new()
    {
        { "mqtt:\n  urls: mqtt://x", "2:3: mqtt.urls: \"urls\" is no setting of mqtt. Did you mean \"url\"?" },
        { "mqttt: 1", "1:1: mqttt: \"mqttt\" is no setting of this file. Did you mean \"mqtt\"?" },
        { "zzzzzz: 1", "1:1: zzzzzz: \"zzzzzz\" is no setting of this file. Known are gateway, mqtt, home_assistant, bluetooth, echo, audio, echoes, speakers, transmitters, groups, routines, web, simulation." },
        { "mqtt:\n  username: a\n  username: b", "3:3: mqtt.username: \"username\" is set twice; the first is in line 2. Keep one of the two." },
        { "mqtt: [1]", "1:7: mqtt: Settings were expected, a list was found. Write them as name: value, one in a line; known are url, username, password, ca, certificate, key, client_id, base_topic, protocol, embedded, listen." },
        { "mqtt: { url: [a] }", "1:14: mqtt.url: A single value was expected, a list was found. Write url: and the value in one line." },
        { "mqtt: { url: '' }", "1:14: mqtt.url: The value is empty. Give a value, or remove the line." },
        { "mqtt: { url: broker.lan }", "1:14: mqtt.url: \"broker.lan\" does not begin with mqtt:// or mqtts://. Write mqtt://broker.lan:1883, or mqtts://broker.lan:8883 for TLS." },
        { "mqtt: { url: 192.168.1.10:1884 }", "1:14: mqtt.url: \"192.168.1.10:1884\" does not begin with mqtt:// or mqtts://. Write mqtt://192.168.1.10:1884, or mqtts://192.168.1.10:1884 for TLS." },
        { "mqtt: { url: 'http://broker.lan' }", "1:14: mqtt.url: \"http://broker.lan\" does not begin with mqtt:// or mqtts://. Write mqtt://host:port, or mqtts://host:port for TLS." },
        { "mqtt: { url: 'mqtt://a:99999' }", "1:14: mqtt.url: \"mqtt://a:99999\" is not the address of a broker. Write mqtt://host:port; the port is 1 to 65535, an IPv6 address stands in brackets as in mqtt://[::1]:1883, and nothing follows." },
        { "mqtt: { url: 'mqtt://u:hunter2@a' }", "1:14: mqtt.url: The address holds a user name or password. Write mqtt://host:port, and the others as mqtt.username and mqtt.password." },
        { "mqtt: { protocol: 4 }", "1:19: mqtt.protocol: \"4\" is not one of 5 or 3.1.1. Write 5 or 3.1.1." },
        { "mqtt: { base_topic: a/# }", "1:21: mqtt.base_topic: \"a/#\" cannot be the beginning of topics. Use words with / between them: no + or #, no $ or / at the beginning, no / at the end." },
        { "mqtt: { password: hunter2 }", "1:19: mqtt.password: There is a password, but no user name. Add mqtt.username." },
        { "mqtt: { host: broker.lan }", "1:9: mqtt.host: \"host\" is no setting of mqtt. Write host and port as mqtt.url: mqtt://host:1883, or mqtts://host:8883 for TLS." },
        { "mqtt:\n  port: 8883\n  TLS: true", "2:3: mqtt.port: \"port\" is no setting of mqtt. Write host and port as mqtt.url: mqtt://host:1883, or mqtts://host:8883 for TLS.\n3:3: mqtt.TLS: \"TLS\" is no setting of mqtt. Write mqtt.url: mqtts://host:8883 for TLS, or mqtt://host:1883 without." },
        { "mqtt: { embedded: true, url: 'mqtt://a' }", "1:30: mqtt.url: embedded: true runs a broker inside, and url names another one. Keep one of the two." },
        { "mqtt: { listen: 0.0.0.0 }", "1:17: mqtt.listen: listen is where the broker inside listens, and there is none. Add embedded: true, or remove the line; the broker to connect to is mqtt.url." },
        { "mqtt: { embedded: true, listen: '0.0.0.0:1884' }", "1:33: mqtt.listen: The broker inside would let in everybody who reaches this machine. Add mqtt.username and mqtt.password, or listen on 127.0.0.1." },
        { "mqtt: { embedded: true, listen: '[::]', username: u }", "1:33: mqtt.listen: The broker inside would let in everybody who reaches this machine. Add mqtt.username and mqtt.password, or listen on 127.0.0.1." },
        { "mqtt: { embedded: true, listen: broker.lan }", "1:33: mqtt.listen: \"broker.lan\" is not an address of this machine to listen on. Write address:port, such as 127.0.0.1:1883, or 0.0.0.0:1883 for the whole network." },
        { "mqtt: { ca: nowhere.pem, url: 'mqtts://a' }", "1:13: mqtt.ca: The file \"nowhere.pem\" does not exist. Give the path of a PEM file; a relative one starts at the folder of this configuration." },
        { "gateway: { id: My House }", "1:16: gateway.id: \"My House\" is not an id. Use 1 to 40 of a-z, 0-9 and _, such as my_house." },
        { "home_assistant: { url: 'ftp://a' }", "1:24: home_assistant.url: \"ftp://a\" is not an http address. Write for example http://homeassistant.local:8123." },
        { "web: { listen: 8099 }", "1:16: web.listen: \"8099\" is not an address to listen on. Write host:port, such as 127.0.0.1:8099 or [::]:8099, or off." },
        { "audio: { microphone: on }", "1:22: audio.microphone: The microphone is allowed, but it is not said which. Write default, or the name of one of the sound server's sources (pactl list short sources), or off." },
        { "echo: { create_groups: maybe }", "1:24: echo.create_groups: \"maybe\" is not one of true or false. Write true or false." },
        { "echo: { control: home_asistant }", "1:18: echo.control: \"home_asistant\" is not one of auto, home_assistant, alexa_api or declared. Did you mean \"home_assistant\"?" },
        { "echo: { max_members: 1.5 }", "1:22: echo.max_members: \"1.5\" is not a whole number from 2 to 1000. Give a whole number from 2 to 1000." },
        { "echo: { min_firmware: 9698496900 }", "1:23: echo.min_firmware: \"9698496900\" is not a version of the dotted kind. Write for example 1.24.1; there is no minimum for the long numbers that the web API reports." },
        { "bluetooth: { adapters: [{ role: send }] }", "1:25: bluetooth.adapters[0]: An adapter needs a name or an address. Write for example - address: 00:1A:7D:DA:71:13, or - name: hci0." },
        { "bluetooth: { adapters: [{ name: hci0, max_streams: 8 }] }", "1:52: bluetooth.adapters[0].max_streams: \"8\" is not a whole number from 1 to 7. Give a whole number from 1 to 7." },
        { "speakers: [{ name: A, address: 12:34 }]", "1:32: speakers[0].address: \"12:34\" is not a Bluetooth address. Write six pairs of hex digits, such as 00:1A:7D:DA:71:13." },
        { "speakers: [{ model: JBL }]", "1:12: speakers[0]: The setting name is missing. Give the speaker a name, such as name: Balcony." },
        { "speakers:\n  -\n", "2:4: speakers[0]: The entry is empty. Fill it in, or remove the dash; a speaker has id, name, model, address, sink, alexa_group, matter, airplay, le_audio, vendor." },
        { "speakers:\n  - JBL Flip 6\n", "2:5: speakers[0]: Settings were expected, a single value was found. Write - name: \"JBL Flip 6\"; further settings stand in lines of their own below." },
        { "speakers:\n  - 10:28:74:00:00:01\n", "2:5: speakers[0]: Settings were expected, a single value was found. Write them as name: value, one in a line; known are id, name, model, address, sink, alexa_group, matter, airplay, le_audio, vendor." },
        { "bluetooth: { adapters: [hci0] }", "1:25: bluetooth.adapters[0]: Settings were expected, a single value was found. Write - name: \"hci0\"; further settings stand in lines of their own below." },
        { "bluetooth: { adapters: [{ address: 10:28:74:00:00:01 }, { address: 102874000001 }] }", "1:68: bluetooth.adapters[1].address: 10:28:74:00:00:01 is already the address of another adapter. Correct one of the two. Where both really have it (cheap dongles of one make do), nobody can tell them apart: take one out and list the other once." },
        { "speakers: [{ name: A }, { name: a }]\ngroups: [{ name: G, members: [A], source: alexa }]", "1:25: speakers[1]: The speaker \"a\" has the id a, which is already that of the speaker \"A\" in line 1. Give one of them an id: of its own, such as id: a_2." },
        { "speakers: { name: A }", "1:11: speakers: A list was expected, a block of settings was found. Write one entry a line, each behind a dash." },
        { "speakers: [{ name: A }, { name: a }]", "1:25: speakers[1]: The speaker \"a\" has the id a, which is already that of the speaker \"A\" in line 1. Give one of them an id: of its own, such as id: a_2." },
        { "echoes: [{ name: Kitchen }]\nspeakers: [{ name: Kitchen }]", "2:12: speakers[0]: The speaker \"Kitchen\" has the id kitchen, which is already that of the Echo \"Kitchen\" in line 1. Give one of them an id: of its own, such as id: kitchen_2." },
        { "speakers: [{ name: A, address: 10:28:74:00:00:01 }, { name: B, address: 10-28-74-00-00-01 }]", "1:73: speakers[1].address: 10:28:74:00:00:01 is already the address of the speaker in line 1. Correct one of the two." },
        { "speakers: [{ name: A, sink: hdmi, address: 10:28:74:00:00:01 }]", "1:44: speakers[0].address: address does not go with sink: a speaker is one of Bluetooth, or an output of the sound server. Keep one of the two." },
        { "speakers: [{ name: A, sink: hdmi, airplay: true }]", "1:44: speakers[0].airplay: airplay does not go with sink: a speaker is one of Bluetooth, or an output of the sound server. Keep one of the two." },
        { "speakers: [{ name: A, sink: bluez_sink.10_28_74_00_00_01.a2dp_sink }]", "1:29: speakers[0].sink: \"bluez_sink.10_28_74_00_00_01.a2dp_sink\" is a Bluetooth speaker, which is found by its address. Write its address: in place of sink:." },
        { "speakers: [{ name: A, sink: hdmi.monitor }]", "1:29: speakers[0].sink: \"hdmi.monitor\" is not the name of an output of the sound server. Write the name as pactl list short sinks shows it (its second column), such as alsa_output.pci-0000_00_1f.3.analog-stereo." },
        { "speakers: [{ name: A, sink: 3 }]", "1:29: speakers[0].sink: \"3\" is not the name of an output of the sound server. Write the name as pactl list short sinks shows it (its second column), such as alsa_output.pci-0000_00_1f.3.analog-stereo." },
        { "speakers: [{ name: A, sink: hdmi }, { name: B, sink: hdmi }]", "1:54: speakers[1].sink: \"hdmi\" is already the output of the speaker in line 1. Correct one of the two." },
        { "speakers: [{ name: A, sink: hdmi }]\ntransmitters: [{ name: T, slots: 2, speakers: [A] }]", "2:47: transmitters[0].speakers: The speaker a is an output of the sound server, and a transmitter feeds Bluetooth speakers. Take it out of speakers:." },
        { "speakers: [{ name: A, sink: hdmi }]\nroutines: [{ name: R, steps: [{ connect: A }] }]", "2:42: routines[0].steps[0].connect: The speaker a is an output of the sound server: there is no link to make or end. Remove the step; switch its group on or off instead." },
        { "echoes: [{ name: A, address: 12:34 }]", "1:30: echoes[0].address: \"12:34\" is not a Bluetooth address. Write six pairs of hex digits, such as 00:1A:7D:DA:71:13." },
        { "echoes: [{ name: A, address: 10:28:74:00:00:01 }, { name: B, address: 10-28-74-00-00-01 }]", "1:71: echoes[1].address: 10:28:74:00:00:01 is already the address of the Echo in line 1. Correct one of the two." },
        { "echoes: [{ name: A, address: 10:28:74:00:00:01 }]\nspeakers: [{ name: B, address: 102874000001 }]", "2:32: speakers[0].address: 10:28:74:00:00:01 is already the address of the Echo in line 1. Correct one of the two." },
        { "echoes: [{ name: A, address: 10:28:74:00:00:01 }]\nbluetooth: { adapters: [{ address: 10:28:74:00:00:01 }] }", "2:36: bluetooth.adapters[0].address: 10:28:74:00:00:01 is already the address of the Echo \"A\". Correct one of the two." },
        { "echoes: [{ id: gateway, name: A }]", "1:16: echoes[0].id: The id gateway stands for this machine. Give the Echo another id:." },
        { "echoes: [{ name: A, outputs: [line_in] }]", "1:31: echoes[0].outputs[0]: \"line_in\" is not one of line_out or optical. Did you mean \"line_out\"?" },
        { "transmitters: [{ name: T }]", "1:16: transmitters[0]: The setting slots is missing. Write how many speakers the transmitter can feed, such as slots: 2." },
        { House + "transmitters: [{ name: T, slots: 2, fed_by: kichen }]", "4:45: transmitters[0].fed_by: There is no Echo \"kichen\". Did you mean \"Kitchen\"?" },
        { House + "simulation: { firmware: { dot: 1.2.3 } }", "4:27: simulation.firmware.dot: \"dot\" is the name of several: Echo left, Echo right. Use the id." },
        { "groups: [{ name: G, members: [rom] }]", "1:31: groups[0].members[0]: There is no Echo or speaker \"rom\". No Echo or speaker is configured." },
        { "speakers: [{ id: r, name: Roam }]\ngroups: [{ name: G, members: [r, ROAM] }]", "2:34: groups[0].members[1]: \"ROAM\" is listed twice. Keep one of the two." },
        { "groups: [{ name: G, members: [], route: dlna }]", "1:41: groups[0].route: DLNA is no route: Echos are no DLNA renderers, and it would play 250-400 ms late. Remove route:, or use fan-out for Bluetooth speakers." },
        { "groups: [{ name: G, members: [], route: infeasible }]", "1:41: groups[0].route: \"infeasible\" is not one of stereo-pair, wifi-group, fan-out, broadcast, transmitter, party-mode, airplay or mixed. Write stereo-pair, wifi-group, fan-out, broadcast, transmitter, party-mode, airplay or mixed." },
        { "groups: [{ name: G, members: [], source: radio }]", "1:42: groups[0].source: \"radio\" is not a source. Write alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal." },
        { "groups: [{ name: G, members: [], source: line-in }]", "1:42: groups[0].source: It is not said which line-in, and none is taken unasked. Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo." },
        { "groups: [{ name: G, members: [], source: 'line-in:desk.monitor' }]", "1:42: groups[0].source: desk.monitor is a copy of what the sound server plays, and a group that plays it could hear itself. Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo." },
        { "groups: [{ name: G, members: [], source: 'line-in:bluez_source.00_11_22_33_44_55.a2dp_source' }]", "1:42: groups[0].source: bluez_source.00_11_22_33_44_55.a2dp_source is a Bluetooth device. Write echo: and its name, or phone: and its address." },
        { "groups: [{ name: G, members: [], source: 'snapcast:x' }]", "1:42: groups[0].source: Sound from Snapcast cannot be taken yet: it is not in this version. Write alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal." },
        { "groups: [{ name: G, members: [], source: 'url:http://a/b.mp3' }]", "1:42: groups[0].source: Streams from the network cannot be played yet: they are not in this version. Write alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal." },
        { "groups: [{ name: G, members: [], source: 'pipe:mpd' }]", "1:42: groups[0].source: Of the pipes only pipe:test-signal can be played yet: others are not in this version. Write alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal." },
        { "groups: [{ name: G, members: [], route: airplay }]", "1:41: groups[0].route: AirPlay speakers cannot be played to yet: they are not in this version. Take route: out." },
        { "groups: [{ name: G, members: [], route: broadcast }]", "1:41: groups[0].route: LE Audio broadcast cannot be sent yet: it is not in this version. Take route: out." },
        { House + "routines: [{ name: R, steps: [{ group: party, source: line-in }] }]", "4:55: routines[0].steps[0].source: It is not said which line-in, and none is taken unasked. Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo." },
        { House + "routines: [{ name: R, steps: [{ group: party, announce: chime.wav }] }]", "4:57: routines[0].steps[0].announce: Announcements cannot be played yet: they are not in this version. Take announce: out." },
        { "web: { listen: 127.0.0.1:8099 }", "1:16: web.listen: There is no status page yet: it is not in this version. Take listen: out." },
        { "web: { token: t }", "1:15: web.token: There is no status page yet: it is not in this version. Take token: out." },
        { "home_assistant: { url: 'http://a' }", "1:24: home_assistant.url: Echos cannot be controlled through Home Assistant yet: that is not in this version. Take url: out." },
        { "home_assistant: { token: t }", "1:26: home_assistant.token: Echos cannot be controlled through Home Assistant yet: that is not in this version. Take token: out." },
        { "echo: { control: home_assistant }", "1:18: echo.control: Echos cannot be controlled through Home Assistant yet: that is not in this version. Take control: out." },
        { "echo: { control: alexa_api }", "1:18: echo.control: The Alexa web API needs a refresh token of the account, and there is none. Add echo.refresh_token, best as !file alexa-token.txt; docs/echo.md tells how to get one." },
        { House + "routines: [{ name: R, steps: [{ group: party }] }]", "4:31: routines[0].steps[0]: The step has no action. Write one of state, source, volume, connect, disconnect, announce, wait in each step." },
        { House + "routines: [{ name: R, steps: [{ group: party, state: on, volume: 3 }] }]", "4:31: routines[0].steps[0]: The step has 2 actions: state, volume. Write one of state, source, volume, connect, disconnect, announce, wait in each step." },
        { House + "routines: [{ name: R, steps: [{ volume: 3 }] }]", "4:31: routines[0].steps[0]: It is not said what volume acts on. Add one group or speaker or echo:." },
        { House + "routines: [{ name: R, steps: [{ connect: kitchen }] }]", "4:31: routines[0].steps[0]: It is not said what the Echo kitchen shall be connected to. Add to: with a speaker, or to: gateway." },
        { House + "routines: [{ name: R, steps: [{ group: party, announce: Dinner is ready }] }]", "4:57: routines[0].steps[0].announce: \"Dinner is ready\" is neither a URL nor a file. Give the sound to play, such as chime.wav or http://host/chime.mp3; text is not spoken here." },
        { "mqtt: { password: !secret mqtt }", "1:19: mqtt.password: The tag !secret is not known here. That is Home Assistant's own tag. Use !file PATH for a file that holds the secret alone, or !env NAME for an environment variable." },
        { "mqtt: { username: u, password: !env TUTTI_TEST_NOT_SET }", "1:32: mqtt.password: The environment variable TUTTI_TEST_NOT_SET is not set, or empty. Set TUTTI_TEST_NOT_SET before Tutti starts." },
        { "mqtt: { username: u, password: !file nowhere.txt }", "1:32: mqtt.password: The file \"nowhere.txt\" cannot be read: it does not exist. Give a file that holds the secret alone, in UTF-8; a relative path starts at the folder of this configuration." },
        { "gateway: &a { name: x }\nweb: *a", "2:6: web: References (*a) are not supported. Write the value out." },
        { "{ [a, b]: 1 }", "1:3: The name of a setting must be plain text; a list was found. Write name: value." },
        { "mqtt:\n\turl: x", "2:1: The line is indented with a tab. Indent with blanks." },
        { "mqtt:\n  url: \0", "2:8: There is a control character (U+0000) here. Remove it; the file must be plain text." },
        { "[]", "1:1: Settings were expected, a list was found. Write them as name: value, one in a line; known are gateway, mqtt, home_assistant, bluetooth, echo, audio, echoes, speakers, transmitters, groups, routines, web, simulation." },
        { "hello", "1:1: Settings were expected, a single value was found. Write them as name: value, one in a line; known are gateway, mqtt, home_assistant, bluetooth, echo, audio, echoes, speakers, transmitters, groups, routines, web, simulation." },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_mistake_is_named_with_its_place_reason_and_remedy(string text, string expected)
    {
        var result = ConfigurationLoaderTests.Parse(text);

        Assert.Null(result.Configuration);
        Assert.Equal(expected, string.Join('\n', result.Errors).Replace("/etc/tutti/tutti.yaml:", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_mistake_is_reported_at_once_in_the_order_of_the_file()
    {
        var result = ConfigurationLoaderTests.Parse("""
            web: { listen: nowhere }
            mqtt: { url: x, protocol: 7 }
            speakers:
              - { name: A, address: 1, matter: perhaps }
              - { nam: B }
            groups: [{ name: G, members: [C] }]
            """);

        Assert.Equal(["web.listen", "mqtt.url", "mqtt.protocol", "speakers[0].address", "speakers[0].matter", "speakers[1]", "speakers[1].nam", "groups[0].members[0]"], result.Errors.Select(e => e.Setting));
    }

    [Fact]
    public void A_second_document_is_named()
    {
        var error = Assert.Single(ConfigurationLoaderTests.Parse("mqtt: {}\n---\nweb: {}\n").Errors);

        Assert.Equal("/etc/tutti/tutti.yaml:2:1: A second document starts here. Keep everything in one document: remove the line ---.", error.ToString());
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("[{a: ")]
    public void Five_thousand_open_brackets_are_one_error(string bracket)
    {
        var text = string.Concat(Enumerable.Repeat(bracket, 5000));

        var errors = ConfigurationLoaderTests.Parse(text).Errors;

        Assert.Contains(errors, e => e.Message == "Lists and settings are nested more than 32 deep here." && e.Remedy == "Close the brackets, or check the indentation.");
    }

    [Fact]
    public void A_bomb_of_aliases_does_not_expand()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x]\n");
        for (var i = 1; i < 30; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");

        var errors = ConfigurationLoaderTests.Parse(text.ToString()).Errors;

        Assert.Contains(errors, e => e.Message == "References (*a0) are not supported.");
        Assert.True(errors.Count <= 101);
    }

    [Fact]
    public void A_thousand_wrong_references_end_in_a_bounded_report()
    {
        var text = "speakers: [" + string.Join(", ", Enumerable.Range(0, 2000).Select(i => $"{{ name: speaker number {i} }}")) + "]\n" +
            "groups: [{ name: G, members: [" + string.Join(", ", Enumerable.Range(0, 2000).Select(i => $"speeker nmber {i}")) + "] }]\n";

        Assert.Equal(101, ConfigurationLoaderTests.Parse(text).Errors.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 }, "The file is UTF-16. Save it as UTF-8.")]
    [InlineData(new byte[] { 0x61, 0x3A, 0x20, 0x31, 0x0A, 0x62, 0xFF }, "This line is not valid UTF-8. Save the file as UTF-8.")]
    public void A_file_in_another_encoding_says_so(byte[] content, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", content);

        Assert.EndsWith(expected, Assert.Single(ConfigurationLoader.Load(path).Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_not_utf8_is_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", [0x61, 0x0A, 0x62, 0x0A, 0xC3, 0x28, 0x0A]);

        Assert.Equal(3, Assert.Single(ConfigurationLoader.Load(path).Errors).Line);
    }

    [Fact]
    public void A_byte_order_mark_is_accepted()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", [0xEF, 0xBB, 0xBF, .. "gateway: { name: B }"u8]);

        Assert.Equal("B", ConfigurationLoader.Load(path).Configuration!.Gateway.Name);
    }

    [Fact]
    public void Ten_megabytes_are_refused_with_the_limit()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tutti.yaml", Encoding.ASCII.GetBytes(new string('a', 10 << 20)));

        Assert.Equal($"{path}: The file is larger than 1024 KiB. Check that it is the right file; no configuration needs that much.", Assert.Single(ConfigurationLoader.Load(path).Errors).ToString());
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        using var folder = new TemporaryFolder();
        var missing = Path.Combine(folder.Path, "missing.yaml");

        Assert.Equal($"{missing}: The file cannot be read: it does not exist. Check the path and the permissions.", Assert.Single(ConfigurationLoader.Load(missing).Errors).ToString());
        Assert.Equal($"{folder.Path}: The file cannot be read: it is a folder. Check the path and the permissions.", Assert.Single(ConfigurationLoader.Load(folder.Path).Errors).ToString());
        Assert.False(ConfigurationLoader.Load("").IsValid);
        Assert.False(ConfigurationLoader.Load("a\0b").IsValid);
    }
}
