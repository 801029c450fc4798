using System.Collections.Concurrent;
using Gateway.House;
using Gateway.IntegrationTests.Bluetooth;
using Gateway.PulseAudio;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The gateway but for MQTT where a real PulseAudio has Bluetooth's sound, as on Home Assistant OS: the server makes a speaker's sink when BlueZ has linked it.</summary>
[Collection(RealTime.Name)]
public sealed class PulseHouseTests
{
    private const string SinkName = "bluez_sink.00_AA_01_01_00_01.a2dp_sink";
    private static readonly string s_yaml = $$"""
        bluetooth: {audio: pulse}
        speakers: [{id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}"}]
        groups: [{id: party, name: Party, members: [kitchen], source: "pipe:test-signal"}]
        """;

    [Fact]
    public async Task A_group_plays_on_a_speaker_through_the_server_and_again_when_its_sink_has_come_back()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await server.ControlAsync("set-default-sink", "desk"); // else the server takes what has come last
        await using var house = await StartAsync(server);
        house.BlueZ.On("ConnectProfile", call =>
        {
            Link(house);
            _ = Task.Run(() => server.ControlAsync(Sink())); // some time after the link, as servers do
        });

        var done = await house.AskAsync("group/party/active", "ON");

        Assert.True(done.Result == CommandResult.Done, $"{done.Result}: {done.Reason}");
        Assert.Equal(GroupPhase.Playing, Party(house).Phase);
        await HearAsync(server);
        Assert.Equal("desk", (await server.AskAsync("get-default-sink")).Trim());

        await server.ControlAsync("unload-module", "module-null-sink");
        await house.UntilAsync("its absence is told", _ => Party(house).Problem is not null);
        await server.ControlAsync("load-module", "module-null-sink", "sink_name=desk", "rate=48000");
        await server.ControlAsync(Sink());
        await house.UntilAsync("it plays again", _ => Party(house) is { Phase: GroupPhase.Playing, Problem: null });
        await HearAsync(server);
    }

    [Fact]
    public async Task A_linked_speaker_that_the_server_uses_as_a_headset_is_told_with_the_remedy()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await using var house = await StartAsync(server);
        house.BlueZ.On("ConnectProfile", call => Link(house));
        await server.ControlAsync(Sink("handsfree_head_unit"));

        var failed = await house.AskAsync("group/party/active", "ON");
        var test = await house.AskAsync("speaker/kitchen/test", "PRESS");

        Assert.Equal((CommandResult.Failed, CommandResult.Refused), (failed.Result, test.Result));
        const string Why = "Kitchen is used as a telephone headset by the sound server: choose its profile for music there (A2DP, High Fidelity Playback).";
        Assert.EndsWith(Why, failed.Reason, StringComparison.Ordinal);
        Assert.Equal(Why, test.Reason);
    }

    [Fact]
    public async Task A_server_that_is_killed_while_a_group_plays_is_told_and_the_group_plays_on_when_it_is_back()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await using var house = await StartAsync(server);
        house.BlueZ.On("ConnectProfile", call =>
        {
            Link(house);
            _ = Task.Run(() => server.ControlAsync(Sink()));
        });
        Assert.Equal(CommandResult.Done, (await house.AskAsync("group/party/active", "ON")).Result);
        var told = new ConcurrentQueue<string>();
        house.Hub.Changed += seen => told.Enqueue($"{seen.Groups.Single().Problem?.Text} {seen.Groups.Single().Problem?.Remedy}");

        server.Kill();
        await house.UntilAsync("its end is told", _ => Party(house).Problem is not null);
        server.ClearSocket();
        await server.BeginAsync("module-null-sink sink_name=desk rate=48000");
        await server.ControlAsync(Sink());

        await house.UntilAsync("it plays again", _ => Party(house) is { Phase: GroupPhase.Playing, Problem: null });
        await HearAsync(server);
        Assert.DoesNotContain(told, t => t.Contains("Switch the speaker", StringComparison.Ordinal)); // it is not their fault
    }

    [Fact]
    public Task A_speaker_without_a_volume_over_Bluetooth_is_turned_down_by_us_until_one_comes_up() => RealTime.RunAsync("A volume that comes up late", async () =>
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await using var house = await StartAsync(server);
        house.BlueZ.On("ConnectProfile", call => Link(house));
        await server.ControlAsync(Sink());
        Assert.Equal(CommandResult.Done, (await house.AskAsync("group/party/active", "ON")).Result);
        var loud = await PeakAsync(server);

        var volume = await house.AskAsync("speaker/kitchen/volume", "50");
        await Eventually.TrueAsync("it is an eighth as loud", () => PeakAsync(server).GetAwaiter().GetResult() / loud is > 0.1f and < 0.15f, 30);
        house.BlueZ.Change(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Volume", VariantValue.UInt16(127));
        await Eventually.TrueAsync("its own volume is set", () => house.BlueZ.Value(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", "Volume")!.Value.GetUInt16() == 64, 30);
        await Eventually.TrueAsync("our gain is none any more", () => PeakAsync(server).GetAwaiter().GetResult() / loud > 0.9f, 30);

        Assert.Equal((CommandResult.Done, null), (volume.Result, volume.Reason));
        Assert.Equal(50, house.Speaker.Volume);
    });

    // The server has taken the endpoints, as its adapter shows.
    private static Task<BlueZHouse> StartAsync(PulseServer server) => BlueZHouse.StartAsync(
        prepare: b => b.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["UUIDs"] = VariantValue.Array(new[] { FakeBlueZ.Source }) }),
        yaml: s_yaml, pulse: server.Address);

    private static void Link(BlueZHouse house) => house.BlueZ.Add(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1", new()
    {
        ["Device"] = VariantValue.ObjectPath(FakeBlueZ.DevicePath), ["UUID"] = VariantValue.String(FakeBlueZ.Source), ["Codec"] = VariantValue.Byte(0), ["State"] = VariantValue.String("idle"),
    });

    private static string[] Sink(string profile = "a2dp_sink") =>
    [
        "load-module", "module-null-sink", $"sink_name={SinkName}", "rate=48000",
        $"sink_properties=\"device.bus=bluetooth device.string={FakeBlueZ.Device} bluetooth.codec=sbc bluetooth.protocol={profile}\"",
    ];

    private static GroupDocument Party(BlueZHouse house) => house.Hub.Current!.Groups.Single();

    private static async Task<float> PeakAsync(PulseServer server)
    {
        using var monitor = PulseMicrophone.Open($"{SinkName}.monitor", server.Address);
        var heard = new float[2 * 24_000];
        var frames = 0;
        await Eventually.TrueAsync("half a second of sound", () => (frames += monitor.Read(heard.AsSpan(2 * frames))) == 24_000 && (heard.Take(9_600).Any(x => MathF.Abs(x) > 1e-3f) || (frames = 0) > 0), 30);
        return heard.Max(MathF.Abs);
    }

    private static async Task HearAsync(PulseServer server)
    {
        using var monitor = PulseMicrophone.Open($"{SinkName}.monitor", server.Address);
        var block = new float[2 * 4_800];
        await Eventually.TrueAsync("sound in the sink", () => monitor.Read(block) > 0 && block.Any(x => MathF.Abs(x) > 0.01f), 30);
    }
}
