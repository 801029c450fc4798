using System.Globalization;

namespace Gateway.Benchmarks.Sync;

/// <summary>When what was done to a run, in nanoseconds of the monotonic clock.</summary>
/// <param name="Silenced">The silence of exactly 2400 frames on one speaker began; its end is the speaker's to tell.</param>
/// <param name="SilenceEnd">It was over.</param>
/// <param name="StarveBegin">Ours only: from here on nothing was written to that speaker; else NaN.</param>
/// <param name="StarveEnd">The end of the 2400 zeros that it played for that reason.</param>
/// <param name="Thawed">The processes went on after 2 s.</param>
/// <param name="End">Of the time watched.</param>
internal sealed record Faults(double Silenced, double SilenceEnd, double StarveBegin, double StarveEnd, double Thawed, double End);

/// <summary>Offsets of all pairs over a stretch of E1. Infinite: not known, for they moved faster than can be measured, or did not sound.</summary>
internal sealed record PairOffsets(double MedianMs, double P95Ms, double MaxMs)
{
    public static PairOffsets Of(List<double> magnitudes) => new(Figures.Median(magnitudes), Figures.Percentile(magnitudes, 0.95), magnitudes.Max());

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{MedianMs:0.000} / {P95Ms:0.000} / {(double.IsFinite(MaxMs) ? MaxMs.ToString("0.00", CultureInfo.InvariantCulture) : "too fast to measure")}");
}

/// <summary>E1 to E3 of docs/measuring.md for one run. Times in seconds; infinite: not within the time watched.</summary>
/// <param name="Whole">From 5 s after the start on.</param>
/// <param name="Settled">The second half: what a system holds that takes its time to come there.</param>
internal sealed record SyncFigures(
    PairOffsets Whole, PairOffsets Settled, Recovery Start, int LateFrames, double Cores,
    Recovery Silenced, double OthersMovedMs, Recovery? Starved, double StarvedOthersMovedMs, Recovery Frozen, IReadOnlyList<(double At, double WorstMs)> Curve)
{
    private const double SettledNanoseconds = 5e9;
    private const double AcquisitionNanoseconds = 100e9;
    private const int StarvedPair = 0; // with speaker 1
    private const int StarvedPairToo = 1; // with speaker 2
    private const int OtherPair = 2;

    public bool Passes => Whole is { MedianMs: <= 0.15, P95Ms: <= 0.5, MaxMs: <= 2 } && Start.ForGood <= 3
        && Silenced.ForGood <= 3 && OthersMovedMs < 0.1 && !(Starved?.ForGood > 3) && !(StarvedOthersMovedMs >= 0.1) && Frozen.ForGood <= 3;

    public static SyncFigures Of(SyncRun run, double begin, Faults faults, int lateFrames, double cores)
    {
        var (slow, quick) = (new PairCorrelator(96_000), new PairCorrelator(24_000));
        var track = new OffsetTrack(slow, run.Speakers, begin, faults.End, 0.5);
        var end = faults.Silenced - (slow.Seconds * 0.5e9);
        var start = new OffsetTrack(quick, run.Speakers, begin, Math.Min(begin + AcquisitionNanoseconds, faults.Silenced), 0.1);
        return new SyncFigures(
            PairOffsets.Of(track.Magnitudes(begin + SettledNanoseconds, end)), PairOffsets.Of(track.Magnitudes((begin + end) / 2, end)),
            start.Below(1, begin, StarvedPair, StarvedPairToo, OtherPair), lateFrames, cores,
            After(run, quick, faults.SilenceEnd, double.IsNaN(faults.StarveBegin) ? faults.Thawed - 3e9 : faults.StarveBegin, StarvedPair, StarvedPairToo),
            track.Movement(OtherPair, faults.Silenced, faults.SilenceEnd + 10e9),
            double.IsNaN(faults.StarveEnd) ? null : After(run, quick, faults.StarveEnd, faults.Thawed - 3e9, StarvedPair, StarvedPairToo),
            double.IsNaN(faults.StarveEnd) ? double.NaN : track.Movement(OtherPair, faults.StarveBegin, Math.Min(faults.StarveEnd + 10e9, faults.Thawed - 4e9)),
            After(run, quick, faults.Thawed, faults.End, StarvedPair, StarvedPairToo, OtherPair),
            [.. track.Ticks.Select(t => (t.At, t.OffsetMs.Max(Math.Abs)))]);
    }

    public string ToText(string title)
    {
        var starved = Starved is { } s ? string.Create(CultureInfo.InvariantCulture, $"      nothing written until 50 ms of zeros were played: < 2 ms after {s}, others moved {StarvedOthersMovedMs:0.000} ms\n") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{title} ({100 * Cores:0.0} % of a core; frames that came too late: {LateFrames})\n  E1  median / p95 / max {Whole} ms, in the second half {Settled} ms; < 1 ms after {Start}\n  E2  one speaker silent for 50 ms: < 2 ms after {Silenced}, others moved {OthersMovedMs:0.000} ms\n{starved}  E3  all stopped for 2 s: < 2 ms after {Frozen}");
    }

    private static Recovery After(SyncRun run, PairCorrelator correlator, double from, double until, params int[] pairs) =>
        new OffsetTrack(correlator, run.Speakers, from, until, 0.1).Below(2, from, pairs);
}
