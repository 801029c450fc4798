using System.Globalization;

namespace Gateway.Benchmarks.Sync;

/// <summary>When what was done to a run, in nanoseconds of the monotonic clock.</summary>
/// <param name="Silenced">The silence of exactly 2400 frames on one speaker began; its end is the speaker's to tell.</param>
/// <param name="SilenceEnd">It was over.</param>
/// <param name="StarveEnd">Ours only: the end of the zeros that it played because nothing was written to it; else NaN.</param>
/// <param name="Thawed">The process went on after 2 s.</param>
internal sealed record Faults(double Silenced, double SilenceEnd, double StarveBegin, double StarveEnd, double Thawed, double End);

/// <summary>E1 to E3 of docs/measuring.md for one run. Times in seconds; infinite: not within the time watched.</summary>
internal sealed record SyncFigures(
    double MedianMs, double P95Ms, double MaxMs, double Below1MsSeconds, int LateFrames, double Cores,
    double SilencedSeconds, double OthersMovedMs, double StarvedSeconds, double StarvedOthersMovedMs, double FrozenSeconds, IReadOnlyList<(double At, double WorstMs)> Curve)
{
    private const double SettledNanoseconds = 5e9;
    private const double AcquisitionNanoseconds = 100e9;
    private const int StarvedPair = 0; // with speaker 1
    private const int StarvedPairToo = 1; // with speaker 2
    private const int OtherPair = 2;

    public bool Passes => MedianMs <= 0.15 && P95Ms <= 0.5 && MaxMs <= 2 && Below1MsSeconds <= 3
        && SilencedSeconds <= 3 && OthersMovedMs < 0.1 && !(StarvedSeconds > 3) && !(StarvedOthersMovedMs >= 0.1) && FrozenSeconds <= 3;

    public static SyncFigures Of(SyncRun run, double begin, Faults faults, int lateFrames, double cores)
    {
        var (slow, quick) = (new PairCorrelator(96_000), new PairCorrelator(24_000));
        var track = new OffsetTrack(slow, run.Speakers, begin, faults.End, 0.5);
        var settled = track.Magnitudes(begin + SettledNanoseconds, faults.Silenced - (slow.Seconds * 0.5e9));
        var start = new OffsetTrack(quick, run.Speakers, begin, Math.Min(begin + AcquisitionNanoseconds, faults.Silenced), 0.1);
        return new SyncFigures(
            Figures.Median(settled), Figures.Percentile(settled, 0.95), settled.Max(),
            Seconds(start.StaysBelow(1, begin, StarvedPair, StarvedPairToo, OtherPair), begin), lateFrames, cores,
            Recovery(run, quick, faults.SilenceEnd, double.IsNaN(faults.StarveBegin) ? faults.Thawed - 3e9 : faults.StarveBegin, StarvedPair, StarvedPairToo),
            track.Movement(OtherPair, faults.Silenced, faults.SilenceEnd + 10e9),
            double.IsNaN(faults.StarveEnd) ? double.NaN : Recovery(run, quick, faults.StarveEnd, faults.Thawed - 3e9, StarvedPair, StarvedPairToo),
            double.IsNaN(faults.StarveEnd) ? double.NaN : track.Movement(OtherPair, faults.StarveBegin, Math.Min(faults.StarveEnd + 10e9, faults.Thawed - 4e9)),
            Recovery(run, quick, faults.Thawed, faults.End, StarvedPair, StarvedPairToo, OtherPair),
            [.. track.Ticks.Select(t => (t.At, t.OffsetMs.Max(Math.Abs)))]);
    }

    public string ToText(string title) => string.Create(
        CultureInfo.InvariantCulture,
        $"{title,-38} E1 median {MedianMs:0.000}, p95 {P95Ms:0.000}, max {MaxMs:0.00} ms, < 1 ms after {Below1MsSeconds:0.0} s | E2 < 2 ms after {SilencedSeconds:0.0} s, others moved {OthersMovedMs:0.000} ms{(double.IsNaN(StarvedSeconds) ? "" : string.Create(CultureInfo.InvariantCulture, $" (nothing written: {StarvedSeconds:0.0} s, {StarvedOthersMovedMs:0.000} ms)"))} | E3 < 2 ms after {FrozenSeconds:0.0} s | late frames {LateFrames}, {100 * Cores:0.0} % of a core");

    private static double Recovery(SyncRun run, PairCorrelator correlator, double from, double until, params int[] pairs) =>
        Seconds(new OffsetTrack(correlator, run.Speakers, from, until, 0.1).StaysBelow(2, from, pairs), from);

    private static double Seconds(double? instant, double since) => instant is { } at ? (at - since) / 1e9 : double.PositiveInfinity;
}
