using Gateway.Benchmarks.Sync;

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
        using var speakers = new UnlikeSpeakers(s_speakers, Seconds);

        await speakers.PlayAsync([.. speakers.Paths.Select((path, i) => new FifoOutput(Fifo.Open(path), s_speakers[i].Frames))], SilentAt);

        Assert.False(double.IsNaN(speakers.AllSounded));
        Assert.NotNull(speakers.First.GapEnd);
        speakers.AssertTogether(speakers.AllSounded + 2e9, speakers.Start + ((SilentAt - 0.1) * 1e9), LimitMs);
        speakers.AssertTogether(speakers.End - 4e9, speakers.End - 0.5e9, LimitMs);
    }
}
