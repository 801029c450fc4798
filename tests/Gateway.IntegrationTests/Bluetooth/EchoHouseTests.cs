using System.Text.Json.Nodes;
using Gateway.Engine;
using Gateway.IntegrationTests.Cli;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Echos without any cloud: the whole gateway on BlueZ-shaped objects, by MQTT alone.</summary>
public sealed class EchoHouseTests
{
    private static BluetoothAddress Address { get; } = BluetoothAddress.Parse("00:AA:01:01:00:20");
    private const string Id = "00aa01010020";
    private static BluetoothAddress Second { get; } = BluetoothAddress.Parse("00:AA:01:01:00:02");

    private static string Declared { get; } = $$"""
        gateway: { id: gw }
        bluetooth: { audio: own }
        echoes: [{ id: dot, name: Dot, address: "{{Address}}" }]
        speakers: [{ id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}" }, { id: bath, name: Bath, address: "{{Second}}" }]
        groups:
          - { id: party, name: Party, members: [kitchen, bath], source: "echo:dot" }
          - { id: hall, name: Hall, members: [dot], source: "pipe:test-signal" }
        """;

    [Fact]
    public async Task Declared_by_address_it_is_the_source_of_a_group_and_its_sound_arrives_at_the_speakers()
    {
        FakeAir? air = null;
        EchoOnAir? echo = null;
        await using var house = await StartAsync(Declared, bluez =>
        {
            air = new FakeAir(bluez);
            echo = air.Echo(Address, "Echo Dot-4F2").IsPaired();
            echo.Play();
        });

        var end = await AskAsync(house, "group/party/active", "ON");

        Assert.True(end is ("done", _), $"{end}");
        Assert.Equal([EchoOnAir.SourceService], air!.Profiles.Where(p => p.Path == echo!.Path).Select(p => p.Uuid).Distinct()); // that role and no other
        await Eventually.TrueAsync("its sound at both speakers", () => air.Heard.Count == 2 && air.Heard.Values.All(h => h.Loudest > 0.2), 60);
        Assert.Equal(("connected", "plays_to", "00aa01000000", true), Link(house, "dot"));
        Assert.Equal(1, echo!.TurnedAway); // it offers both on its link, and gets one
        Assert.Equal("online", house.Ear.Last("tutti/echo/dot/availability"));
        Assert.DoesNotContain(house.Ear.All, h => h.Topic == $"tutti/speaker/{Id}/state" && h.Text.Length > 0);

        Assert.True(await AskAsync(house, "group/party/active", "OFF") is ("done", _));
        await LinkIsAsync(house, "dot", null);
    }

    [Fact]
    public async Task It_is_source_then_member_then_source_and_each_change_is_announced_before_it_is_made()
    {
        FakeAir? air = null;
        EchoOnAir? echo = null;
        await using var house = await StartAsync(Declared, bluez =>
        {
            air = new FakeAir(bluez);
            echo = air.Echo(Address, "Echo Dot-4F2").IsPaired();
            echo.Play();
        });
        Assert.True(await AskAsync(house, "group/party/active", "ON") is ("done", _));
        await LinkIsAsync(house, "dot", "plays_to");

        var member = await AskAsync(house, "group/hall/active", "ON");

        Assert.True(member is ("done", _), $"{member}");
        await LinkIsAsync(house, "dot", "receives_from");
        Assert.Equal([("echo", "dot")], DropsOf(house, "group/hall/active").Select(d => ("echo", d)).Distinct());
        await Eventually.TrueAsync("the sound of the test signal at the Echo", () => air!.Heard.TryGetValue(echo!.Path, out var heard) && heard.Loudest > 0.01, 60);

        var source = await AskAsync(house, "group/party/active", "ON");

        Assert.True(source is ("done", _), $"{source}");
        await LinkIsAsync(house, "dot", "plays_to");
        await Eventually.TrueAsync("its sound at the speakers again", () => air!.Heard.TryGetValue(FakeBlueZ.DevicePath, out var heard) && heard.Loudest > 0.2, 60);
        Assert.Equal([EchoOnAir.SourceService, FakeBlueZ.Sink, EchoOnAir.SourceService], air!.Profiles.Where(p => p.Path == echo!.Path).Select(p => p.Uuid));
    }

