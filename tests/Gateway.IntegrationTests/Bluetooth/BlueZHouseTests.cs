using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>What people see and do, from the command to bluetoothd and back: states, events, answers.</summary>
public sealed class BlueZHouseTests
{
    [Theory]
    [InlineData("ON")]
    [InlineData("OFF")]
    public async Task A_pairing_question_is_an_event_and_pairing_answer_answers_it(string answer)
    {
        await using var house = await BlueZHouse.StartAsync();
        var asking = house.BlueZ.AskAsync("RequestConfirmation", "ou", static (ref MessageWriter w) =>
        {
            w.WriteObjectPath(FakeBlueZ.DevicePath);
            w.WriteUInt32(123_456);
        });

        var question = await house.EventAsync(HouseEventType.PairingQuestion);
        var end = await house.AskAsync("gateway/gw/pairing_answer", answer);

        Assert.Equal("kitchen", question.Device);
        Assert.Equal(
            $"00:AA:01:01:00:01 wants to pair and shows 123456. Allow it? Answer with pairing_answer: ON lets it in, OFF does not (\"ON {question.Question}\" and \"OFF {question.Question}\" answer this question and no other).",
            question.Text);
        Assert.Equal(CommandResult.Done, end.Result);
        if (answer == "ON") await asking;
        else await Assert.ThrowsAsync<DBusErrorReplyException>(() => asking);
    }

    [Theory]
    [InlineData("ON", "No pairing is waiting for an answer. Answer when the event pairing_question asks, while its device still waits; or pair again.")]
    [InlineData("perhaps", "pairing_answer takes ON or OFF, alone or with the number of the question (ON 312), not \"perhaps\".")]
    [InlineData("ON one", "pairing_answer takes ON or OFF, alone or with the number of the question (ON 312), not \"ON one\".")]
    [InlineData("ON 312", "No pairing is waiting for an answer. Answer when the event pairing_question asks, while its device still waits; or pair again.")]
    public async Task An_answer_that_nobody_waits_for_or_that_is_none_is_refused(string answer, string reason)
    {
        await using var house = await BlueZHouse.StartAsync();

        var end = await house.AskAsync("gateway/gw/pairing_answer", answer);

        Assert.Equal((CommandResult.Refused, reason), (end.Result, end.Reason));
    }

    [Fact]
    public async Task An_answer_that_names_its_question_never_answers_another_one()
    {
        await using var house = await BlueZHouse.StartAsync();
        var first = AskAsync(house, 111_111);
        var gone = await house.EventAsync(HouseEventType.PairingQuestion);
        await house.BlueZ.AskAsync("Cancel", "", static (ref MessageWriter _) => { }); // its device gave up
        await Assert.ThrowsAsync<DBusErrorReplyException>(() => first);
        var second = AskAsync(house, 222_222);
        await Eventually.TrueAsync("the second question", () => house.Events.Count(e => e.EventType == HouseEventType.PairingQuestion) == 2);

        var late = await house.AskAsync("gateway/gw/pairing_answer", $"ON {gone.Question}");

        Assert.Equal(CommandResult.Refused, late.Result);
        Assert.Equal(
            $"Question {gone.Question} does not wait for an answer (any more): it was answered, its device gave up, or its 30 s are over. Open: {gone.Question + 1}: 00:AA:01:01:00:01 wants to pair and shows 222222. Allow it?",
            late.Reason);
        Assert.False(second.IsCompleted);
        Assert.Equal(CommandResult.Done, (await house.AskAsync("gateway/gw/pairing_answer", $"ON {gone.Question + 1}")).Result);
        await second;
    }

