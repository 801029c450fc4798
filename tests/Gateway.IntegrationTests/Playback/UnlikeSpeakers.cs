using Gateway.Benchmarks.Sync;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Playback.Audio;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Playback;

/// <summary>Virtual speakers behind pipes, with clocks and buffers of their own: a group plays on them in real time, and what they played says how far apart they were.</summary>
internal sealed class UnlikeSpeakers : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-speakers-");
    private readonly List<VirtualSpeaker> _all;
    private readonly double _seconds;

    /// <param name="seconds">How long they play.</param>
    /// <param name="phaseMs">Each begins so much after the one before.</param>
    public UnlikeSpeakers(IReadOnlyList<(double Ppm, int Frames)> speakers, double seconds, double phaseMs = 0)
    {
        (_seconds, Start) = (seconds, SyncRun.Now + 100e6);
        Paths = [.. speakers.Select((_, i) => Path.Combine(_folder.FullName, $"speaker{i}"))];
        _all = [.. speakers.Select((s, i) => new VirtualSpeaker(Fifo.Create(Paths[i], s.Frames), s.Ppm, seconds, Start + (i * phaseMs * 1e6)))];
    }

    public IReadOnlyList<string> Paths { get; }

    /// <summary>When they began, in nanoseconds.</summary>
    public double Start { get; }

    public double End => Start + (_seconds * 1e9);

    public VirtualSpeaker First => _all[0];

    /// <summary>When all sounded; not a number: one never did.</summary>
    public double AllSounded => _all.Max(s => s.FirstSound ?? double.NaN);

    /// <summary>Plays the test signal to their end; the first one is silent for 50 ms meanwhile.</summary>
    /// <param name="outputs">The ways to them; disposed at the end.</param>
    /// <param name="then">What else happens, after the silence.</param>
    public async Task PlayAsync(IReadOnlyList<IAudioOutput> outputs, double silentAt, Func<Task>? then = null)
    {
        using var player = new GroupPlayer("test", TimeProvider.System, NullLogger.Instance);
        using var source = new TestSignalInput(TimeProvider.System);
        _all.ForEach(s => s.Start());
        player.Start();
        player.SetSource(source);
        foreach (var output in outputs) player.AddLane(new SpeakerOutput(output), 0, muted: false);
        await RunsAsync(silentAt);
        First.PlaySilence(2400);
        if (then is not null) await then();
        await Eventually.TrueAsync("all speakers have ended", () => _all.All(s => s.HasEnded), 2 * _seconds);
        player.Dispose();
        foreach (var output in outputs) output.Dispose();
    }

    public Task RunsAsync(double seconds) => Eventually.TrueAsync("the first speaker runs", () => First.Seconds >= seconds, _seconds);

    /// <summary>From one instant to another no two of them were further apart.</summary>
    public void AssertTogether(double from, double to, double limitMs) =>
        Assert.All(new OffsetTrack(new PairCorrelator(48_000), _all, from, to, 0.5).Magnitudes(0, double.MaxValue), offset => Assert.InRange(offset, 0, limitMs));

    public void Dispose()
    {
        _all.ForEach(s => s.Dispose());
        _folder.Delete(recursive: true);
    }
}
