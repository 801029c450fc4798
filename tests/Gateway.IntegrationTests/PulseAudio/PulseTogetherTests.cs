using Gateway.Benchmarks.Sync;
using Gateway.Files;
using Gateway.Native.Pulse;
using Gateway.Playback.Audio;
using Gateway.PulseAudio;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.PulseAudio;

/// <summary>
/// What four pipe sinks of a real PulseAudio received, judged by when devices with unlike clocks played it: together, also after one was silent, and after one
/// sink went. Limits are wide, for other work may run beside it (<c>./bench sync</c> has the figures).
/// </summary>
[Collection(RealTime.Name)]
public sealed class PulseTogetherTests
{
    private const double Seconds = 16;
    private const double SilentAt = 7;
    private const double GoneAt = 10;
    private const double LimitMs = 2;
    private static readonly (double Ppm, int Frames)[] s_speakers = [(0, 8192), (100, 16_384), (-100, 4096), (50, 8192)];

    [Fact]
    public Task Four_sinks_play_together_whatever_becomes_of_one() => RealTime.RunAsync("Four pipe sinks", PlayTogetherAsync);

    private static async Task PlayTogetherAsync()
    {
        var folder = Directory.CreateTempSubdirectory("tutti-pulse-speakers-");
        var start = SyncRun.Now + 100e6;
        var paths = s_speakers.Select((_, i) => Path.Combine(folder.FullName, $"speaker{i}")).ToList();
        var speakers = s_speakers.Select((s, i) => new VirtualSpeaker(Fifo.Create(paths[i], s.Frames), s.Ppm, Seconds, start + (i * 1.3e6))).ToList();
        try
        {
            await using var server = await PulseServer.StartAsync([.. paths.Select((p, i) => $"module-pipe-sink file={p} sink_name=s{i} format=s16le rate=48000 channels=2")]);
            await PlayAsync(server, speakers);

            var together = new OffsetTrack(new PairCorrelator(48_000), speakers, start + 4e9, start + ((SilentAt - 0.1) * 1e9), 0.5);
            Assert.All(together.Magnitudes(0, double.MaxValue), offset => Assert.InRange(offset, 0, LimitMs));
            var end = start + (Seconds * 1e9);
            var after = new OffsetTrack(new PairCorrelator(48_000), speakers, end - 4e9, end - 0.6e9, 0.5);
            Assert.All(after.Magnitudes(0, double.MaxValue), offset => Assert.InRange(offset, 0, LimitMs));
        }
        finally
        {
            speakers.ForEach(s => s.Dispose());
            folder.Delete(recursive: true);
        }
    }

    private static async Task PlayAsync(PulseServer server, List<VirtualSpeaker> speakers)
    {
        using var session = PulseSession.Open(server.Address, TimeSpan.FromSeconds(5), () => { });
        var outputs = session.ReadSinks().Where(s => s.Name[0] == 's').OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new PulseOutput(session.Play(s.Name, "Test", PulseOutput.RateOf(s)), s)).ToList();
        using var player = new GroupPlayer("test", TimeProvider.System, NullLogger.Instance);
        using var source = new TestSignalInput(TimeProvider.System);
        speakers.ForEach(s => s.Start());
        player.Start();
        player.SetSource(source);
        foreach (var output in outputs) player.AddLane(new SpeakerOutput(output), 0, muted: false);
        await Eventually.TrueAsync("the first speaker runs", () => speakers[0].Seconds >= SilentAt, Seconds);
        speakers[0].PlaySilence(2400);
        await Eventually.TrueAsync("the first speaker runs on", () => speakers[0].Seconds >= GoneAt, Seconds);
        var gone = (await server.AskAsync("list", "short", "modules")).Split('\n').Single(l => l.Contains("sink_name=s3", StringComparison.Ordinal)).Split('\t')[0];
        await server.ControlAsync("unload-module", gone);
        await Eventually.TrueAsync("the one output ends", () => !outputs[3].IsOpen);
        await Eventually.TrueAsync("all speakers have ended", () => speakers.All(s => s.HasEnded), 2 * Seconds);
        Assert.All(outputs.Take(3), o => Assert.True(o.IsOpen, o.Problem));
        player.Dispose();
        outputs.ForEach(o => o.Dispose());
    }
}