    [Fact]
    public async Task Of_two_questions_each_is_answered_by_its_number_and_a_bare_answer_is_refused()
    {
        await using var house = await BlueZHouse.StartAsync();
        var first = AskAsync(house, 111_111);
        var asked = await house.EventAsync(HouseEventType.PairingQuestion);
        var second = AskAsync(house, 222_222);
        await Eventually.TrueAsync("the second question", () => house.Events.Count(e => e.EventType == HouseEventType.PairingQuestion) == 2);

        var bare = await house.AskAsync("gateway/gw/pairing_answer", "ON");
        var no = await house.AskAsync("gateway/gw/pairing_answer", $"OFF {asked.Question}");
        var yes = await house.AskAsync("gateway/gw/pairing_answer", "ON"); // only one is left

        Assert.Equal(CommandResult.Refused, bare.Result);
        Assert.StartsWith($"2 pairings are waiting for an answer, and this one does not say which it means. Add the number: ON {asked.Question}.", bare.Reason, StringComparison.Ordinal);
        Assert.Equal((CommandResult.Done, CommandResult.Done), (no.Result, yes.Result));
        await Assert.ThrowsAsync<DBusErrorReplyException>(() => first);
        await second;
    }

    [Fact]
    public async Task A_sound_server_that_is_missing_is_an_event_with_the_remedy_and_speakers_are_connected_as_soon_as_it_comes()
    {
        await using var house = await BlueZHouse.StartAsync("pulse");
        var missing = await house.EventAsync(HouseEventType.Problem);
        var failed = await house.AskAsync("speaker/kitchen/connected", "ON");
        var problem = house.Hub.Current!.Gateway.Problem;
        for (var i = 0; i < 3; i++) await house.AskAsync("speaker/kitchen/connected", "ON"); // from then on it would wait for a minute

        house.BlueZ.On("ConnectProfile", call => house.BlueZ.Add(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", new()
        {
            ["Device"] = VariantValue.ObjectPath(FakeBlueZ.DevicePath), ["UUID"] = VariantValue.String("0000110a-0000-1000-8000-00805f9b34fb"), ["Codec"] = VariantValue.Byte(0), ["State"] = VariantValue.String("idle"),
        }));
        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "UUIDs", VariantValue.Array(new[] { "0000110a-0000-1000-8000-00805f9b34fb" }));

