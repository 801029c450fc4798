using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.Sync;
using Gateway.Playback;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks;

/// <summary>
/// E1 of docs/measuring.md, our side: three virtual speakers of 0, +100 and -100 ppm with buffers of 171, 341 and 85 ms play one stream
/// in real time; what they played is laid on common time by their exact clocks and cross-correlated.
/// </summary>
internal static class SyncBenchmark
{
    private const double SettledAfter = 5;
    private static readonly (double Ppm, int Capacity)[] s_speakers = [(0, 8192), (100, 16_384), (-100, 4096)];

    public static int Run(string[] args)
    {
        var seconds = args.Contains("--quick") ? 60.0 : 300.0;
        var selfTest = SelfTest();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"self-test: three equal speakers on one stream read {selfTest:0.0000} ms apart (limit 0.02)"));

        var speakers = s_speakers.Select(s => new VirtualSpeaker(s.Ppm, s.Capacity, seconds + 10)).ToList();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        Play(speakers, seconds);
        var cores = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds / seconds;

        var pairs = Measure(speakers, seconds);
        var settled = pairs.Where(p => p.At >= SettledAfter).Select(p => Math.Abs(p.OffsetMs)).Order().ToList();
        var reached = pairs.Where(p => Math.Abs(p.OffsetMs) >= 1).Select(p => p.At + PairCorrelator.Hop).DefaultIfEmpty(0).Max();
        var (median, p95, max) = (Percentile(settled, 0.5), Percentile(settled, 0.95), settled[^1]);
        var missing = speakers.Sum(s => s.Underruns);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pairs over {seconds:0} s: median {median:0.000} ms (<= 0.15), p95 {p95:0.000} (<= 0.5), max after {SettledAfter:0} s {max:0.000} (<= 2), below 1 ms from {reached:0.0} s on (<= 3)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cost: {cores * 100:0.0} % of a core with the virtual speakers; frames that came too late: {missing}"));
        var pass = selfTest <= 0.02 && median <= 0.15 && p95 <= 0.5 && max <= 2 && reached <= 3;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"bench\":\"sync\",\"pass\":{(pass ? "true" : "false")},\"seconds\":{seconds:0},\"pair_median_ms\":{median:0.0000},\"pair_p95_ms\":{p95:0.0000},\"pair_max_ms\":{max:0.0000},\"below_1ms_s\":{reached:0.0},\"self_test_ms\":{selfTest:0.0000},\"late_frames\":{missing},\"cores\":{cores:0.000}}}"));
        return pass ? 0 : 1;
    }

    private static void Play(List<VirtualSpeaker> speakers, double seconds)
    {
        using var player = new GroupPlayer("bench", TimeProvider.System, NullLogger.Instance);
        using var source = new TestSignalInput(TimeProvider.System);
        player.Start();
        player.SetSource(source);
        foreach (var speaker in speakers) player.AddLane(speaker, 0, muted: false);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
    }

    private static List<(double At, double OffsetMs)> Measure(List<VirtualSpeaker> speakers, double seconds)
    {
        // Common time begins with the first sound: silence correlates with nothing.
        var begin = speakers.Max(s => s.FirstSoundNanoseconds);
        var correlator = new PairCorrelator();
        var found = new List<(double, double)>();
        for (var at = 0.0; at + PairCorrelator.WindowSeconds < seconds - 2; at += PairCorrelator.Hop)
        {
            for (var i = 0; i < speakers.Count; i++)
            {
                for (var j = i + 1; j < speakers.Count; j++) found.Add((at, correlator.OffsetMs(speakers[i], speakers[j], begin + (at * 1e9))));
            }
        }

        return found;
    }

    /// <summary>The measuring itself: equal streams on clocks of 0, +100 and -100 ppm, resampled exactly, must read as one.</summary>
    private static double SelfTest()
    {
        var speakers = s_speakers.Select(s => VirtualSpeaker.Ideal(s.Ppm, 6)).ToList();
        var correlator = new PairCorrelator();
        return Enumerable.Range(0, 4).SelectMany(i => new[] { (0, 1), (0, 2), (1, 2) }.Select(p => Math.Abs(correlator.OffsetMs(speakers[p.Item1], speakers[p.Item2], 1e9 + (i * 0.5e9))))).Max();
    }

    private static double Percentile(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
}
