using System.Net.Sockets;
using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Bluetooth.Streams;
using Gateway.Engine.Ports;
using Gateway.IntegrationTests.Mqtt;
using Gateway.Native.Sbc;
using Gateway.Timing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Volume in both directions, and devices that play to us.</summary>
public sealed class BlueZSoundTests
{
    private const string Transport = "org.bluez.MediaTransport1";

    [Fact]
    public async Task A_speaker_whose_own_volume_comes_up_late_takes_over_what_we_had_set_and_our_gain_ends()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.ConnectsWell(volume: null);
        await house.ConnectAsync();
        await house.Service.SetVolumeAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, 40, CancellationToken.None);
        await house.UntilAsync("our own gain is shown", s => s.Devices is [{ VolumePercent: 40 }]);
        var facts = house.Service.Shared.Facts.Of(FakeBlueZ.Adapter, FakeBlueZ.Device);
        Assert.Equal(40, facts.SoftwareVolume);

        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "Volume", VariantValue.UInt16(127));

        await Eventually.TrueAsync("the speaker to be set", () => house.BlueZ.Value(FakeBlueZ.TransportPath, Transport, "Volume")?.GetUInt16() == 51);
        await house.UntilAsync("it is shown", s => s.Devices is [{ VolumePercent: 40 }]);
        Assert.Equal(-1, facts.SoftwareVolume);
    }

    [Fact]
    public async Task The_speakers_knob_is_shown_and_sets_nothing()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.ConnectsWell(volume: 64);
        await house.ConnectAsync();
        var sets = house.BlueZ.Calls.Count(c => c == "Set");

        foreach (ushort turned in new ushort[] { 70, 80, 100, 127, 0 })
        {
            house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "Volume", VariantValue.UInt16(turned));
            await house.UntilAsync($"{turned} is shown", s => s.Devices is [{ VolumePercent: var p }] && p == VolumeScale.ToPercent(turned));
        }

        Assert.Equal(sets, house.BlueZ.Calls.Count(c => c == "Set"));
    }

    [Fact]
    public async Task A_volume_that_BlueZ_refuses_is_not_shown()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.ConnectsWell(volume: 127);
        await house.ConnectAsync();
        house.BlueZ.Fail("Set", "org.bluez.Error.NotSupported", "");

        var error = await Assert.ThrowsAsync<PortException>(() => house.Service.SetVolumeAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, 40, CancellationToken.None));

        Assert.StartsWith("Setting the volume of Kitchen did not work: ", error.Message, StringComparison.Ordinal);
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String("Bath"));
        await house.UntilAsync("something later is shown", s => s.Devices is [{ Name: "Bath" }]);
        Assert.Equal(100, house.Device.VolumePercent);
    }

    [Fact]
    public async Task What_a_phone_plays_arrives_and_its_volume_knob_turns_it_down()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: APhone);
        var socket = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        house.BlueZ.On("TryAcquire", context => socket.TrySetResult(FakeBlueZ.ReplyWithSocket(context)));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "pending");
        await house.UntilAsync("it plays to us", s => s.Devices is [{ Link: RadioLink.Connected, IsSource: true }]);
        using var input = house.Port().OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);
        using var phone = await socket.Task.WaitAsync(Patience.Hang);

        var loud = await PlayAsync(phone, input, 0);
        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "Volume", VariantValue.UInt16(64));
        await house.UntilAsync("its volume is shown", s => s.Devices is [{ VolumePercent: 50 }]);
        var quiet = await PlayAsync(phone, input, 200);

        Assert.InRange(loud, 0.45, 0.55);
        Assert.InRange(quiet / loud, 0.126, 0.130); // (64/127)³
    }

    [Fact]
    public async Task Who_listens_to_a_device_comes_and_goes_and_its_stream_is_taken_once_and_never_given_back()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: APhone);
        var socket = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        house.BlueZ.On("TryAcquire", context => socket.TrySetResult(FakeBlueZ.ReplyWithSocket(context)));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "pending");
        await house.UntilAsync("it plays to us", s => s.Devices is [{ Link: RadioLink.Connected, IsSource: true }]);
        var port = house.Port();
        var test = port.OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);
        using var phone = await socket.Task.WaitAsync(Patience.Hang);
        var heard = await PlayAsync(phone, test, 0);
        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "State", VariantValue.String("active"));

        test.Dispose();
        using var group = port.OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);
        var again = await PlayAsync(phone, group, 200);

        Assert.InRange(heard, 0.45, 0.55);
        Assert.InRange(again, 0.45, 0.55);
        Assert.Equal(["TryAcquire"], house.BlueZ.Calls.Where(c => c is "Acquire" or "TryAcquire" or "Release"));
    }

    [Fact]
    public async Task A_device_that_pauses_keeps_its_socket_open_and_is_left_alone_until_it_plays_again()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: APhone);
        var sockets = new List<Socket>();
        house.BlueZ.On("TryAcquire", context => sockets.Add(FakeBlueZ.ReplyWithSocket(context)));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "pending");
        await house.UntilAsync("it plays to us", s => s.Devices is [{ Link: RadioLink.Connected, IsSource: true }]);
        using var input = (A2dpInput)house.Port().OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);
        await Eventually.TrueAsync("the stream to be taken", () => sockets.Count == 1);
        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "State", VariantValue.String("active"));
        await PlayAsync(sockets[0], input, 0);

        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "State", VariantValue.String("idle"));
        await Task.Delay(TimeSpan.FromTicks(SilenceWatch.Patience.Ticks * 3 / 2)); // longer than a stall would be left alone
        house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "State", VariantValue.String("pending"));

        await Eventually.TrueAsync("the stream to be taken again", () => sockets.Count == 2);
        Assert.Equal(["TryAcquire", "TryAcquire"], house.BlueZ.Calls.Where(c => c is "Acquire" or "TryAcquire" or "Release"));
        Assert.Equal(0, input.Stalls);
        foreach (var socket in sockets) socket.Dispose();
    }

    [Fact]
    public async Task A_stream_that_is_up_and_silent_is_taken_anew_then_the_link_is_made_anew_once_and_then_it_is_believed()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: APhone);
        var sockets = new List<Socket>();
        house.BlueZ.On("Acquire", context => sockets.Add(FakeBlueZ.ReplyWithSocket(context)));
        house.BlueZ.On("ConnectProfile", call => _ = Reconnected());
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "active");
        await house.UntilAsync("it plays to us", s => s.Devices is [{ Link: RadioLink.Connected }]);
        using var first = (A2dpInput)house.Port().OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);

        await Eventually.TrueAsync("the stream to be taken anew", () => house.BlueZ.Calls.Contains("Release") && sockets.Count == 2, 20);
        Assert.DoesNotContain("ConnectProfile", house.BlueZ.Calls);
        await Eventually.TrueAsync("the link to be made anew", () => house.BlueZ.Calls.Contains("ConnectProfile") && !first.IsOpen, 20);
        await house.UntilAsync("the new stream is there", s => s.Devices is [{ Link: RadioLink.Connected }]);
        using var second = (A2dpInput)house.Port().OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);
        await Eventually.TrueAsync("the new stream to be taken", () => sockets.Count == 3);

        // Its silence is believed now, over the new stream too: nothing watches it any more.
        Assert.Null(house.Service.Shared.Facts.Of(FakeBlueZ.Adapter, FakeBlueZ.Device).Silence.PatienceAt(TimeProvider.System.Now()));
        Assert.Equal((1, 1), (second.Stalls, house.BlueZ.Calls.Count(c => c == "ConnectProfile")));
        Assert.Contains("sends nothing", second.Problem, StringComparison.Ordinal);

        await PlayAsync(sockets[2], second, 0);

        Assert.Null(second.Problem);
        foreach (var socket in sockets) socket.Dispose();

        async Task Reconnected()
        {
            await house.BlueZ.ClearAsync(BlueZHarness.Sink1);
            await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "active");
        }
    }

    [Fact]
    public async Task A_silent_stream_that_was_suspended_and_does_not_start_anew_is_not_left_there_its_link_is_made_anew()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: APhone);
        var sockets = new List<Socket>();
        house.BlueZ.On("Acquire", context =>
        {
            if (sockets.Count == 0) sockets.Add(FakeBlueZ.ReplyWithSocket(context));
            else context.ReplyError("org.bluez.Error.Failed", "Input/output error");
        });
        house.BlueZ.On("Release", _ => house.BlueZ.Change(FakeBlueZ.TransportPath, Transport, "State", VariantValue.String("idle")));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration, state: "active");
        await house.UntilAsync("it plays to us", s => s.Devices is [{ Link: RadioLink.Connected }]);
        using var input = (A2dpInput)house.Port().OpenReceiver(FakeBlueZ.Adapter, FakeBlueZ.Device);

        // Somebody else in the house is heard of all the time, as while a search is on.
        using var busy = new Timer(_ => house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String($"Anna {Environment.TickCount64}")), null, 0, 300);
        await Eventually.TrueAsync("the link to be made anew", () => house.BlueZ.Calls.Contains("ConnectProfile"), 20);

        Assert.Equal(["Acquire", "Release", "Acquire"], house.BlueZ.Calls.Where(c => c is "Acquire" or "TryAcquire" or "Release").Take(3));
        Assert.Contains("sends nothing", input.Problem, StringComparison.Ordinal);
        sockets[0].Dispose();
    }

    [Theory]
    [InlineData(BlueZHarness.Source1)]
    [InlineData(BlueZHarness.Sink1)]
    public async Task A_configuration_beyond_what_we_offered_is_refused_on_the_bus_and_told_with_the_devices_name(string endpoint)
    {
        var log = new CapturedLog();
        await using var house = await BlueZHarness.StartAsync(log: log);

        var refused = await Assert.ThrowsAsync<DBusErrorReplyException>(() => house.BlueZ.ConfigureAsync(endpoint, [0x18, 0x15, 2, 250]));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration);

        Assert.Equal("org.bluez.Error.InvalidArguments", refused.ErrorName);
        Assert.Contains(log.Lines, l => l.Text.Contains("Kitchen set a configuration for its stream that was not offered (181502FA), and was refused: its bitpool is 2 to 250, and 2 to 53 was offered.", StringComparison.Ordinal));
        await house.UntilAsync("the next configuration is taken", s => s.Devices is [{ Link: RadioLink.Connected }]);
    }

    [Theory]
    [InlineData(0x81, 0x15)] // 16 kHz joint stereo
    [InlineData(0x88, 0x89)] // 16 kHz mono in the smallest frames
    [InlineData(0x42, 0x25)] // 32 kHz stereo
    public async Task A_group_sounds_over_every_rate_that_we_offer(int first, int second)
    {
        await using var house = await BlueZHouse.StartAsync();
        var heard = new TaskCompletionSource<HeardStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, [(byte)first, (byte)second, 2, 53]));
        house.BlueZ.On("Acquire", context => heard.TrySetResult(new HeardStream(FakeBlueZ.ReplyWithSocket(context))));
        await house.AskAsync("group/party/source", "pipe:test-signal");

        var end = await house.AskAsync("group/party/active", "ON");
        var stream = await heard.Task.WaitAsync(Patience.Hang);
        await Eventually.TrueAsync("the sound", () => stream.Loudest > 0.05f);

        Assert.Equal((Gateway.House.CommandResult.Done, null), (end.Result, end.Reason));
        Assert.Equal(("playing", null), house.Hub.Current!.Groups.Select(g => (g.Phase, g.Problem)).Single());
    }

    private static void APhone(FakeBlueZ bluez) => bluez.Put(
        FakeBlueZ.DevicePath, "org.bluez.Device1", new(FakeBlueZ.Speaker()) { ["UUIDs"] = VariantValue.Array(new[] { FakeBlueZ.Source }), ["Class"] = VariantValue.UInt32(0x5A020C) });

    /// <summary>Plays a second of a half-scale sine of 1.5 kHz, and returns the loudest sample read.</summary>
    private static async Task<double> PlayAsync(Socket phone, IAudioInput input, int firstPacket)
    {
        using var encoder = new SbcEncoder(BlueZHarness.Configuration);
        var pcm = new short[256];
        for (var i = 0; i < 128; i++) pcm[2 * i] = pcm[(2 * i) + 1] = (short)(16_384 * Math.Sin(2 * Math.PI * i / 32));
        var packet = new byte[600];
        var block = new float[2 * 480];
        var loudest = 0.0;
        for (var index = firstPacket; index < firstPacket + 200; index++)
        {
            Array.Clear(packet);
            RtpHeader.Prepare(packet, 2);
            RtpHeader.Stamp(packet, (ushort)index, (uint)(index * 256));
            var length = RtpHeader.SbcOffset;
            for (var frame = 0; frame < 2; frame++) length += encoder.Encode(pcm, packet.AsSpan(length));
            phone.Send(packet.AsSpan(0, length));
            await Task.Delay(5);
            var frames = input.Read(block);
            // The end of the stretch: all of it is from after the volume changed.
            if (index > firstPacket + 100) loudest = Math.Max(loudest, block.AsSpan(0, 2 * frames).ToArray().Select(Math.Abs).DefaultIfEmpty(0).Max());
        }

        return loudest;
    }
}
