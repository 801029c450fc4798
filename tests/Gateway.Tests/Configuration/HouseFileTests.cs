using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Tests.Configuration;

public sealed class HouseFileTests
{
    internal const string Example = """
        adapters: [{ name: hci0, address: "00:AA:01:00:00:00", powered: true, le_audio: false }]
        echoes:   [{ id: kitchen, online: true, firmware: "1.25.0", account: me, network: home, link: { peer: flip_a, role: plays_to }, wifi_group: null, audio_output: speaker }]
        speakers: [{ id: flip_a, reachable: true, paired_on: [hci0], connected_on: null, held_elsewhere: false }]
        wifi_groups: [{ id: downstairs, members: [kitchen, left] }]
        stereo_pairs: [{ id: pair, left: left, right: right }]
        transmitters: [{ id: oasis, spread_ms: 7.5 }]

        """;

    private static readonly HouseConfiguration s_house = ConfigurationLoaderTests.Valid(RepositoryFiles.Text("config/demo.yaml")).House;

    [Fact]
    public void Everything_that_is_said_is_known()
    {
        var observed = Valid(Example);

        Assert.Equal(new ObservedAdapter { Name = "hci0", Address = BluetoothAddress.Parse("00:AA:01:00:00:00"), Powered = Fact.Of(true), LeAudio = Fact.Of(false) }, Assert.Single(observed.Adapters!));
        var echo = Assert.Single(observed.Echoes);
        Assert.Equal(("kitchen", true, "1.25.0", "me", "home"), (echo.Id, echo.Online.Value, echo.Firmware.Value, echo.Account.Value, echo.Network.Value));
        Assert.Equal(new EchoLink("flip_a", LinkRole.PlaysTo), echo.Link.Value);
        Assert.Null(echo.WifiGroup.Value);
        Assert.Equal(AudioOutput.Speaker, echo.AudioOutput.Value);
        var speaker = Assert.Single(observed.Speakers);
        Assert.Equal((true, false), (speaker.Reachable.Value, speaker.HeldElsewhere.Value));
        Assert.Equal(["hci0"], speaker.PairedOn.Value);
        Assert.Null(speaker.ConnectedOn.Value);
        Assert.Equal(["kitchen", "left"], Assert.Single(observed.WifiGroups!).Members);
        Assert.Equal(new ObservedStereoPair("pair", "left", "right"), Assert.Single(observed.StereoPairs!));
        Assert.Equal(7.5, observed.TransmitterSpreadMs["oasis"]);
    }

