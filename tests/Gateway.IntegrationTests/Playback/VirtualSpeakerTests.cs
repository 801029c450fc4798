using Gateway.Benchmarks.Sync;
using Gateway.Files;
using Gateway.Playback.Audio;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Playback;

/// <summary>
/// A short form of <c>./bench sync</c>: real time, pipes, speakers of unlike clocks and buffers, judged by what they played. Limits are wide,
/// for other work may run beside it; without a working drift loop clocks of +100 and -100 ppm are 2.4 ms apart at the end, a silent speaker 50 ms.
/// </summary>
[Collection(RealTime.Name)]
public sealed class VirtualSpeakerTests
{
    private const double Seconds = 14;
    private const double SilentAt = 6;
    private const double LimitMs = 1;
    private static readonly (double Ppm, int Frames)[] s_speakers = [(0, 8192), (100, 16_384), (-100, 4096)];

    [Fact]
    public Task Unlike_speakers_play_together_and_one_that_was_silent_comes_back_into_time() => RealTime.RunAsync("Three virtual speakers", PlayTogetherAsync);

    private static async Task PlayTogetherAsync()
    {
        var folder = Directory.CreateTempSubdirectory("tutti-speakers-");
        var start = SyncRun.Now + 100e6;
        var paths = s_speakers.Select((_, i) => Path.Combine(folder.FullName, $"speaker{i}")).ToList();
        var speakers = s_speakers.Select((s, i) => new VirtualSpeaker(Fifo.Create(paths[i], s.Frames), s.Ppm, Seconds, start)).ToList();
        try
        {
            var heardFrom = await PlayAsync(speakers, paths);

            Assert.All(speakers, s => Assert.NotNull(s.FirstSound));
            Assert.NotNull(speakers[0].GapEnd);
            var end = start + (Seconds * 1e9);
            var before = new OffsetTrack(new PairCorrelator(48_000), speakers, heardFrom + 2e9, start + ((SilentAt - 0.1) * 1e9), 0.5);
            var after = new OffsetTrack(new PairCorrelator(48_000), speakers, end - 4e9, end - 0.5e9, 0.5);
            Assert.All(before.Magnitudes(0, end), offset => Assert.InRange(offset, 0, LimitMs));
            Assert.All(after.Magnitudes(0, end), offset => Assert.InRange(offset, 0, LimitMs));
        }
        finally
        {
            speakers.ForEach(s => s.Dispose());
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Returns when all sounded.</summary>
    private static async Task<double> PlayAsync(List<VirtualSpeaker> speakers, List<string> paths)
    {
        using var player = new GroupPlayer("test", TimeProvider.System, NullLogger.Instance);
        using var source = new TestSignalInput(TimeProvider.System);
        var outputs = paths.Select((path, i) => new FifoOutput(Fifo.Open(path), s_speakers[i].Frames)).ToList();
        speakers.ForEach(s => s.Start());
        player.Start();
        player.SetSource(source);
        foreach (var output in outputs) player.AddLane(new SpeakerOutput(output), 0, muted: false);
        await Eventually.TrueAsync("the speaker runs", () => speakers[0].Seconds >= SilentAt, Seconds);
        speakers[0].PlaySilence(2400);
        await Eventually.TrueAsync("all speakers have ended", () => speakers.All(s => s.HasEnded), 2 * Seconds);
        player.Dispose();
        outputs.ForEach(o => o.Dispose());
        return speakers.Max(s => s.FirstSound ?? double.NaN);
    }
}
