using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Drift;

namespace Gateway.Benchmarks.Alignment;

/// <summary>D1-D6 of docs/measuring.md §6: the drift loop against simulated clocks.</summary>
internal static class DriftScenarios
{
    private const double StartOffsetUs = 100_000;
    private const double HalfHour = 1_800;

    public static ScenarioResult D1(int speakers) => Hold("D1", DriftSource.CableTimestamps, Measurements.Cable, speakers, 50, 40);

    public static ScenarioResult D2(int speakers) => Hold("D2", DriftSource.WifiTimestamps, Measurements.Wifi, speakers, 400);

    public static ScenarioResult D3(int speakers) => Hold("D3", DriftSource.Reports, Measurements.Reports, speakers, 500);

    public static ScenarioResult D4(int speakers) =>
        Hold("D4", DriftSource.Microphone, Measurements.Microphone, speakers, 150, highestMaxUs: 1_000);

    public static ScenarioResult D5(int speakers)
    {
        var slow = Settle(new DriftLimits(FarPpm: 500, JumpsAllowed: false), speakers);
        var fast = Settle(new DriftLimits(JumpsAllowed: false), speakers);
        var jump = Settle(new DriftLimits(), speakers);
        var changes = Statistics.Percentile(
            DriftRun.Many(speakers, 5, DriftSource.WifiTimestamps, Measurements.Wifi, HalfHour, StartOffsetUs).SelectMany(run => run.SteadyChangesPpm), 0.99);
        return new ScenarioResult("D5", speakers, null, null, null, null, null, slow <= 280 && fast <= 110 && jump <= 20 && changes <= 20,
            [("settle_500ppm_s", slow), ("settle_2000ppm_s", fast), ("settle_jump_s", jump), ("steady_change_p99_ppm", changes)]);
    }

    public static ScenarioResult D6(int speakers)
    {
        var runs = DriftRun.Many(speakers, 6, DriftSource.CableTimestamps, Measurements.Cable, 960, StartOffsetUs, silentFrom: 900);
        var ends = runs.Select(run => Math.Abs(run.OffsetsUs[^1])).ToArray();
        return new ScenarioResult("D6", speakers, Statistics.Median(ends), Statistics.Percentile(ends, 0.95), null, null, null, ends.Max() <= 500,
            [("max_us", ends.Max())]);
    }

    private static ScenarioResult Hold(
        string name, DriftSource source, Func<SplitMix64, double> error, int speakers, double highestPairUs,
        double highestSpeakerUs = double.PositiveInfinity, double highestMaxUs = double.PositiveInfinity)
    {
        var runs = DriftRun.Many(speakers, (ulong)name[1] - '0', source, error, HalfHour, StartOffsetUs);
        var half = runs[0].OffsetsUs.Count / 2;
        var alone = runs.SelectMany(run => run.OffsetsUs.Skip(half).Select(Math.Abs)).ToArray();
        var pairs = runs.Chunk(2).Where(pair => pair.Length == 2)
            .SelectMany(pair => pair[0].OffsetsUs.Zip(pair[1].OffsetsUs, (a, b) => Math.Abs(a - b)).Skip(half)).ToArray();
        var (speakerP95, pairP95, max) = (Statistics.Percentile(alone, 0.95), Statistics.Percentile(pairs, 0.95), pairs.Max());
        return new ScenarioResult(name, speakers, Statistics.Median(pairs), pairP95, null, null, null,
            pairP95 <= highestPairUs && speakerP95 <= highestSpeakerUs && max <= highestMaxUs, [("speaker_p95_us", speakerP95), ("max_us", max)]);
    }

    private static double Settle(DriftLimits limits, int speakers) =>
        Statistics.Median(DriftRun.Many(speakers, 5, DriftSource.WifiTimestamps, Measurements.Wifi, 600, StartOffsetUs, limits).Select(run => run.SettledAfter));
}