    [Fact]
    public async Task One_that_calls_by_itself_is_the_source_and_nobody_cuts_it_and_its_select_lets_it_go()
    {
        EchoOnAir? echo = null;
        await using var house = await StartAsync(Declared, bluez => echo = new FakeAir(bluez).Echo(Address, "Echo Dot-4F2").IsPaired());

        await echo!.LinkAsync(isSource: true);
        await LinkIsAsync(house, "dot", "plays_to");
        var speaker = await AskAsync(house, "echo/dot/bluetooth", "Kitchen");
        var volume = await AskAsync(house, "echo/dot/volume", "30");
        var off = await AskAsync(house, "echo/dot/bluetooth", "Disconnected");
        await LinkIsAsync(house, "dot", null);
        var on = await AskAsync(house, "echo/dot/bluetooth", "gateway");

        Assert.Equal("refused", speaker.Result);
        Assert.StartsWith("Dot can be linked with this gateway from here, and with nothing else: say to it \"Alexa, connect to Kitchen\".", speaker.Reason, StringComparison.Ordinal);
        Assert.Equal("refused", volume.Result);
        Assert.Equal(("done", "done"), (off.Result, on.Result));
        await LinkIsAsync(house, "dot", "plays_to");
        Assert.DoesNotContain(Events(house), e => (string?)e["event_type"] == "link_lost");
    }

    [Fact]
    public async Task One_that_calls_again_whenever_it_was_let_go_does_not_bring_the_gateway_to_chase_it()
    {
        FakeAir? air = null;
        EchoOnAir? echo = null;
        await using var house = await StartAsync(Declared, bluez =>
        {
            air = new FakeAir(bluez);
            echo = air.Echo(Address, "Echo Dot-4F2").IsPaired();
            echo.CallsAgain = true;
        });
        Assert.True(await AskAsync(house, "group/party/active", "ON") is ("done", _));

        Assert.True(await AskAsync(house, "group/party/active", "OFF") is ("done", _));
        await LinkIsAsync(house, "dot", "plays_to"); // it came back by itself, and stays
        Assert.True(await AskAsync(house, "group/party/active", "ON") is ("done", _));

        Assert.Single(air!.Profiles, p => p.Path == echo!.Path); // nothing to connect the second time
    }

    [Fact]
    public async Task Not_paired_it_is_refused_as_a_source_with_the_way_to_pair_it()
    {
        await using var house = await StartAsync(Declared, bluez => _ = new FakeAir(bluez));

        var end = await AskAsync(house, "group/party/active", "ON");

        Assert.Equal("refused", end.Result);
        Assert.StartsWith("Party cannot play: Dot is not paired with this gateway, so it cannot play to it.", end.Reason, StringComparison.Ordinal);
        Assert.Contains("tutti pair --open --echo dot", end.Reason, StringComparison.Ordinal);
        Assert.Equal("online", house.Ear.Last("tutti/echo/dot/availability")); // or its Pair would be dead
        Assert.Null((bool?)State(house, "echo/dot")["online"]);
    }

    [Fact]
    public async Task A_declared_Echo_learns_its_address_by_pairing_is_heard_and_forgets_it_again()
    {
        EchoOnAir? echo = null;
        await using var house = await StartAsync(
            """
            gateway: { id: gw }
            bluetooth: { audio: own }
            echoes: [{ id: dot, name: Dot }]
            """, bluez => echo = new FakeAir(bluez).Echo(Address, "Echo Dot-4F2"));

        var opened = await AskAsync(house, "echo/dot/pair", "PRESS");
        await echo!.PairAsync();
        await EventAsync(house, $"{Address} is Dot from now on.");
        await echo.LinkAsync(isSource: true);
        echo.Play();
        var heard = await EventAsync(house, "Heard: sound arrives from Dot (level -");

        Assert.Equal("done", opened.Result);
        Assert.StartsWith("Pairing mode is open on hci0 for up to 3 minutes; on the air the gateway is called fake. Say to Dot \"Alexa, pair\", then \"Alexa, connect to fake\"", opened.Reason, StringComparison.Ordinal);
        Assert.Equal("dot", (string?)heard["device"]);
        await EventAsync(house, $"Echo Dot-4F2 ({Address}) is there and begins to pair.");
        await EventAsync(house, $"Echo Dot-4F2 ({Address}) has paired");
        await Eventually.TrueAsync("pairing mode to end by itself", () => (bool?)State(house, "gateway/gw")["pairing_mode"] == false);
        Assert.Equal(Address, (string?)State(house, "echo/dot")["address"]);
        Assert.DoesNotContain(house.Ear.All, h => h.Topic == $"tutti/echo/{Id}/state" && h.Text.Length > 0); // no Echo of its own meanwhile

        var forgotten = await AskAsync(house, "echo/dot/forget", "PRESS");

        Assert.Equal(("done", "Dot is forgotten: the next Echo that pairs may become it."), forgotten);
        Assert.Null((string?)State(house, "echo/dot")["address"]);
        Assert.Null(house.BlueZ.Value(echo.Path, "org.bluez.Device1", "Paired"));
    }