        Assert.Equal(
            "Bluetooth sound is left to a sound server, because bluetooth.audio is pulse, but none has taken it: no speaker can be connected until one does. Start PulseAudio (with module-bluetooth-discover) or PipeWire (with WirePlumber), or set bluetooth.audio: own.",
            missing.Text);
        Assert.Equal((CommandResult.Failed, missing.Text), (failed.Result, failed.Reason));
        Assert.Equal(missing.Text, problem);
        await house.UntilAsync("it is connected by itself", _ => house.Speaker.Connected);
        Assert.Null(house.Hub.Current!.Gateway.Problem);
        Assert.Equal(missing.Text, house.Hub.Current.Gateway.LastProblem);
        Assert.Equal(BluetoothAudioOwner.Pulse, house.Hub.Current!.Gateway.BluetoothAudio);
    }

    [Fact]
    public async Task A_pairing_that_the_speaker_rejects_fails_with_its_reason_and_remedy_also_in_the_state()
    {
        await using var house = await BlueZHouse.StartAsync(prepare: b => b.Put(FakeBlueZ.DevicePath, "org.bluez.Device1", FakeBlueZ.Speaker(paired: false)));
        house.BlueZ.Fail("Pair", "org.bluez.Error.AuthenticationRejected", "Authentication Rejected");
        const string Text = "Pairing with Kitchen did not work: the device rejected it. Put the device into pairing mode and try again.";

        var failed = await house.AskAsync("speaker/kitchen/pair", "PRESS");
        Assert.Equal((CommandResult.Failed, Text), (failed.Result, failed.Reason));
        Assert.Equal(Text, house.Speaker.LastError?.Text);

        house.BlueZ.On("Pair", call => house.BlueZ.Bond(FakeBlueZ.DevicePath));
        var paired = await house.AskAsync("speaker/kitchen/pair", "PRESS");

        Assert.Equal(CommandResult.Done, paired.Result);
        Assert.Null(house.Speaker.LastError);
        Assert.True(house.Speaker.Paired);
    }

    [Fact]
    public async Task A_speaker_that_an_Echo_holds_is_held_elsewhere_and_the_Echo_is_named()
    {
        await using var house = await BlueZHouse.StartAsync();

        house.Echo.Show(new EchoPeer(FakeBlueZ.Device, "Kitchen", LinkRole.PlaysTo));

        await house.UntilAsync("it is held elsewhere", _ => house.Speaker.Link == SpeakerLink.HeldElsewhere);
        var told = await house.EventAsync(HouseEventType.HeldElsewhere);
        Assert.Equal(("kitchen", "dot"), (told.Device, told.Peer));
        Assert.Equal("Kitchen is connected to Dot. Set that Echo's Bluetooth to Disconnected to have it here.", told.Text);

        house.Echo.Show(null);
        await house.UntilAsync("it is free again", _ => house.Speaker.Link == SpeakerLink.Disconnected);
        Assert.Single(house.Events, e => e.EventType == HouseEventType.HeldElsewhere);
    }

    [Theory]
    [InlineData("speaker/kitchen/connected")]
    [InlineData("group/party/active")]
    public async Task A_speaker_that_a_phone_held_is_not_held_for_ever_once_nobody_wants_it_and_is_again_when_it_refuses_again(string wanted)
    {
        await using var house = await BlueZHouse.StartAsync();
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-refused");
        house.Send(wanted, "ON");
        await house.UntilAsync("it is held elsewhere", _ => house.Speaker.Link == SpeakerLink.HeldElsewhere);

        var off = await house.AskAsync(wanted, "OFF");

        Assert.Equal(CommandResult.Done, off.Result);
        await house.UntilAsync("nobody says so any more", _ => house.Speaker is { Link: SpeakerLink.Disconnected, LastError: null });
        house.Send(wanted, "ON");
        await house.UntilAsync("it is held elsewhere again", _ => house.Speaker.Link == SpeakerLink.HeldElsewhere);
        await Eventually.TrueAsync("it to be told again", () => house.Events.Count(e => e.EventType == HouseEventType.HeldElsewhere) == 2);
    }

    [Fact]
    public async Task A_key_on_an_adapter_that_is_off_does_not_stand_in_the_way_of_pairing_on_another_one()
    {
        await using var house = await BlueZHouse.StartAsync(prepare: b =>
        {
            b.Put("/org/bluez/hci1", "org.bluez.Adapter1", FakeBlueZ.Radio("00:AA:01:00:00:99"));
            b.Put("/org/bluez/hci1", "org.bluez.Media1", []);
            b.Put("/org/bluez/hci1/dev_00_AA_01_01_00_01", "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, adapter: "/org/bluez/hci1"));
        });
        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Powered", VariantValue.Bool(false));
        await house.UntilAsync("it is off", s => s.Adapters.Any(a => a.Powered == false));

        var first = await house.AskAsync("speaker/kitchen/pair", "PRESS");
        var again = await house.AskAsync("speaker/kitchen/pair", "PRESS");

        Assert.Equal((CommandResult.Done, null), (first.Result, first.Reason));
        Assert.Equal("/org/bluez/hci1/dev_00_AA_01_01_00_01", Assert.Single(house.BlueZ.PathCalls, c => c.StartsWith("Pair ", StringComparison.Ordinal))[5..]);
        Assert.Equal((CommandResult.Done, "Kitchen is paired already (paired is not connected: use its Connected switch)."), (again.Result, again.Reason));
    }

    [Fact]
    public async Task Paired_on_an_adapter_that_is_off_and_no_other_is_there_pairing_is_refused_with_the_remedy()
    {
        await using var house = await BlueZHouse.StartAsync();
        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Powered", VariantValue.Bool(false));
        await house.UntilAsync("it is off", s => s.Adapters.Any(a => a.Powered == false));

        var end = await house.AskAsync("speaker/kitchen/pair", "PRESS");

        Assert.Equal(CommandResult.Refused, end.Result);
        Assert.Contains("witch", end.Reason);
    }

    [Fact]
    public async Task Where_the_sound_is_a_sound_servers_that_is_not_there_a_group_is_refused_with_the_reason_and_links_are_still_made()
    {
        await using var house = await BlueZHouse.StartAsync("pulse", b => b.Put(
            FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["UUIDs"] = VariantValue.Array(new[] { "0000110a-0000-1000-8000-00805f9b34fb" }) }));

        var refused = await house.AskAsync("group/party/active", "ON");

        Assert.Equal(CommandResult.Refused, refused.Result);
        Assert.StartsWith(
            "Party would stay silent: Bluetooth sound is left to a sound server here, because bluetooth.audio is pulse, and none listens where the gateway looks for it (",
            refused.Reason, StringComparison.Ordinal);
        Assert.Contains("Start PulseAudio or PipeWire", refused.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("ConnectProfile", house.BlueZ.Calls);
        Assert.Equal(BluetoothAudioOwner.Pulse, house.Hub.Current!.Gateway.BluetoothAudio);

        // The sound server's endpoint takes the stream.
        house.BlueZ.On("ConnectProfile", call => house.BlueZ.Add(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", new()
        {
            ["Device"] = VariantValue.ObjectPath(FakeBlueZ.DevicePath), ["UUID"] = VariantValue.String("0000110a-0000-1000-8000-00805f9b34fb"), ["Codec"] = VariantValue.Byte(0), ["State"] = VariantValue.String("idle"),
        }));
        var linked = await house.AskAsync("speaker/kitchen/connected", "ON");

        Assert.Equal(CommandResult.Done, linked.Result);
        Assert.Equal(SpeakerLink.Connected, house.Speaker.Link);
    }

    [Fact]
    public async Task When_bluetoothd_goes_the_loss_is_not_blamed_on_the_speaker_and_it_is_connected_again_after()
    {
        await using var house = await BlueZHouse.StartAsync();
        Connects(house);
        Assert.Equal(CommandResult.Done, (await house.AskAsync("speaker/kitchen/connected", "ON")).Result);

        await house.BlueZ.DisposeAsync();
        var lost = await house.EventAsync(HouseEventType.LinkLost);
        var forget = await house.AskAsync("speaker/kitchen/forget", "PRESS");

        Assert.StartsWith("Kitchen lost its link: The Bluetooth service (bluetoothd) is not running", lost.Text, StringComparison.Ordinal);
        Assert.Equal(CommandResult.Refused, forget.Result);

        await house.StartBlueZAsync(b => b.On("ConnectProfile", call => _ = b.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration)));
        await house.UntilAsync("it is connected again", _ => house.Speaker.Connected);
        Assert.Equal(1, house.Speaker.Dropouts);
        await house.EventAsync(HouseEventType.LinkRestored);
    }

    [Fact]
    public async Task When_its_adapter_is_switched_off_the_loss_is_not_blamed_on_the_speaker()
    {
        await using var house = await BlueZHouse.StartAsync();
        Connects(house);
        await house.AskAsync("speaker/kitchen/connected", "ON");

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Powered", VariantValue.Bool(false));
        house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1");

        Assert.Equal("Kitchen lost its link: its adapter was unplugged or switched off.", (await house.EventAsync(HouseEventType.LinkLost)).Text);
    }

    [Fact]
    public async Task The_gateways_state_names_BlueZ_and_its_known_faults()
    {
        await using var house = await BlueZHouse.StartAsync(prepare: b => b.Put(
            FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["Modalias"] = VariantValue.String("usb:v1D6Bp0246d0556") }));

        await house.UntilAsync("it is shown", s => s.Gateway.Bluez is not null);

        Assert.Equal("5.86", house.Hub.Current!.Gateway.Bluez!.Version);
        Assert.Contains("wrong role", Assert.Single(house.Hub.Current.Gateway.Bluez.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_speakers_delay_report_is_shown_as_its_own_word_and_no_measurement()
    {
        await using var house = await BlueZHouse.StartAsync();

        await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration, delay: 1_850);
        await house.UntilAsync("the report is shown", _ => house.Speaker.ReportedLatencyMs == 185);
        house.BlueZ.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Delay", VariantValue.UInt16(2_100));
        await house.UntilAsync("the later report is shown", _ => house.Speaker.ReportedLatencyMs == 210);

        Assert.Null(house.Speaker.Sync.LatencyMs);
        Assert.Equal(CalibrationStatus.None, house.Speaker.Calibration.State);
    }

    [Fact]
    public async Task A_speaker_that_another_host_holds_is_no_longer_held_for_us_after_OFF()
    {
        await using var house = await BlueZHouse.StartAsync();
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-refused");
        await house.AskAsync("speaker/kitchen/connected", "ON");
        await house.UntilAsync("it is held elsewhere", _ => house.Speaker.Link == SpeakerLink.HeldElsewhere);
        house.BlueZ.Fail("Disconnect", "org.bluez.Error.NotConnected", "");

        var off = await house.AskAsync("speaker/kitchen/connected", "OFF");

        Assert.Equal(CommandResult.Done, off.Result);
        await house.UntilAsync("it is disconnected", _ => house.Speaker.Link == SpeakerLink.Disconnected);
    }

    [Fact]
    public async Task Pairing_mode_OFF_closes_adapters_that_are_switched_off_and_those_after_one_that_fails()
    {
        const string Second = "/org/bluez/hci1";
        await using var house = await BlueZHouse.StartAsync(prepare: b =>
        {
            b.Put(Second, "org.bluez.Adapter1", FakeBlueZ.Radio("00:AA:01:00:00:99"));
            b.Put(Second, "org.bluez.Media1", []);
        });
        await house.UntilAsync("both adapters", s => s.Adapters.Count == 2);
        Assert.Equal(CommandResult.Done, (await house.AskAsync("gateway/gw/pairing_mode", "ON")).Result);
        foreach (var path in (string[])[FakeBlueZ.AdapterPath, Second]) house.BlueZ.Change(path, "org.bluez.Adapter1", "Powered", VariantValue.Bool(false));
        await house.UntilAsync("both are off", s => s.Adapters.All(a => a.Powered == false));
        house.BlueZ.On("Set", context => house.BlueZ.SetUnless(context, FakeBlueZ.AdapterPath, "org.bluez.Error.Failed", "stuck"));

        var off = await house.AskAsync("gateway/gw/pairing_mode", "OFF");

        Assert.Equal(CommandResult.Failed, off.Result);
        Assert.StartsWith("Closing hci0 for pairing did not work", off.Reason, StringComparison.Ordinal);
        Assert.False(house.BlueZ.Value(Second, "org.bluez.Adapter1", "Discoverable")!.Value.GetBool());
    }

    [Fact]
    public async Task A_name_from_the_air_keeps_whole_characters_and_one_that_cannot_be_seen_is_the_address()
    {
        await using var house = await BlueZHouse.StartAsync();

        Hear(house, "00:AA:02:00:00:01", new string('a', 79) + "\U0001F50A tail");
        Hear(house, "00:AA:02:00:00:02", "\u200b\u202e");
        await house.UntilAsync("all are shown", s => s.Speakers.Count == 3);

        var names = house.Hub.Current!.Speakers.ToDictionary(s => s.Address!, s => s.Name);
        Assert.Equal(new string('a', 79) + "\U0001F50A", names["00:AA:02:00:00:01"]);
        Assert.Equal("00:AA:02:00:00:02", names["00:AA:02:00:00:02"]);
    }

    private static void Hear(BlueZHouse house, string address, string name) => house.BlueZ.Add(
        $"{FakeBlueZ.AdapterPath}/dev_{address.Replace(':', '_')}", "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: address, alias: name));

    [Fact]
    public async Task Strangers_of_a_search_come_and_go_without_a_trace()
    {
        await using var house = await BlueZHouse.StartAsync();
        for (var i = 0; i < 50; i++)
            house.BlueZ.Add($"{FakeBlueZ.AdapterPath}/dev_s{i}", "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: $"00:AA:02:00:00:{i:X2}", alias: $"Stranger {i}"));
        await house.UntilAsync("all are shown", s => s.Speakers.Count == 51);

        for (var i = 0; i < 50; i++) house.BlueZ.Remove($"{FakeBlueZ.AdapterPath}/dev_s{i}", "org.bluez.Device1");

        await house.UntilAsync("all have left", s => s.Speakers.Count == 1);
        Assert.Equal(1, house.SpeakersRemembered);
    }

    private static Task AskAsync(BlueZHouse house, uint passkey) => house.BlueZ.AskAsync("RequestConfirmation", "ou", (ref MessageWriter w) =>
    {
        w.WriteObjectPath(FakeBlueZ.DevicePath);
        w.WriteUInt32(passkey);
    });

    private static void Connects(BlueZHouse house) =>
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration));
}
