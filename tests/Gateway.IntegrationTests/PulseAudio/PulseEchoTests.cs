using Gateway.House;
using Gateway.IntegrationTests.Bluetooth;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The gateway but for MQTT where a real PulseAudio has Bluetooth's sound: an Echo's source in it feeds two speakers' sinks in it, by way of us alone.</summary>
[Collection(RealTime.Name)]
public sealed class PulseEchoTests
{
    private static readonly string s_yaml = $$"""
        bluetooth: {audio: pulse}
        echoes: [{id: dot, name: Dot, address: "{{FakeEcho.Address}}"}]
        speakers: [{id: kitchen, name: Kitchen, address: "{{PulseHouse.AddressOf(1)}}"}, {id: bath, name: Bath, address: "{{PulseHouse.AddressOf(2)}}"}]
        groups: [{id: party, name: Party, members: [kitchen, bath], source: "echo:dot"}]
        """;

    [Fact]
    public Task An_Echo_feeds_two_speakers_through_the_server_and_again_when_its_source_has_come_back() => RealTime.RunAsync("An Echo through the server", PlayAsync);

    private static async Task PlayAsync()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", PulseHouse.Line(PulseHouse.Speaker(1)), PulseHouse.Line(PulseHouse.Speaker(2)));
        await server.ControlAsync("set-default-sink", "desk");
        await using var house = await StartAsync(server);
        var echo = new FakeEcho(house.BlueZ, soundServer: true);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player(server.PipePath, FakeEcho.Address)));
        using (new TonePipe(server.PipePath))
        {
            var done = await house.AskAsync("group/party/active", "ON");

            Assert.True(done.Result == CommandResult.Done, $"{done.Result}: {done.Reason}");
            Assert.Equal([Engine.Ports.RadioRole.Source], echo.Standing); // it offers both on its link, and keeps one
            await TonePipe.HearAsync(server, PulseHouse.SinkOf(1));
            await TonePipe.HearAsync(server, PulseHouse.SinkOf(2));
            Assert.Equal("desk", (await server.AskAsync("get-default-sink")).Trim());
        }

        await server.ControlAsync("unload-module", "module-pipe-source");
        await house.UntilAsync("its absence is told", _ => Party(house).Problem?.Text.Contains("sound server", StringComparison.Ordinal) == true);
        await server.ControlAsync(PulseHouse.ForControl(PulseHouse.Player(server.PipePath, FakeEcho.Address)));
        using (new TonePipe(server.PipePath))
        {
            await house.UntilAsync("it plays again", _ => Party(house) is { Phase: GroupPhase.Playing, Problem: null });
            await TonePipe.HearAsync(server, PulseHouse.SinkOf(1));
            await TonePipe.HearAsync(server, PulseHouse.SinkOf(2));
        }
    }

    // The server has taken the endpoints of both roles, as its adapter shows; the speakers are linked.
    private static Task<BlueZHouse> StartAsync(PulseServer server) => BlueZHouse.StartAsync(
        prepare: b =>
        {
            b.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["UUIDs"] = VariantValue.Array(new[] { FakeBlueZ.Source, FakeBlueZ.Sink }) });
            b.Put(FakeEcho.Path, "org.bluez.Device1", FakeEcho.Shown());
            foreach (var number in (int[])[1, 2])
            {
                var path = $"{FakeBlueZ.AdapterPath}/dev_{PulseHouse.AddressOf(number).Replace(':', '_')}";
                b.Put(path, "org.bluez.Device1", new(FakeBlueZ.Speaker(address: PulseHouse.AddressOf(number), alias: $"Speaker {number}")) { ["Connected"] = VariantValue.Bool(true) });
                b.Put($"{path}/fd0", "org.bluez.MediaTransport1", new()
                {
                    ["Device"] = VariantValue.ObjectPath(path), ["UUID"] = VariantValue.String(FakeBlueZ.Source), ["Codec"] = VariantValue.Byte(0), ["State"] = VariantValue.String("idle"),
                });
            }
        },
        yaml: s_yaml, pulse: server.Address);

    private static GroupDocument Party(BlueZHouse house) => house.Hub.Current!.Groups.Single();
}