    [Fact]
    public async Task Heard_when_it_was_paired_it_is_heard_in_the_group_that_plays_next_and_in_that_after_it()
    {
        FakeAir? air = null;
        EchoOnAir? echo = null;
        await using var house = await StartAsync(
            $$"""
            gateway: { id: gw }
            bluetooth: { audio: own }
            echoes: [{ id: dot, name: Dot }]
            speakers: [{ id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}" }, { id: bath, name: Bath, address: "{{Second}}" }]
            groups:
              - { id: party, name: Party, members: [kitchen], source: "echo:dot" }
              - { id: lounge, name: Lounge, members: [bath], source: "echo:dot" }
            """, bluez =>
            {
                air = new FakeAir(bluez);
                echo = air.Echo(Address, "Echo Dot-4F2");
            });
        await AskAsync(house, "echo/dot/pair", "PRESS");
        await echo!.PairAsync();
        await EventAsync(house, $"{Address} is Dot from now on.");
        await echo.LinkAsync(isSource: true);
        echo.Play();
        await EventAsync(house, "Heard: sound arrives from Dot (level -");

        Assert.True(await AskAsync(house, "group/party/active", "ON") is ("done", _));
        await HeardAtAsync(FakeBlueZ.DevicePath);
        Assert.True(await AskAsync(house, "group/lounge/active", "ON") is ("done", _));
        await HeardAtAsync(EchoOnAir.PathOf(Second));

        Task HeardAtAsync(string speaker) => Eventually.TrueAsync(
            $"its sound at {speaker}; Party is {State(house, "group/party")}", () => air!.Heard.TryGetValue(speaker, out var heard) && heard.Loudest > 0.2, 60);
    }

