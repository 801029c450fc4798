using Gateway.Bluetooth.Streams;
using Gateway.Bluetooth;
using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>The Bluetooth side against BlueZ-shaped objects on a real dbus-daemon.</summary>
public sealed class BlueZServiceTests : IAsyncLifetime, IDisposable
{
    private const string Source1 = "/org/tutti/hci0/source1";
    private static readonly byte[] s_configuration = [0x11, 0x15, 2, 51];

    private readonly PrivateBus _bus = new();
    private readonly BlueZService _service;
    private FakeBlueZ _bluez = null!;

    public BlueZServiceTests()
    {
        var options = new BluetoothOptions
        {
            BusAddress = _bus.Address, Kernel = "/nowhere", Audio = BluetoothAudio.Own, Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = 2 }],
        };
        _service = new BlueZService(options, TimeProvider.System, NullLogger<BlueZService>.Instance);
    }

    public async Task InitializeAsync()
    {
        _bluez = await FakeBlueZ.StartAsync(_bus.Address);
        await _service.StartAsync(CancellationToken.None);
        await UntilAsync("the speaker is seen", s => s.Devices is [{ Name: "Kitchen" }]);
        await UntilAsync("all endpoints are registered", _ => _bluez.Endpoints.Count == 4);
    }

    public async Task DisposeAsync()
    {
        await _service.StopAsync(CancellationToken.None);
        await _bluez.DisposeAsync();
    }

    public void Dispose()
    {
        _service.Dispose();
        _bus.Dispose();
    }

    [Fact]
    public void Adapter_and_speaker_are_shown_as_BlueZ_tells_them()
    {
        Assert.Equal(new RadioAdapter(FakeBlueZ.Adapter, "hci0", true, false, false, false) { Alias = "fake" }, Assert.Single(_service.Current.Adapters));
        Assert.Equal(
            new RadioDevice { Address = FakeBlueZ.Device, Adapter = FakeBlueZ.Adapter, Name = "Kitchen", Paired = true, Trusted = true, Kind = RadioKind.Speaker, OffersSink = true, Modalias = "bluetooth:v0001p0002d0003" },
            Assert.Single(_service.Current.Devices));
        Assert.Null(_service.Current.Problem);
        Assert.True(_service.Current.OwnsAudio);
    }

    [Fact]
    public void As_many_source_endpoints_as_streams_and_two_sinks_are_registered() =>
        Assert.Equal([Source1, "/org/tutti/hci0/source2", "/org/tutti/hci0/sink1", "/org/tutti/hci0/sink2"], _bluez.Endpoints);

    [Fact]
    public async Task Adapters_that_are_not_on_the_list_are_neither_shown_nor_touched()
    {
        _bluez.Add("/org/bluez/hci1", "org.bluez.Adapter1", new() { ["Address"] = VariantValue.String("00:AA:01:99:00:99"), ["Powered"] = VariantValue.Bool(true) });
        _bluez.Add("/org/bluez/hci1", "org.bluez.Media1", []);
        _bluez.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String("Bath"));
        await UntilAsync("the later signal is in", s => s.Devices is [{ Name: "Bath" }]);

        Assert.Single(_service.Current.Adapters);
        Assert.Equal(4, _bluez.Endpoints.Count);
    }

    [Fact]
    public async Task Battery_and_signal_strength_come_and_go_with_their_signals()
    {
        _bluez.Add(FakeBlueZ.DevicePath, "org.bluez.Battery1", new() { ["Percentage"] = VariantValue.Byte(80) });
        _bluez.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "RSSI", VariantValue.Int16(-61));
        await UntilAsync("both are shown", s => s.Devices is [{ BatteryPercent: 80, RssiDbm: -61, RssiAt: not null }]);

        _bluez.Remove(FakeBlueZ.DevicePath, "org.bluez.Battery1");
        await UntilAsync("the battery is gone", s => s.Devices is [{ BatteryPercent: null }]);
    }

    [Fact]
    public async Task Garbage_on_the_bus_changes_nothing_and_ends_nothing()
    {
        _bluez.Garbage("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded");
        _bluez.Garbage("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved");
        _bluez.Garbage(FakeBlueZ.DevicePath, "org.freedesktop.DBus.Properties", "PropertiesChanged");
        _bluez.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Paired", VariantValue.String("perhaps"));
        _bluez.Change("/nowhere", "org.bluez.Device1", "Address", VariantValue.UInt32(5));
        _bluez.Add("/org/bluez/hci0/dev_x", "org.bluez.Device1", new() { ["Address"] = VariantValue.String("not one"), ["Adapter"] = VariantValue.String("?") });
        _bluez.Add(FakeBlueZ.DevicePath, "org.bluez.Battery1", new() { ["Percentage"] = VariantValue.Byte(250) });
        _bluez.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String("Bath"));

        await UntilAsync("the good signal after them is in", s => s.Devices is [{ Name: "Bath", Paired: false, BatteryPercent: null }]);
        Assert.Null(_service.Current.Problem);
    }

    [Theory]
    [InlineData("org.bluez.Error.Failed", "br-connection-page-timeout", PortError.NotReachable)]
    [InlineData("org.bluez.Error.Failed", "Host is down", PortError.NotReachable)]
    [InlineData("org.bluez.Error.Failed", "br-connection-refused", PortError.HeldElsewhere)]
    [InlineData("org.bluez.Error.Failed", "br-connection-aborted-by-remote", PortError.HeldElsewhere)]
    [InlineData("org.bluez.Error.Failed", "br-connection-timeout", PortError.NotReachable)]
    [InlineData("org.bluez.Error.Failed", "br-connection-sdp-search", PortError.NotReachable)]
    [InlineData("org.bluez.Error.Failed", "br-connection-concurrent-connection-limit", PortError.NoCapacity)]
    [InlineData("org.bluez.Error.Failed", "br-connection-aborted-by-local", PortError.Other)]
    [InlineData("org.bluez.Error.Failed", "br-connection-lmp-protocol-error", PortError.Other)]
    [InlineData("org.bluez.Error.Failed", "br-connection-unknown", PortError.Other)]
    [InlineData("org.bluez.Error.Blocked", "Blocked through rfkill", PortError.NotPowered)]
    [InlineData("org.bluez.Error.Failed", "br-connection-key-missing", PortError.NotPaired)]
    [InlineData("org.bluez.Error.Failed", "Unable to select SEP", PortError.NoCapacity)]
    [InlineData("org.bluez.Error.Failed", "br-connection-profile-unavailable", PortError.PartMissing)]
    [InlineData("org.bluez.Error.Failed", "br-connection-adapter-not-powered", PortError.NotPowered)]
    [InlineData("org.bluez.Error.Failed", "br-connection-busy", PortError.Other)]
    [InlineData("org.bluez.Error.Failed", "", PortError.Other)]
    [InlineData("org.bluez.Error.NotReady", "Resource Not Ready", PortError.NotPowered)]
    [InlineData("org.bluez.Error.NotAvailable", "Operation currently not available", PortError.NotReachable)]
    [InlineData("org.bluez.Error.NotSupported", "", PortError.PartMissing)]
    [InlineData("org.bluez.Error.DoesNotExist", "", PortError.UnknownDevice)]
    [InlineData("org.bluez.Error.NotConnected", "", PortError.NotReachable)]
    [InlineData("org.bluez.Error.AuthenticationFailed", "", PortError.PairingRejected)]
    [InlineData("org.bluez.Error.AuthenticationRejected", "", PortError.PairingRejected)]
    [InlineData("org.bluez.Error.AuthenticationCanceled", "", PortError.PairingRejected)]
    [InlineData("org.bluez.Error.AuthenticationTimeout", "", PortError.TimedOut)]
    [InlineData("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout", PortError.NotReachable)]
    [InlineData("org.bluez.Error.Rejected", "", PortError.PairingRejected)]
    [InlineData("org.bluez.Error.Canceled", "", PortError.PairingRejected)]
    [InlineData("org.bluez.Error.NotPermitted", "", PortError.Other)]
    [InlineData("org.bluez.Error.InvalidArguments", "", PortError.Other)]
    [InlineData("org.bluez.Error.NotAuthorized", "", PortError.Other)]
    [InlineData("org.bluez.Error.Surprise", "of a later version", PortError.Other)]
    [InlineData("org.freedesktop.DBus.Error.UnknownObject", "", PortError.UnknownDevice)]
    [InlineData("org.freedesktop.DBus.Error.NoReply", "", PortError.TimedOut)]
    [InlineData("org.freedesktop.DBus.Error.AccessDenied", "", PortError.Other)]
    [InlineData("com.example.Odd", "", PortError.Other)]
    public async Task Every_error_becomes_a_kind_and_a_sentence_that_names_the_speaker(string name, string message, PortError kind)
    {
        _bluez.Fail("ConnectProfile", name, message);

        var error = await Assert.ThrowsAsync<PortException>(() => _service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, CancellationToken.None));

        Assert.Equal(kind, error.Error);
        Assert.StartsWith("Connecting to Kitchen did not work: ", error.Message, StringComparison.Ordinal);
        // At once: whoever asked must not see an attempt that is over.
        Assert.Equal((RadioLink.Disconnected, kind == PortError.HeldElsewhere), (_service.Current.Devices[0].Link, _service.Current.Devices[0].HeldElsewhere));
    }

    [Fact]
    public async Task A_connect_is_of_the_sink_profile_only_and_ends_when_the_stream_is_there()
    {
        string? profile = null;
        _bluez.On("ConnectProfile", context =>
        {
            profile = context.Request.GetBodyReader().ReadString();
            _ = _bluez.ConfigureAsync(Source1, s_configuration);
        });

        await _service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, CancellationToken.None);

        Assert.Equal(FakeBlueZ.Sink, profile);
        Assert.Equal((RadioLink.Connected, "SBC"), (_service.Current.Devices[0].Link, _service.Current.Devices[0].Codec));
    }

    [Fact]
    public async Task A_speaker_that_is_not_paired_is_refused_before_BlueZ_is_asked()
    {
        _bluez.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Paired", VariantValue.Bool(false));
        await UntilAsync("it is unpaired", s => s.Devices is [{ Paired: false }]);

        var error = await Assert.ThrowsAsync<PortException>(() => _service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, CancellationToken.None));

        Assert.Equal((PortError.NotPaired, "Kitchen is not paired on hci0."), (error.Error, error.Message));
        Assert.DoesNotContain("ConnectProfile", _bluez.Calls);
    }

    [Fact]
    public async Task The_socket_that_BlueZ_passes_carries_the_sound_at_the_agreed_rate_and_its_delay_is_told()
    {
        using var output = await OpenOutputAsync(volume: null, delay: 1_850, out var speaker);
        var block = new float[2 * 4_800];
        await UntilAsync("the stream takes sound", _ => output.Write(block) > 0);
        while (output.FreeFrames > 0) output.Write(block);

        var packet = new byte[1_024];
        var length = (await speaker).Receive(packet);

        Assert.Equal(RtpHeader.SbcOffset + (7 * 115), length);
        Assert.Equal((48_000, false, 185.0), (output.SampleRate, output.LatencyVisible, output.DeclaredLatencyMs));
    }

    [Fact]
    public async Task When_BlueZ_clears_the_configuration_the_output_is_closed_and_the_speaker_disconnected()
    {
        using var output = await OpenOutputAsync(null, null, out _);

        await _bluez.ClearAsync(Source1);

        await UntilAsync("it is disconnected", s => s.Devices is [{ Link: RadioLink.Disconnected }]);
        await UntilAsync("the output is closed", _ => !output.IsOpen);
    }

    [Fact]
    public async Task The_speakers_own_volume_is_set_and_shown()
    {
        ushort? set = null;
        _bluez.On("Set", context =>
        {
            var reader = context.Request.GetBodyReader();
            reader.ReadString();
            if (reader.ReadString() == "Volume") set = reader.ReadVariantValue().GetUInt16();
        });
        await _bluez.ConfigureAsync(Source1, s_configuration, volume: 64);
        await UntilAsync("the volume is shown", s => s.Devices is [{ VolumePercent: 50 }]);

        await _service.SetVolumeAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, 40, CancellationToken.None);
        await UntilAsync("BlueZ was told", _ => set == 51);
        _bluez.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Volume", VariantValue.UInt16(48));

        await UntilAsync("its nearest step is our figure", s => s.Devices is [{ VolumePercent: 40 }]);
    }

    [Fact]
    public async Task Capabilities_of_a_sink_are_answered_with_a_configuration_and_garbage_with_an_error()
    {
        Assert.Equal(new byte[] { 0x21, 0x15, 2, 40 }, await _bluez.SelectAsync(Source1, [0x2F, 0xFF, 2, 40]));

        var error = await Assert.ThrowsAsync<DBusErrorReplyException>(() => _bluez.SelectAsync(Source1, [1]));
        Assert.Equal("org.bluez.Error.InvalidArguments", error.ErrorName);
    }

    [Fact]
    public async Task A_stranger_on_the_bus_may_not_call_our_objects()
    {
        using var stranger = new DBusConnection(_bus.Address);
        await stranger.ConnectAsync();
        MessageBuffer Message()
        {
            using var writer = stranger.GetMessageWriter();
            writer.WriteMethodCallHeader(_bluez.Client, "/org/tutti/agent", "org.bluez.Agent1", "Cancel");
            return writer.CreateMessage();
        }

        var error = await Assert.ThrowsAsync<DBusErrorReplyException>(() => stranger.CallMethodAsync(Message()));

        Assert.Equal("org.freedesktop.DBus.Error.AccessDenied", error.ErrorName);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_device_that_nobody_expects_is_a_question_and_the_answer_decides(bool accept)
    {
        PairingQuestion? question = null;
        _service.Asked += q => question = q;
        var pairing = _bluez.AskAsync("RequestConfirmation", "ou", static (ref MessageWriter w) =>
        {
            w.WriteObjectPath(FakeBlueZ.DevicePath);
            w.WriteUInt32(4_711);
        });
        await UntilAsync("it is asked", _ => question is not null);
        Assert.Equal((FakeBlueZ.Adapter, FakeBlueZ.Device, 4_711), (question!.Adapter, question.Device, question.Passkey));
        Assert.Equal("00:AA:01:01:00:01 wants to pair and shows 004711. Allow it?", question.Text);

        Assert.True(_service.Answer(question.Id, accept));

        if (accept) await pairing;
        else Assert.Equal("org.bluez.Error.Rejected", (await Assert.ThrowsAsync<DBusErrorReplyException>(() => pairing)).ErrorName);
        Assert.False(_service.Answer(question.Id, true));
    }

    [Fact]
    public async Task In_pairing_mode_nobody_is_asked_and_the_wrong_class_is_told_with_the_line_to_change()
    {
        _bluez.On("Set", context =>
        {
            var reader = context.Request.GetBodyReader();
            reader.ReadString();
            if (reader.ReadString() == "Discoverable") _bluez.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable", reader.ReadVariantValue());
        });

        await _service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        await _bluez.AskAsync("RequestAuthorization", "o", static (ref MessageWriter w) => w.WriteObjectPath(FakeBlueZ.DevicePath));
        Assert.Contains("RequestDefaultAgent", _bluez.Calls);
        Assert.Contains("Class = 0x000414", _service.Current.Adapters[0].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_bluetoothd_goes_it_is_said_and_when_it_returns_everything_is_read_and_registered_anew()
    {
        await _bluez.DisposeAsync();
        await UntilAsync("it is said", s => s.Problem is not null);
        Assert.StartsWith("The Bluetooth service (bluetoothd) is not running. Start it: systemctl start bluetooth", _service.Current.Problem, StringComparison.Ordinal);
        Assert.Empty(_service.Current.Devices);
        var error = await Assert.ThrowsAsync<PortException>(() => _service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, CancellationToken.None));
        Assert.Equal(PortError.PartMissing, error.Error);

        _bluez = await FakeBlueZ.StartAsync(_bus.Address);

        await UntilAsync("the speaker is back", s => s.Devices is [{ Name: "Kitchen" }] && s.Problem is null);
        await UntilAsync("the endpoints are back", _ => _bluez.Endpoints.Count == 4);
    }

    [Fact]
    public async Task When_bluetoothd_dies_in_the_middle_of_a_connect_the_connect_fails_at_once()
    {
        var asked = new TaskCompletionSource();
        _bluez.On("ConnectProfile", context =>
        {
            context.DisposesAsynchronously = true; // never answered
            asked.TrySetResult();
        });
        var connect = _service.ConnectAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, RadioRole.Sink, CancellationToken.None);
        await asked.Task.WaitAsync(Patience.Hang);

        await _bluez.DisposeAsync();

        var error = await Assert.ThrowsAsync<PortException>(() => connect.WaitAsync(Patience.Hang));
        Assert.Equal(
            (PortError.PartMissing, "Connecting to Kitchen did not work: the Bluetooth service (bluetoothd) went away meanwhile."), (error.Error, error.Message));
    }

    [Fact]
    public async Task When_the_bus_itself_dies_it_is_said_and_found_again()
    {
        _bus.Kill();
        await UntilAsync("it is said", s => s.Problem is not null);

        _bus.Restart();
        _bluez = await FakeBlueZ.StartAsync(_bus.Address);

        await UntilAsync("the speaker is back", s => s.Devices is [{ Name: "Kitchen" }], 40);
    }

    private Task<A2dpOutput> OpenOutputAsync(ushort? volume, ushort? delay, out Task<System.Net.Sockets.Socket> speaker)
    {
        var socket = new TaskCompletionSource<System.Net.Sockets.Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _bluez.On("Acquire", context => socket.TrySetResult(FakeBlueZ.ReplyWithSocket(context)));
        speaker = socket.Task;
        return OpenAsync();

        async Task<A2dpOutput> OpenAsync()
        {
            await _bluez.ConfigureAsync(Source1, s_configuration, volume, delay);
            await UntilAsync("it is connected", s => s.Devices is [{ Link: RadioLink.Connected }]);
            var port = new BluetoothAudioPort(_service, NullLogger<BluetoothAudioPort>.Instance);
            return (A2dpOutput)port.OpenOutput(FakeBlueZ.Adapter, FakeBlueZ.Device);
        }
    }

    private async Task UntilAsync(string what, Func<BluetoothSnapshot, bool> reached, double seconds = 15)
    {
        var patience = new Patience(seconds);
        while (!reached(_service.Current))
        {
            Assert.False(patience.IsOver(), $"In vain, {seconds} s were expected: {what}. Now: {_service.Current.Problem} {string.Join("; ", _service.Current.Devices)}");
            await Task.Delay(10);
        }
    }
}
