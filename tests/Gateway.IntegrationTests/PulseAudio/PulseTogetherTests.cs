using Gateway.IntegrationTests.Playback;
using Gateway.Native.Pulse;
using Gateway.PulseAudio;

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
        using var speakers = new UnlikeSpeakers(s_speakers, Seconds, phaseMs: 1.3);
        await using var server = await PulseServer.StartAsync([.. speakers.Paths.Select((p, i) => $"module-pipe-sink file={p} sink_name=s{i} format=s16le rate=48000 channels=2")]);
        using var session = PulseSession.Open(server.Address, TimeSpan.FromSeconds(5), () => { });
        var outputs = session.ReadSinks().Where(s => s.Name[0] == 's').OrderBy(s => s.Name, StringComparer.Ordinal).Select(s => new PulseOutput(session.Play(s.Name, "Test", PulseOutput.RateOf(s)), s)).ToList();

        await speakers.PlayAsync(outputs, SilentAt, async () =>
        {
            await speakers.RunsAsync(GoneAt);
            await server.ControlAsync("unload-module", await server.ModuleAsync("sink_name=s3"));
            await Eventually.TrueAsync("the one output ends", () => !outputs[3].IsOpen);
            Assert.All(outputs.Take(3), o => Assert.True(o.IsOpen, o.Problem));
        });

        speakers.AssertTogether(speakers.Start + 4e9, speakers.Start + ((SilentAt - 0.1) * 1e9), LimitMs);
        speakers.AssertTogether(speakers.End - 4e9, speakers.End - 0.6e9, LimitMs);
    }
}