    [Fact]
    public async Task A_gateway_that_starts_while_an_earlier_ones_pairing_mode_is_on_ends_it_and_takes_nobody_for_a_newcomer()
    {
        await using var house = await StartAsync(
            """
            gateway: { id: gw }
            bluetooth: { audio: own }
            echoes: [{ id: dot, name: Dot }]
            """, bluez =>
            {
                new FakeAir(bluez).Echo(Address, "Echo Dot-4F2").IsPaired();
                bluez.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["Discoverable"] = VariantValue.Bool(true), ["Pairable"] = VariantValue.Bool(true) });
            });

        await house.Ear.HearsAsync($"tutti/echo/{Id}/state", h => h.Text.Length > 0, 30);
        await AskAsync(house, "gateway/gw/rescan", "nothing"); // what it saw first is told by now

        Assert.Equal(false, house.BlueZ.Value(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable")?.GetBool());
        Assert.DoesNotContain(Events(house), e => (string?)e["event_type"] == "pairing");
        Assert.Null((string?)State(house, "echo/dot")["address"]);
    }

    [Fact]
    public async Task Of_several_declared_ones_it_is_asked_which_and_the_answer_names_it()
    {
        EchoOnAir? echo = null;
        await using var house = await StartAsync(
            """
            gateway: { id: gw }
            bluetooth: { audio: own }
            echoes: [{ id: dot, name: Dot, model: "Echo Dot (5th gen)" }, { id: office, name: Office, model: Echo Dot }, { id: hall, name: Hall, model: Echo Studio }]
            """, bluez => echo = new FakeAir(bluez).Echo(Address, "Echo Dot-4F2"));
        await AskAsync(house, "gateway/gw/pairing_mode", "ON");

        await echo!.PairAsync();
        var question = await EventAsync(house, "Which Echo is it? Dot and Office have no address yet.", contains: true);
        var wrong = await AskAsync(house, "gateway/gw/pairing_answer", "offce");
        var named = await AskAsync(house, "gateway/gw/pairing_answer", "Office");

        Assert.Equal("pairing_question", (string?)question["event_type"]);
        Assert.Equal("refused", wrong.Result);
        Assert.Equal(("done", $"{Address} is Office from now on. If that is wrong, forget Office and pair again."), named);
        Assert.Equal(Address, (string?)State(house, "echo/office")["address"]);
    }

    [Fact]
    public async Task One_that_nobody_declared_becomes_an_Echo_of_its_own_and_no_speaker()
    {
        EchoOnAir? echo = null;
        await using var house = await StartAsync("gateway: { id: gw }\nbluetooth: { audio: own }", bluez => echo = new FakeAir(bluez).Echo(Address, "Echo Dot-4F2"));
        await AskAsync(house, "gateway/gw/pairing_mode", "ON");

        await echo!.PairAsync();
        await house.Ear.HearsAsync($"tutti/echo/{Id}/state", h => (string?)JsonNode.Parse(h.Text)!["name"] == "Echo Dot-4F2", 30);
        await echo.LinkAsync(isSource: true);
        await LinkIsAsync(house, Id, "plays_to");
        var forgotten = await AskAsync(house, $"echo/{Id}/forget", "PRESS");

        Assert.DoesNotContain(house.Ear.All, h => h.Topic == $"tutti/speaker/{Id}/state" && h.Text.Length > 0);
        Assert.Equal("done", forgotten.Result);
        await house.Ear.HearsAsync($"tutti/echo/{Id}/state", "", 30);
    }

    [Fact]
    public async Task One_that_an_older_version_took_for_a_speaker_moves()
    {
        await using var house = await StartAsync(
            "gateway: { id: gw }\nbluetooth: { audio: own }", bluez => new FakeAir(bluez).Echo(Address, "Echo Dot-4F2").IsPaired(),
            store => store.Put("found_speaker", Id, $"{Address} Echo Dot-4F2"));

        await house.Ear.HearsAsync($"tutti/echo/{Id}/state", h => h.Text.Length > 0, 30);

        await Eventually.TrueAsync("no speaker to be left", () => house.Ear.Last($"tutti/speaker/{Id}/state") is null or "", 30);
    }

    [Fact]
    public async Task A_phone_that_offers_both_roles_is_a_source_and_no_speaker()
    {
        FakeAir? air = null;
        EchoOnAir? phone = null;
        await using var house = await StartAsync(
            $$"""
            gateway: { id: gw }
            bluetooth: { audio: own }
            speakers: [{ id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}" }]
            groups: [{ id: party, name: Party, members: [kitchen], source: "phone:{{Address}}" }]
            """, bluez =>
            {
                air = new FakeAir(bluez);
                phone = air.Echo(Address, "Anna", EchoOnAir.Phone, "bluetooth:v004Cp0001d0100");
            });
        var refused = await AskAsync(house, "group/party/active", "ON");
        await AskAsync(house, "gateway/gw/pairing_mode", "ON");

        await phone!.PairAsync();
        await EventAsync(house, $"As the source of a group it is phone:{Address}.", contains: true);
        await phone.LinkAsync(isSource: true);
        phone.Play();
        var end = await AskAsync(house, "group/party/active", "ON");

        Assert.Equal("refused", refused.Result);
        Assert.True(end is ("done", _), $"{end}");
        await Eventually.TrueAsync("its sound at the speaker", () => air!.Heard.TryGetValue(FakeBlueZ.DevicePath, out var heard) && heard.Loudest > 0.2, 60);
        Assert.DoesNotContain(house.Ear.All, h => h.Topic.StartsWith($"tutti/speaker/{Id}/", StringComparison.Ordinal) && h.Text.Length > 0);
    }

    [Fact]
    public async Task The_command_line_leads_through_it_and_ends_when_it_was_heard()
    {
        EchoOnAir? echo = null;
        await using var house = await StartAsync(
            "gateway: { id: gw }\nbluetooth: { audio: own }\nechoes: [{ id: dot, name: Dot }]", bluez => echo = new FakeAir(bluez).Echo(Address, "Echo Dot-4F2"));
        var running = house.PairAsync(null, r => r with { Open = true, Echo = "DOT" });
        await Eventually.TrueAsync("pairing mode", () => (bool?)State(house, "gateway/gw")["pairing_mode"] == true, 30);

        echo!.Play();
        await echo.PairAsync();
        await EventAsync(house, $"{Address} is Dot from now on.");
        await echo.LinkAsync(isSource: true);
        var ran = await running;

        Assert.True(ran.Exit == Gateway.Cli.ExitCodes.Fine, $"{ran}");
        Assert.Contains("Say to Dot \"Alexa, pair\"", ran.Error, StringComparison.Ordinal);
        var told = ran.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith($"Echo Dot-4F2 ({Address}) is there and begins to pair.", told[0], StringComparison.Ordinal);
        Assert.StartsWith("Heard: sound arrives from Dot (level -", told[^1], StringComparison.Ordinal);
    }

    private static async Task<PairingHouse> StartAsync(string yaml, Action<FakeBlueZ> prepare, Action<Storage.Store>? earlier = null)
    {
        var house = await PairingHouse.StartAsync(paired: true, yaml: yaml.Contains("id: kitchen", StringComparison.Ordinal) ? yaml : $"{yaml}\nspeakers: [{{ id: kitchen, name: Kitchen, address: \"{FakeBlueZ.Device}\" }}]", prepare: bluez =>
        {
            bluez.Put(EchoOnAir.PathOf(Second), "org.bluez.Device1", FakeBlueZ.Speaker(address: Second, alias: "Bath"));
            prepare(bluez);
        }, earlier: earlier);
        return house;
    }

    private static async Task<(string? Result, string? Reason)> AskAsync(PairingHouse house, string target, string value)
    {
        var correlation = Guid.NewGuid().ToString("N");
        await house.Ear.SendAsync($"tutti/{target}/set", new JsonObject { ["value"] = value, ["correlation"] = correlation }.ToJsonString());
        var end = await Eventually.SomeAsync(
            () => $"an end of {target} {value}; answers: {string.Join("\n", house.Ear.On("tutti/response").Select(h => h.Text))}; events: {string.Join("\n", Events(house).Select(e => e["text"]))}",
            () => Answers(house).FirstOrDefault(a => (string?)a["correlation"] == correlation && (string?)a["result"] != "accepted"), 60);
        return ((string?)end["result"], (string?)end["reason"]);
    }

    private static IEnumerable<JsonNode> Answers(PairingHouse house) => house.Ear.On("tutti/response").Select(h => JsonNode.Parse(h.Text)!);

    private static IEnumerable<JsonNode> Events(PairingHouse house) => house.Ear.On("tutti/event").Select(h => JsonNode.Parse(h.Text)!);

    private static IEnumerable<string?> DropsOf(PairingHouse house, string target) =>
        Answers(house).Where(a => (string?)a["topic"] == $"tutti/{target}/set" && (string?)a["result"] == "accepted").SelectMany(a => a["drops"]!.AsArray().Select(d => (string?)d!["device"]));

    private static Task<JsonNode> EventAsync(PairingHouse house, string text, bool contains = false) => Eventually.SomeAsync(
        () => $"the event \"{text}\"; events: {string.Join("\n", Events(house).Select(e => e["text"]))}",
        () => Events(house).FirstOrDefault(e => ((string?)e["text"])!.Contains(text, StringComparison.Ordinal) && (contains || ((string?)e["text"])!.StartsWith(text, StringComparison.Ordinal))), 60);

    private static JsonNode State(PairingHouse house, string device) => JsonNode.Parse(house.Ear.Last($"tutti/{device}/state")!)!;

    private static (string? State, string? Role, string? Peer, bool? Online) Link(PairingHouse house, string echo)
    {
        var (state, bluetooth) = (State(house, $"echo/{echo}"), State(house, $"echo/{echo}")["bluetooth"]!);
        return ((string?)bluetooth["state"], (string?)bluetooth["role"], (string?)bluetooth["peer"]?["id"], (bool?)state["online"]);
    }

    /// <summary>As our radio sees it; null: it has no link with us.</summary>
    private static Task LinkIsAsync(PairingHouse house, string echo, string? role) => Eventually.TrueAsync(
        () => $"the role {role}; now {house.Ear.Last($"tutti/echo/{echo}/state")}",
        () => house.Ear.Last($"tutti/echo/{echo}/state") is { Length: > 0 } && Link(house, echo) is var link && link.Role == role && (role is null) == (link.State != "connected"), 30);
}
