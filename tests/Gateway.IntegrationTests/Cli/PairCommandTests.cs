using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Pair;
using Gateway.IntegrationTests.Bluetooth;
using Gateway.IntegrationTests.Mqtt;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Cli;

/// <summary><c>tutti pair</c> against the whole gateway, from the command line to bluetoothd and back.</summary>
public sealed class PairCommandTests
{
    [Theory]
    [InlineData("kitchen")]
    [InlineData("KITCHEN")]
    [InlineData("00-aa-01-01-00-01")]
    public async Task A_speaker_is_paired_by_its_id_name_or_address(string named)
    {
        await using var house = await PairingHouse.StartAsync();

        var ran = await house.PairAsync(named);

        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "Kitchen is paired on hci0.\n" }, $"{ran}");
        Assert.Equal("Pairing with Kitchen on hci0: up to a minute. Keep it in pairing mode.\n", ran.Error);
        Assert.Contains("Pair", house.BlueZ.Calls);
        Assert.DoesNotContain("StartDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task An_Echo_is_sent_to_the_way_in_that_Echos_have_and_no_search_is_made()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);

        var ran = await house.PairAsync("dot");

        Assert.Equal((ExitCodes.UsageOrConfiguration, "", "Dot is an Echo, and an Echo pairs from its own side. Run tutti pair --open --echo dot and say to it: \"Alexa, pair\".\n"), (ran.Exit, ran.Output, ran.Error));
        Assert.DoesNotContain("StartDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_pairing_that_the_speaker_rejects_ends_with_3_and_says_why_and_what_to_do()
    {
        await using var house = await PairingHouse.StartAsync();
        house.BlueZ.Fail("Pair", "org.bluez.Error.AuthenticationRejected", "Authentication Rejected");

        var ran = await house.PairAsync("kitchen", r => r with { Connect = true });

        Assert.Equal((ExitCodes.Infeasible, ""), (ran.Exit, ran.Output));
        Assert.EndsWith(
            "Kitchen was not paired (failed): Pairing with Kitchen did not work: the device rejected it. Put the device into pairing mode and try again.\n", ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ConnectProfile", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_pairing_that_the_gateway_refuses_ends_with_3_and_JSON_has_its_answer_alone()
    {
        await using var house = await PairingHouse.StartAsync();
        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Powered", VariantValue.Bool(false));
        await house.HearsAsync("the adapter to be off", h => h.Topic.StartsWith("tutti/adapter/", StringComparison.Ordinal) && h.Text.Contains("\"powered\":false", StringComparison.Ordinal));

        var ran = await house.PairAsync("kitchen", r => r with { Json = true });

        Assert.True(ran.Exit == ExitCodes.Infeasible, $"{ran}");
        var answer = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal(("refused", "speaker/kitchen"), (answer.GetProperty("result").GetString(), answer.GetProperty("device").GetString()));
        Assert.NotEmpty(answer.GetProperty("reason").GetString()!);
    }

    [Fact]
    public async Task A_speaker_that_nobody_knows_yet_is_searched_for_and_paired_and_the_search_ended()
    {
        await using var house = await PairingHouse.StartAsync();
        house.AppearsInSearch("Flip 6");

        var ran = await house.PairAsync("flip 6");

        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "Flip 6 is paired on hci0.\n" }, $"{ran}");
        Assert.StartsWith("There is no speaker \"flip 6\". Searching the air for up to 20 s: put the speaker into pairing mode", ran.Error, StringComparison.Ordinal);
        Assert.True(house.BlueZ.Calls.ToList().IndexOf("Pair") < house.BlueZ.Calls.ToList().LastIndexOf("StopDiscovery"));
        Assert.False(house.BlueZ.Value(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discovering")!.Value.GetBool());
    }

    [Fact]
    public async Task A_speaker_that_is_not_found_ends_with_5_the_nearest_name_and_the_remedy()
    {
        await using var house = await PairingHouse.StartAsync();

        var ran = await house.PairAsync("kitchn", r => r with { Seconds = 1 });

        Assert.Equal((ExitCodes.PartMissing, ""), (ran.Exit, ran.Output));
        Assert.EndsWith(
            "There is no speaker \"kitchn\". Did you mean \"Kitchen\"? It was not found within 1 s. Put it into pairing mode, bring it nearer and try again; tutti pair lists what is on the air.\n",
            ran.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Pair", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_name_of_two_speakers_ends_with_2_and_their_ids()
    {
        await using var house = await PairingHouse.StartAsync();
        house.BlueZ.Add($"{FakeBlueZ.AdapterPath}/dev_2", "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: "00:AA:01:01:00:02"));
        await house.Ear.HearsAsync("tutti/speaker/00aa01010002/state");

        var ran = await house.PairAsync("Kitchen");

        Assert.Equal(ExitCodes.UsageOrConfiguration, ran.Exit);
        Assert.Equal("\"Kitchen\" is the name of several: speaker 00aa01010002, speaker kitchen. Use the id.\n", ran.Error);
    }

    [Fact]
    public async Task With_connect_it_is_connected_too_and_tested_with_a_sound()
    {
        await using var house = await PairingHouse.StartAsync();
        var air = new FakeAir(house.BlueZ);

        var ran = await house.PairAsync("kitchen", r => r with { Connect = true });

        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "A test sound went out to Kitchen over hci0 (3 s); did you hear it?\n" }, $"{ran}");
        Assert.EndsWith("Kitchen is paired on hci0.\nConnecting Kitchen.\nKitchen is connected on hci0. Playing a test sound on it.\n", ran.Error, StringComparison.Ordinal);
        Assert.True(Assert.Single(air.Heard).Value.Beginning.Max(Math.Abs) > 0.09f);
    }

    [Fact]
    public async Task With_no_test_it_is_connected_in_silence()
    {
        await using var house = await PairingHouse.StartAsync();
        var air = new FakeAir(house.BlueZ);

        var ran = await house.PairAsync("kitchen", r => r with { Connect = true, Test = false });

        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "Kitchen is connected on hci0.\n" }, $"{ran}");
        Assert.Empty(air.Heard);
    }

    [Fact]
    public async Task A_test_sound_that_did_not_go_out_ends_with_3_and_what_is_so()
    {
        await using var house = await PairingHouse.StartAsync();
        _ = new FakeAir(house.BlueZ);
        house.BlueZ.Fail("Acquire", "org.bluez.Error.Failed", "Operation failed");

        var ran = await house.PairAsync("kitchen", r => r with { Connect = true });

        Assert.Equal((ExitCodes.Infeasible, ""), (ran.Exit, ran.Output));
        Assert.EndsWith(
            "Kitchen is connected, but the test with a sound failed (failed): The test sound did not go out whole to Kitchen: the way to it could not be opened. Switch the speaker off and on, connect it again, then press Test sound.\n",
            ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forget_removes_the_pairing_and_an_unknown_speaker_ends_with_2()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);

        var unknown = await house.PairAsync("cellar", r => r with { Forget = true });
        var ran = await house.PairAsync("kitchen", r => r with { Forget = true });

        Assert.Equal((ExitCodes.UsageOrConfiguration, "There is no speaker \"cellar\". tutti devices lists them.\n"), (unknown.Exit, unknown.Error));
        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "Kitchen is forgotten. To play to it again, pair it again.\n" }, $"{ran}");
        Assert.Contains("RemoveDevice", house.BlueZ.Calls);
    }

    [Fact]
    public async Task Alone_it_lists_what_can_be_paired_with_the_command_for_each()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);
        house.AppearsInSearch("Flip\u001b[31m\u202e 6");

        var ran = await house.UntilFoundAsync(stop => house.PairAsync(null, r => r with { Seconds = 60 }, cancellationToken: stop));

        Assert.True(ran is { Exit: ExitCodes.Fine } && ran.Output == $"Flip[31m 6  00:AA:01:01:00:09  in range -61 dBm  tutti pair 00aa01010009 --config {house.Config}\n", $"{ran}");
    }

    [Fact]
    public async Task Alone_with_nothing_to_pair_it_ends_with_5_and_JSON_has_an_empty_list()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);

        var ran = await house.PairAsync(null, r => r with { Seconds = 1, Json = true });

        Assert.Equal((ExitCodes.PartMissing, "{\"speakers\":[]}\n"), (ran.Exit, ran.Output));
        Assert.Contains("pairing mode", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y", "It is let in.")]
    [InlineData("perhaps\nno", "It is turned away.")]
    public async Task A_question_is_shown_and_what_is_typed_at_the_terminal_answers_it(string typed, string told)
    {
        await using var house = await PairingHouse.StartAsync();
        var asking = PairSlowly(house);
        using var keyboard = new StringReader(typed);

        var ran = await house.PairAsync("kitchen", typed: keyboard);

        Assert.True(ran.Exit == ExitCodes.Fine, $"{ran}");
        Assert.Contains(
            $"00:AA:01:01:00:07 wants to pair and shows 123456. Allow it?\ny lets it in, n does not (then Enter; 30 s without an answer are a no):\n{(typed == "y" ? "" : "Write y or n.\n")}{told}\n",
            ran.Error, StringComparison.Ordinal);
        if (typed == "y") await asking();
        else await Assert.ThrowsAsync<DBusErrorReplyException>(asking);
    }

    [Fact]
    public async Task Where_nobody_sits_at_a_terminal_the_question_says_how_to_answer_by_MQTT()
    {
        await using var house = await PairingHouse.StartAsync();
        var asking = PairSlowly(house);
        var pairing = house.PairAsync("kitchen");
        await house.Ear.HearsAsync("tutti/event", h => h.Text.Contains("pairing_question", StringComparison.Ordinal));

        await house.Ear.SendAsync("tutti/gateway/gw/pairing_answer/set", "ON");
        var ran = await pairing;

        await asking();
        Assert.True(ran.Exit == ExitCodes.Fine, $"{ran}");
        Assert.Matches("Answer within 30 s by MQTT: \"ON (\\d+)\" to tutti/gateway/gw/pairing_answer/set lets it in, \"OFF \\1\" does not\\.\n", ran.Error);
    }

    [Fact]
    public async Task The_open_door_names_who_paired_until_it_closes()
    {
        await using var house = await PairingHouse.StartAsync();
        var running = house.PairAsync(null, r => r with { Open = true });
        await house.HearsAsync("the door to be open", IsOpenDoor);
        Phone(house, "Anna's phone");
        await house.HearsAsync("the phone to be shown", h => h.Topic == "tutti/gateway/gw/state" && h.Text.Contains("00:AA:01:01:00:0A", StringComparison.Ordinal));

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable", VariantValue.Bool(false));
        var ran = await running;

        Assert.True(ran is { Exit: ExitCodes.Fine, Output: "Anna's phone (00:AA:01:01:00:0A) has paired and is trusted. As the source of a group it is phone:00:AA:01:01:00:0A.\n" }, $"{ran}");
        Assert.Contains("Class = 0x000414", ran.Error, StringComparison.Ordinal); // the fake's class is a laptop's, which keeps Echos out
    }

    [Fact]
    public async Task Stopping_closes_the_door_and_nobody_who_paired_ends_with_3()
    {
        await using var house = await PairingHouse.StartAsync();
        using var stop = new CancellationTokenSource();
        var running = house.PairAsync(null, r => r with { Open = true, Json = true }, cancellationToken: stop.Token);
        await house.HearsAsync("the door to be open", IsOpenDoor);

        await stop.CancelAsync();
        var ran = await running;

        Assert.True(ran is { Exit: ExitCodes.Infeasible, Output: "{\"paired\":[]}\n" }, $"{ran}");
        Assert.False(house.BlueZ.Value(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable")!.Value.GetBool());
        Assert.Contains("Nobody has paired.", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_gateway_stops_meanwhile_the_command_ends_with_5()
    {
        await using var house = await PairingHouse.StartAsync();
        var running = house.PairAsync(null, r => r with { Open = true });
        await house.HearsAsync("the door to be open", IsOpenDoor);

        await house.StopGatewayAsync();
        var ran = await running;

        Assert.Equal(ExitCodes.PartMissing, ran.Exit);
        Assert.EndsWith("The gateway gw stopped meanwhile. Look at its log, start it and ask again.\n", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "No gateway gw is running at the broker")]
    [InlineData(false, "No connection to the MQTT broker")]
    public async Task Without_a_gateway_or_a_broker_the_command_ends_with_5(bool broker, string words)
    {
        await using var running = broker ? await Mosquitto.StartAsync() : null;
        var folder = Directory.CreateTempSubdirectory("tutti-pair-");
        var config = PairingHouse.Configure(folder.FullName, running?.Port ?? LoopbackPort.Free());

        var ran = await PairingHouse.RunAsync(terminal => PairCommand.RunAsync(new PairCommand.Request("kitchen") { Config = config, Json = true }, terminal, CancellationToken.None));

        folder.Delete(recursive: true);
        Assert.Equal((ExitCodes.PartMissing, ""), (ran.Exit, ran.Output));
        Assert.StartsWith(words, ran.Error, StringComparison.Ordinal);
    }

    private static bool IsOpenDoor(Heard heard) => heard.Topic == "tutti/gateway/gw/state" && heard.Text.Contains("\"pairing_mode\":true", StringComparison.Ordinal);

    private static void Phone(PairingHouse house, string name) => house.BlueZ.Add($"{FakeBlueZ.AdapterPath}/dev_00_AA_01_01_00_0A", "org.bluez.Device1",
        new(FakeBlueZ.Speaker(paired: true, address: "00:AA:01:01:00:0A", alias: name)) { ["UUIDs"] = VariantValue.Array(new[] { "0000110a-0000-1000-8000-00805f9b34fb" }) });

    /// <summary>While the speaker is being paired, another device asks to come in, and the pairing ends when that one has its answer.</summary>
    private static Func<Task> PairSlowly(PairingHouse house)
    {
        Task? asking = null;
        house.BlueZ.On("Pair", context =>
        {
            context.DisposesAsynchronously = true;
            // BlueZ shows a device before it asks about it.
            house.BlueZ.Add(FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_07", "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: "00:AA:01:01:00:07", alias: "Stranger"));
            asking = house.BlueZ.AskAsync("RequestConfirmation", "ou", static (ref MessageWriter w) =>
            {
                w.WriteObjectPath(FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_07");
                w.WriteUInt32(123_456);
            });
            _ = asking.ContinueWith(_ =>
            {
                house.BlueZ.Bond(FakeBlueZ.DevicePath);
                using (context)
                using (var writer = context.CreateReplyWriter(null!)) context.Reply(writer.CreateMessage());
            }, TaskScheduler.Default);
        });
        return () => asking!;
    }
}
