using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Tests.Configuration;

public sealed class ConfigurationLoaderTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    [InlineData("---\n...\n")]
    [InlineData("\uFEFF")]
    [InlineData("null\n")]
    [InlineData("mqtt:\nspeakers:\ngroups: []\n")]
    public void A_file_that_says_nothing_is_the_default(string text)
    {
        var result = Parse(text);

        Assert.Empty(result.Errors);
        Assert.Equal(TuttiConfiguration.Default.Mqtt, result.Configuration!.Mqtt);
        Assert.Empty(result.Configuration.House.Speakers);
        Assert.Null(result.Configuration.House.Adapters);
    }

    [Fact]
    public void A_speaker_may_be_an_output_of_the_sound_server()
    {
        var amp = Assert.Single(Valid("speakers: [{ name: Amp, sink: alsa_output.pci-0000_00_1f.3.analog-stereo }]").House.Speakers);

        Assert.Equal(("amp", null, "alsa_output.pci-0000_00_1f.3.analog-stereo"), (amp.Id, amp.Address?.Text, amp.Sink));
    }

    [Fact]
    public void Every_section_arrives_in_the_configuration()
    {
        var configuration = Valid("""
            gateway: { id: home_1, name: My house, data: state }
            mqtt: { url: "mqtts://broker.lan", username: u, password: p, client_id: c, base_topic: a/b, protocol: 3.1.1 }
            home_assistant: { discovery_prefix: ha }
            bluetooth: { audio: pulse, adapters: [{ name: hci0, address: 00-1a-7d-da-71-13, max_streams: 5, role: receive }] }
            echo: { control: declared, on_second_link: refuse, create_groups: yes, max_members: 8, min_firmware: 2.0.1 }
            audio: { microphone: alsa_input.usb }
            web: { listen: off }
            echoes: [{ id: k, name: Kitchen, model: Echo Flex, serial: G09, outputs: [line_out], account: me, network: home, alexa_group: no, on_second_link: replace }]
            speakers: [{ id: s, name: S, model: M, address: 1028740000aa, alexa_group: yes, matter: on, airplay: off, le_audio: true, vendor: V }]
            transmitters: [{ id: t, name: T, model: Oasis, slots: 2, fed_by: Kitchen, output: line_out, speakers: [s] }]
            groups: [{ id: g, name: G, members: [KITCHEN, s], source: "echo:kitchen", route: fan-out }]
            simulation: { firmware: { Kitchen: 9698496900 }, off: [S] }
            """);

        Assert.Equal(("home_1", "My house", Path.GetFullPath("/etc/tutti/state")), (configuration.Gateway.Id, configuration.Gateway.Name, configuration.Gateway.Data));
        Assert.Equal("mqtts://broker.lan:8883", configuration.Mqtt.DisplayUrl);
        Assert.Equal(("u", "p", "c", "a/b", MqttProtocol.V311), (configuration.Mqtt.Username, configuration.Mqtt.Password, configuration.Mqtt.ClientId, configuration.Mqtt.BaseTopic, configuration.Mqtt.Protocol));
        Assert.Equal(new HomeAssistantSettings { DiscoveryPrefix = "ha" }, configuration.HomeAssistant);
        Assert.Equal(BluetoothAudio.Pulse, configuration.BluetoothAudio);
        Assert.Equal(new ConfiguredAdapter { Name = "hci0", Address = BluetoothAddress.Parse("00:1A:7D:DA:71:13"), MaxStreams = 5, Role = AdapterRole.Receive }, Assert.Single(configuration.House.Adapters!));
        Assert.Equal(EchoControlChoice.Declared, configuration.Echo.Control);
        var limits = configuration.House.Limits;
        Assert.Equal((SecondLinkPolicy.Refuse, true, 8, "2.0.1"), (limits.OnSecondLink, limits.CreateWifiGroups, limits.MaxWifiGroupMembers, limits.MinFirmware));
        Assert.Equal(new AudioSettings("alsa_input.usb", "/etc/tutti/media"), configuration.Audio);
        Assert.Equal(new WebSettings(), configuration.Web);
        var echo = Assert.Single(configuration.House.Echoes);
        Assert.Equal(("k", "Kitchen", "Echo Flex", "G09", "me", "home", Tristate.No, SecondLinkPolicy.Replace),
            (echo.Id, echo.Name, echo.Model, echo.Serial, echo.Account, echo.Network, echo.AlexaGroup, echo.OnSecondLink));
        Assert.Equal([AudioOutput.LineOut], echo.Outputs);
        Assert.Equal(new ConfiguredSpeaker { Id = "s", Name = "S", Model = "M", Address = BluetoothAddress.Parse("10:28:74:00:00:AA"), AlexaGroup = Tristate.Yes, Matter = true, AirPlay = false, LeAudio = true, Vendor = "V" },
            Assert.Single(configuration.House.Speakers));
        var transmitter = Assert.Single(configuration.House.Transmitters);
        Assert.Equal(("t", 2, "k", AudioOutput.LineOut), (transmitter.Id, transmitter.Slots, transmitter.FedBy, transmitter.Output));
        Assert.Equal(["s"], transmitter.Speakers);
        var group = Assert.Single(configuration.House.Groups);
        Assert.Equal(["k", "s"], group.Members);
        Assert.Equal((new SourceRef(SourceKind.Echo, "k"), Route.FanOut), (group.Source, group.Route));
        Assert.Equal("9698496900", configuration.Simulation.Firmware["k"]);
        Assert.Equal(["s"], configuration.Simulation.Off);
    }

    [Theory]
    [InlineData("mqtt://broker", "broker", 1883, false)]
    [InlineData("mqtts://broker", "broker", 8883, true)]
    [InlineData("MQTT://Broker.Lan:1884/", "Broker.Lan", 1884, false)]
    [InlineData("mqtt://192.168.1.5:1", "192.168.1.5", 1, false)]
    [InlineData("mqtts://[fe80::1]", "fe80::1", 8883, true)]
    [InlineData("mqtt://[::1]:65535", "::1", 65535, false)]
    public void A_broker_address_is_read(string url, string host, int port, bool tls)
    {
        var mqtt = Valid($"mqtt: {{ url: \"{url}\" }}").Mqtt;

        Assert.Equal((host, port, tls), (mqtt.Host, mqtt.Port, mqtt.Tls));
    }

    [Theory]
    [InlineData("embedded: true", "127.0.0.1:1883", "127.0.0.1", 1883)]
    [InlineData("embedded: true, listen: localhost", "127.0.0.1:1883", "127.0.0.1", 1883)]
    [InlineData("embedded: true, listen: 127.0.0.1:1999", "127.0.0.1:1999", "127.0.0.1", 1999)]
    [InlineData("embedded: true, listen: '[::1]'", "[::1]:1883", "::1", 1883)]
    [InlineData("embedded: true, listen: 0.0.0.0:1999, username: u, password: p", "0.0.0.0:1999", "127.0.0.1", 1999)]
    [InlineData("embedded: true, listen: '[::]:1999', username: u, password: p", "[::]:1999", "127.0.0.1", 1999)]
    [InlineData("embedded: true, listen: 192.168.1.5, username: u, password: p", "192.168.1.5:1883", "192.168.1.5", 1883)]
    public void A_broker_inside_is_where_the_gateway_connects(string written, string listens, string host, int port)
    {
        var mqtt = Valid($"mqtt: {{ {written} }}").Mqtt;

        Assert.Equal(listens, new HostAndPort(mqtt.Embedded!.Address.ToString(), mqtt.Embedded.Port).ToString());
        Assert.Equal((host, port, false), (mqtt.Host, mqtt.Port, mqtt.Tls));
    }

    [Fact]
    public void Without_embedded_the_broker_is_anothers() => Assert.Null(Valid("mqtt: { embedded: false, url: 'mqtt://a' }").Mqtt.Embedded);

    [Theory]
    [InlineData("mqtt://broker", "broker", 1883, false, null, null)]
    [InlineData("mqtts://u:p@broker", "broker", 8883, true, "u", "p")]
    [InlineData("mqtt://u@broker:1884/", "broker", 1884, false, "u", null)]
    [InlineData("mqtt://u:p%40ss%3A/@[::1]:1884", "::1", 1884, false, "u", "p@ss:/")]
    [InlineData("mqtt://u:p@ss:word@broker", "broker", 1883, false, "u", "p@ss:word")]
    public void A_broker_on_the_command_line_is_one_text(string url, string host, int port, bool tls, string? username, string? password)
    {
        var mqtt = MqttSection.ParseUrl(url)!;

        Assert.Equal((host, port, tls, username, password), (mqtt.Host, mqtt.Port, mqtt.Tls, mqtt.Username, mqtt.Password));
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("http://broker")]
    [InlineData("mqtt://")]
    [InlineData("mqtt://broker:0")]
    [InlineData("mqtt://u:p@broker:70000")]
    public void What_is_no_broker_on_the_command_line_is_none(string url) => Assert.Null(MqttSection.ParseUrl(url));

    [Theory]
    [InlineData("true", true)]
    [InlineData("On", true)]
    [InlineData("YES", true)]
    [InlineData("'on'", true)]
    [InlineData("false", false)]
    [InlineData("off", false)]
    [InlineData("No", false)]
    public void A_switch_is_read_as_people_write_it(string written, bool value) =>
        Assert.Equal(value, Valid($"echo:\n  create_groups: {written}\n").House.Limits.CreateWifiGroups);

    [Theory]
    [InlineData("off")]
    [InlineData("false")]
    [InlineData("no")]
    [InlineData("~")]
    public void A_microphone_that_is_off_is_none(string written) => Assert.Null(Valid($"audio: {{ microphone: {written} }}").Audio.Microphone);

    [Fact]
    public void Listening_along_is_off_unless_it_is_asked_for_and_needs_a_microphone()
    {
        Assert.False(Valid("audio: { microphone: desk }").Audio.Tracking);
        Assert.True(Valid("audio: { microphone: desk, tracking: true }").Audio.Tracking);

        var error = Assert.Single(Parse("audio: { microphone: off, tracking: true }").Errors);

        Assert.Equal("audio.tracking", error.Setting);
        Assert.Contains("audio.microphone", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alexa_group: unknown", Tristate.Unknown, true)]
    [InlineData("matter: yes", Tristate.Unknown, false)]
    [InlineData("alexa_group: No", Tristate.No, false)]
    public void An_alexa_group_that_is_said_to_be_unknown_is_asked_for(string setting, Tristate value, bool open)
    {
        var speaker = Assert.Single(Valid($"speakers: [{{ name: A, {setting} }}]").House.Speakers);

        Assert.Equal((value, open), (speaker.AlexaGroup, speaker.AlexaGroupOpen));
    }

    [Fact]
    public void Names_that_look_like_numbers_or_switches_stay_text()
    {
        var speakers = Valid("speakers: [{ name: 101 }, { name: on }, { name: 08 }, { name: 'null' }]").House.Speakers;

        Assert.Equal(["101", "on", "08", "null"], speakers.Select(s => s.Name));
    }

    [Fact]
    public void Routines_become_steps()
    {
        var routine = Assert.Single(Valid("""
            echoes: [{ id: kitchen, name: Kitchen }]
            speakers: [{ id: roam, name: Roam }]
            groups: [{ id: kitchen, name: All, members: [kitchen] }]
            routines:
              - name: Guten Morgen!
                steps:
                  - { group: All, state: on }
                  - { group: all, source: "echo:Kitchen" }
                  - { group: kitchen, volume: 0 }
                  - { speaker: roam, volume: 100 }
                  - { echo: kitchen, volume: 7 }
                  - { connect: roam }
                  - { connect: kitchen, to: gateway }
                  - { connect: kitchen, to: Roam }
                  - { disconnect: kitchen }
                  - { wait: 0.5 }
                  - { group: all, state: off }
            """).House.Routines);

        Assert.Equal("guten_morgen", routine.Id);
        Assert.Equal(
        [
            new(RoutineAction.GroupOn, "kitchen", null) { TargetKind = RoutineTarget.Group },
            new(RoutineAction.Source, "kitchen", "echo:kitchen") { TargetKind = RoutineTarget.Group },
            new(RoutineAction.Volume, "kitchen", "0") { TargetKind = RoutineTarget.Group },
            new(RoutineAction.Volume, "roam", "100") { TargetKind = RoutineTarget.Speaker },
            new(RoutineAction.Volume, "kitchen", "7") { TargetKind = RoutineTarget.Echo },
            new(RoutineAction.Connect, "roam", null) { TargetKind = RoutineTarget.Speaker },
            new(RoutineAction.Connect, "kitchen", "gateway") { TargetKind = RoutineTarget.Echo },
            new(RoutineAction.Connect, "kitchen", "roam") { TargetKind = RoutineTarget.Echo },
            new(RoutineAction.Disconnect, "kitchen", null) { TargetKind = RoutineTarget.Echo },
            new(RoutineAction.Wait, null, "0.5"),
            new RoutineStep(RoutineAction.GroupOff, "kitchen", null) { TargetKind = RoutineTarget.Group },
        ], routine.Steps);
    }

    [Fact]
    public void A_group_without_members_and_groups_that_nothing_can_create_are_warned_of()
    {
        var result = Parse("groups: [{ name: Empty }]\necho: { create_groups: true }\n");

        Assert.True(result.IsValid);
        Assert.Equal(
        [
            "tutti.yaml:1:10: groups[0]: The group has no members: it cannot play. List Echos and speakers as members:.",
            "tutti.yaml:2:24: echo.create_groups: Without a refresh token for the Alexa web API nothing can create groups in an Alexa account (only in the demo's simulated one). Create the group in the Alexa app and take create_groups: out, or see docs/echo.md.",
        ], result.Warnings.Select(w => w.ToString().Replace("/etc/tutti/", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("members: [S]", true)]
    [InlineData("members: [K, S]", true)]
    [InlineData("members: [K]", false)]
    [InlineData("members: [S], source: 'echo:K'", false)]
    [InlineData("members: [S], route: transmitter", false)]
    public void A_group_of_speakers_without_a_source_is_told(string group, bool told)
    {
        var result = Parse($"echoes: [{{ name: K }}]\nspeakers: [{{ name: S }}]\ngroups: [{{ name: G, {group} }}]");

        Assert.Equal(told ? ["The group has no source: nothing plays on it before one is chosen."] : [], result.Warnings.Select(w => w.Message));
    }

    [Theory]
    [InlineData("members: [K, S], source: 'echo:K'", true)]
    [InlineData("members: [K], source: 'echo:k'", true)]
    [InlineData("members: [L, S], source: 'echo:K'", false)]
    [InlineData("members: [K], source: alexa", false)]
    public void An_Echo_that_shall_feed_its_own_group_is_told(string group, bool told)
    {
        var result = Parse($"echoes: [{{ name: K }}, {{ name: L }}]\nspeakers: [{{ name: S }}]\ngroups: [{{ name: G, {group} }}]");

        Assert.Empty(result.Errors);
        Assert.Equal(told ? ["K is the group's source and a member of it, and cannot be both: an Echo that plays to the gateway is silent itself."] : [], result.Warnings.Select(w => w.Message));
    }

    internal static ConfigurationResult Parse(string text) => ConfigurationLoader.Parse(text, "/etc/tutti/tutti.yaml");

    internal static TuttiConfiguration Valid(string text)
    {
        var result = Parse(text);
        Assert.Empty(result.Errors);
        return result.Configuration!;
    }

    [Fact]
    public void An_Echo_has_a_Bluetooth_address_in_any_spelling_and_its_id_stays_the_one_of_its_name()
    {
        var echo = ConfigurationLoader.Parse("echoes: [{ name: Kitchen, address: 10-28-74-0a-00-01 }]", "tutti.yaml").Configuration!.House.Echoes[0];

        Assert.Equal(("kitchen", "10:28:74:0A:00:01"), (echo.Id, echo.Address));
    }
}
