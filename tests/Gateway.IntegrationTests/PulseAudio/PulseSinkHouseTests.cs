using Gateway.House;
using Gateway.IntegrationTests.Bluetooth;
using Gateway.PulseAudio;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>The gateway but for MQTT with a speaker that is a sink of a real PulseAudio, while Bluetooth's sound is the gateway's own.</summary>
[Collection(RealTime.Name)]
public sealed class PulseSinkHouseTests
{
    private const string Yaml = """
        bluetooth: {audio: own}
        speakers: [{id: amp, name: Amp, sink: desk}, {id: hall, name: Hall, sink: hdmi}]
        groups: [{id: party, name: Party, members: [amp], source: "pipe:test-signal"}, {id: both, name: Both, members: [amp, hall], source: "pipe:test-signal"}]
        """;

    [Fact]
    public Task A_group_plays_on_it_at_its_volume_and_again_when_it_has_come_back() => RealTime.RunAsync("A group on a sink", async () =>
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await using var house = await BlueZHouse.StartAsync(yaml: Yaml, pulse: server.Address);

        var done = await house.AskAsync("group/party/active", "ON");
        var loud = await PeakAsync(server);
        var volume = await house.AskAsync("speaker/amp/volume", "50");
        await house.UntilAsync("its volume is shown", s => Amp(s).Volume == 50);
        await Eventually.TrueAsync("it is an eighth as loud", () => PeakAsync(server).GetAwaiter().GetResult() / loud is > 0.1f and < 0.15f, 30);

        Assert.True(done.Result == CommandResult.Done, $"{done.Result}: {done.Reason}");
        Assert.Equal(CommandResult.Done, volume.Result);
        Assert.Equal((SpeakerLink.Connected, true, "desk", null), (Amp(house).Link, Amp(house).Available, Amp(house).Sink, Amp(house).Paired));
        Assert.Contains("100%", await server.AskAsync("get-sink-volume", "desk"), StringComparison.Ordinal);

        await server.ControlAsync("unload-module", "module-null-sink");
        await house.UntilAsync("its absence is told", s => !Amp(s).Available && s.Groups[0].Problem?.Remedy?.StartsWith("The sound server has no output desk now.", StringComparison.Ordinal) == true);
        await server.ControlAsync("load-module", "module-null-sink", "sink_name=desk", "rate=48000");
        await house.UntilAsync("it plays again", s => s.Groups[0] is { Phase: GroupPhase.Playing, Problem: null });
        Assert.InRange(await PeakAsync(server), 0.1f * loud, 0.15f * loud);
    });

    [Fact]
    public async Task What_is_about_a_link_is_refused_a_member_that_is_not_there_is_missing_and_the_test_sound_plays()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000");
        await using var house = await BlueZHouse.StartAsync(yaml: Yaml, pulse: server.Address);
        await house.UntilAsync("it is there", s => Amp(s).Available);

        foreach (var (property, value) in (IEnumerable<(string, string)>)[("connected", "ON"), ("connected", "OFF"), ("pair", "PRESS"), ("forget", "PRESS")])
        {
            var refused = await house.AskAsync($"speaker/amp/{property}", value);
            Assert.Equal((CommandResult.Refused, "Amp is an output of the sound server: there is no link to make or end. It plays whenever its group does, as long as the output is there."), (refused.Result, refused.Reason));
        }

        var test = await house.AskAsync("speaker/amp/test", "PRESS");
        var missing = await house.AskAsync("speaker/hall/test", "PRESS");
        var both = await house.AskAsync("group/both/active", "ON");

        Assert.True(test is { Result: CommandResult.Done } && test.Reason!.StartsWith("A test sound went out to Amp over the sound server", StringComparison.Ordinal), $"{test.Result}: {test.Reason}");
        Assert.Equal(CommandResult.Refused, missing.Result);
        Assert.StartsWith("The sound server has no output hdmi now.", missing.Reason, StringComparison.Ordinal);
        Assert.Equal((CommandResult.Done, "Both plays without Hall."), (both.Result, both.Reason));
        Assert.Equal((GroupPhase.Degraded, "sink"), (house.Hub.Current!.Groups[1].Phase, house.Hub.Current!.Speakers[1].LastError?.Rule));
    }

    [Fact]
    public async Task An_idle_members_output_falls_asleep_in_the_server_unless_it_is_kept_awake()
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", "module-suspend-on-idle timeout=1");
        await using var house = await BlueZHouse.StartAsync(yaml: Yaml, pulse: server.Address);
        Assert.Equal(CommandResult.Done, (await house.AskAsync("group/party/active", "ON")).Result);
        await IsAsync(server, "RUNNING");

        await house.AskAsync("group/party/active", "OFF");
        await IsAsync(server, "SUSPENDED");
        await house.AskAsync("speaker/amp/keep_awake", "ON");
        await IsAsync(server, "RUNNING");
        await house.AskAsync("speaker/amp/keep_awake", "OFF");
        await IsAsync(server, "SUSPENDED");
        Assert.Equal(CommandResult.Done, (await house.AskAsync("group/party/active", "ON")).Result);
    }

    [Fact]
    public Task A_line_in_is_chosen_by_its_name_heard_on_the_output_and_again_when_it_has_come_back() => RealTime.RunAsync("A line-in through the gateway", async () =>
    {
        await using var server = await PulseServer.StartAsync("module-null-sink sink_name=desk rate=48000", LineIn("{pipe}"));
        await using var house = await BlueZHouse.StartAsync(yaml: Yaml, pulse: server.Address);
        await house.UntilAsync("it can be chosen", s => s.Groups[0].SourceOptions.Any(o => o.Text == "Line in: Socket"));
        using (new TonePipe(server.PipePath))
        {
            var chosen = await house.AskAsync("group/party/source", "Line in: Socket");
            var done = await house.AskAsync("group/party/active", "ON");

            Assert.Equal((CommandResult.Done, CommandResult.Done, null), (chosen.Result, done.Result, done.Reason));
            Assert.Equal("line-in:alsa_input.desk", house.Hub.Current!.Groups[0].Source);
            await TonePipe.HearAsync(server, "desk");
        }

        await server.ControlAsync("unload-module", "module-pipe-source");
        await house.UntilAsync("its absence is told", s => s.Groups[0].Problem?.Text.Contains("source alsa_input.desk", StringComparison.Ordinal) == true && s.Groups[0].SourceOptions.All(o => o.Text != "Line in: Socket"));
        await server.ControlAsync(["load-module", .. LineIn(server.PipePath).Split(' ')]);
        using (new TonePipe(server.PipePath))
        {
            await house.UntilAsync("it plays again", s => s.Groups[0] is { Phase: GroupPhase.Playing, Problem: null });
            await TonePipe.HearAsync(server, "desk");
        }
    });

    private static string LineIn(string pipe) => $"module-pipe-source source_name=alsa_input.desk file={pipe} format=float32le rate=48000 channels=2 source_properties=device.description=Socket";

    private static Task IsAsync(PulseServer server, string state) =>
        Eventually.TrueAsync($"the sink is {state}", () => server.AskAsync("list", "short", "sinks").GetAwaiter().GetResult().Contains(state, StringComparison.Ordinal), 20);

    private static SpeakerDocument Amp(HouseSnapshot house) => house.Speakers.Single(s => s.Id == "amp");

    private static SpeakerDocument Amp(BlueZHouse house) => Amp(house.Hub.Current!);

    /// <summary>Of half a second of what the sink gets.</summary>
    private static async Task<float> PeakAsync(PulseServer server)
    {
        using var monitor = PulseMicrophone.Open("desk.monitor", server.Address);
        var heard = new float[2 * 24_000];
        var frames = 0;
        await Eventually.TrueAsync(() => $"half a second of sound; {frames} frames came", () =>
        {
            frames += monitor.Read(heard.AsSpan(2 * frames));
            if (frames < 24_000) return false;
            if (heard.Take(9_600).Any(x => MathF.Abs(x) > 1e-3f)) return true;
            frames = 0;
            return false;
        }, 30);
        return heard.Max(MathF.Abs);
    }
}