    [Fact]
    public void What_is_missing_is_unknown()
    {
        var observed = Valid("echoes: [{ id: Kitchen }]\nspeakers: [{ id: flip_a }]\n");

        Assert.Null(observed.Adapters);
        Assert.Null(observed.WifiGroups);
        Assert.Null(observed.StereoPairs);
        var echo = Assert.Single(observed.Echoes);
        Assert.Equal("kitchen", echo.Id);
        Assert.False(echo.Online.IsKnown || echo.Firmware.IsKnown || echo.Account.IsKnown || echo.Network.IsKnown || echo.Link.IsKnown || echo.WifiGroup.IsKnown || echo.AudioOutput.IsKnown);
        var speaker = Assert.Single(observed.Speakers);
        Assert.False(speaker.Reachable.IsKnown || speaker.PairedOn.IsKnown || speaker.ConnectedOn.IsKnown || speaker.HeldElsewhere.IsKnown);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public void Null_and_an_empty_list_are_known_to_be_none(string none)
    {
        var observed = Valid($"adapters: {none}\nwifi_groups: {none}\nstereo_pairs: {none}\nspeakers: [{{ id: flip_a, paired_on: {none} }}]\nechoes: [{{ id: kitchen, link: null, wifi_group: ~ }}]\n");

        Assert.Empty(observed.Adapters!);
        Assert.Empty(observed.WifiGroups!);
        Assert.Empty(observed.StereoPairs!);
        Assert.Empty(observed.Speakers[0].PairedOn.Value);
        Assert.True(observed.Echoes[0].Link is { IsKnown: true, Value: null });
        Assert.True(observed.Echoes[0].WifiGroup is { IsKnown: true, Value: null });
    }

    [Theory]
    [InlineData("JBL Flip 6 A", "flip_a")]
    [InlineData("10:28:74:a0:00:01", "flip_a")]
    [InlineData("hci1", "001a7dda7111")]
    [InlineData("00-1A-7D-DA-71-10", "001a7dda7110")]
    [InlineData("Somebody's phone", "Somebody's phone")]
    public void A_peer_is_an_id_where_we_know_it(string peer, string id) =>
        Assert.Equal(id, Valid($"echoes: [{{ id: kitchen, link: {{ peer: \"{peer}\", role: receives_from }} }}]").Echoes[0].Link.Value!.Peer);

    [Fact]
    public void An_adapter_takes_its_address_or_name_from_the_configuration()
    {
        var adapters = Valid("adapters: [{ name: hci0 }, { address: 00:1A:7D:DA:71:11 }, { name: hci7 }]").Adapters!;

        Assert.Equal([("hci0", "00:1A:7D:DA:71:10"), ("hci1", "00:1A:7D:DA:71:11"), ("hci7", null)], adapters.Select(a => (a.Name, a.Address?.Text)));
    }

    [Fact]
    public void An_adapter_may_be_named_by_its_address() =>
        Assert.Equal("hci1", Valid("adapters: [{ name: hci1 }]\nspeakers: [{ id: flip_a, connected_on: 00-1a-7d-da-71-11 }]").Speakers[0].ConnectedOn.Value);

    [Fact]
    public void An_adapter_that_is_not_plugged_in_keeps_its_pairings() =>
        Assert.Equal(["hci1"], Valid("adapters: [{ name: hci0 }]\nspeakers: [{ id: flip_a, paired_on: [hci1] }]").Speakers[0].PairedOn.Value);

    [Fact]
    public void One_adapter_in_two_spellings_is_one() =>
        Assert.Equal(["00:1A:7D:DA:71:19"], Valid("speakers: [{ id: flip_a, paired_on: [00-1a-7d-da-71-19, 001A7DDA7119] }]").Speakers[0].PairedOn.Value);

    [Fact]
    public void A_link_without_a_role_is_not_known() => Assert.False(Valid("echoes: [{ id: kitchen, link: { peer: flip_a } }]").Echoes[0].Link.IsKnown);

    [Fact]
    public void A_Wi_Fi_group_may_have_members_that_are_not_configured() =>
        Assert.Equal(["kitchen", "Bathroom Echo"], Valid("wifi_groups: [{ id: w, members: [Kitchen, Bathroom Echo] }]").WifiGroups![0].Members);

    [Theory]
    [InlineData("echoes: [{ id: kichen }]", "1:16: echoes[0].id: There is no Echo \"kichen\". Did you mean \"Kitchen\"?")]
    [InlineData("echoes: [{ online: true }]", "1:10: echoes[0]: The setting id is missing. Write the id or the exact name of a configured device.")]
    [InlineData("echoes: [{ id: kitchen }, { id: Kitchen }]", "1:33: echoes[1].id: \"kitchen\" is listed twice; the first is in line 1. Keep one of the two.")]
    [InlineData("echoes: [{ id: kitchen, link: flip_a }]", "1:31: echoes[0].link: Settings were expected, a single value was found. Write them as name: value, one in a line; known are peer, role.")]
    [InlineData("echoes: [{ id: kitchen, onlin: true }]", "1:25: echoes[0].onlin: \"onlin\" is no setting of an Echo. Did you mean \"online\"?")]
    [InlineData("echoes: [{ id: kitchen, online: 1 }]", "1:33: echoes[0].online: \"1\" is not one of true or false. Write true or false.")]
    [InlineData("adapters: [{ powered: true }]", "1:12: adapters[0]: The adapter has no name. Write the kernel's name, such as name: hci0.")]
    [InlineData("stereo_pairs: [{ id: p, left: left, right: left }]", "1:44: stereo_pairs[0].right: The Echo left is both sides of the pair. A pair is two Echos.")]
    [InlineData("speakers: [{ id: flip_a, reachable: !env HOME }]", "1:37: speakers[0].reachable: The tag !env is not known here. Write the value without it.")]
    public void A_mistake_is_named_with_its_place_reason_and_remedy(string text, string expected)
    {
        var result = HouseFileLoader.Parse(text, "house.yaml", s_house);

        Assert.Null(result.Value);
        Assert.Equal("house.yaml:" + expected, string.Join('\n', result.Errors));
    }

    private static HouseObservation Valid(string text)
    {
        var result = HouseFileLoader.Parse(text, "house.yaml", s_house);
        Assert.Empty(result.Errors);
        return result.Value!;
    }

    [Fact]
    public void Where_an_Echo_is_paired_is_read_and_not_said_is_not_known()
    {
        var observed = Valid("adapters: [{ name: hci0, address: 00:1A:7D:DA:71:13 }]\nechoes: [{ id: kitchen, paired_on: [00-1a-7d-da-71-13] }]");

        Assert.Equal(["hci0"], observed.Echoes[0].PairedOn.Value);
        Assert.False(Valid("echoes: [{ id: kitchen }]").Echoes[0].PairedOn.IsKnown);
    }
}
