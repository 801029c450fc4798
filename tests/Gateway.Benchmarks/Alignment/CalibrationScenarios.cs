using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;

namespace Gateway.Benchmarks.Alignment;

/// <summary>S5c of docs/measuring.md §6 (skew measured, removed, then one speaker estimated), and C8: whole calibration runs.</summary>
internal static class CalibrationScenarios
{
    private const int Rate = Probe.SampleRate;
    private const double MaxLatency = 0.3;
    private const double GrossUs = 1_000;
    private const int SearchSamples = (int)((MaxLatency + 0.05) * Rate);

    public static ScenarioResult S5C(int trials)
    {
        const int head = 1 << 15, full = 1 << 17;
        var (short15, long17) = (Probe.Create(0, head), Probe.Create(0, full));
        int second = 10 * Rate, third = second + 3 * Rate;
        var played = new float[third + full];
        short15.CopyTo(played, 0);
        short15.CopyTo(played, second);
        long17.CopyTo(played, third);

        var recording = new RoomRecording(1 << 20);
        var (heads, whole) = (new ArrivalEstimator(1 << 16), new ArrivalEstimator(1 << 18));
        var (headSpectrum, wholeSpectrum) = (heads.Prepare(short15), whole.Prepare(long17));
        var (skewErrors, errors, accepted) = (new List<double>(), new List<double>(), new List<double>());
        for (var trial = 0; trial < trials; trial++)
        {
            var skew = 200 * new SplitMix64((ulong)(333 + trial)).NextUniform() - 100;
            var room = Room.Create((ulong)(1_000_003 * 5 + 1_009 * trial), 0.5, MaxLatency);
            recording.Clear();
            recording.Play(played, room, 1);
            var from = third + (int)room.ArrivalSamples;
            recording.AddNoise((ulong)(5_000_011 * 5 + 17 * trial), Power(recording.Samples.AsSpan(from, full)) * 0.1);
            var samples = SkewedRecorder.Read(recording.ToSingle(), 1 + skew * 1e-6);

            heads.Load(samples.AsSpan(0, 1 << 16));
            var first = heads.Estimate(headSpectrum, 0, SearchSamples).ArrivalSamples;
            heads.Load(samples.AsSpan(second, 1 << 16));
            var measured = (heads.Estimate(headSpectrum, 0, SearchSamples).ArrivalSamples - first) / second * 1e6;
            skewErrors.Add(Math.Abs(measured + skew));

            var estimate = EstimateStretched(whole, wholeSpectrum, samples, third, 1 + measured * 1e-6);
            errors.Add((estimate.ArrivalSamples - room.ArrivalSamples) * 1e6 / Rate);
            if (estimate.IsAccepted)
                accepted.Add(errors[^1]);
        }

        var (skewP95, p95) = (Statistics.Percentile(skewErrors, 0.95), Statistics.Percentile(errors.Select(Math.Abs), 0.95));
        var grossAccepted = accepted.Count(error => Math.Abs(error) > GrossUs);
        return new ScenarioResult("S5c", trials, Statistics.Median(errors.Select(Math.Abs)), p95, errors.Count(error => Math.Abs(error) > GrossUs) / (double)trials,
            grossAccepted, (double)accepted.Count / trials, skewP95 <= 1 && p95 <= 40 && grossAccepted == 0, [("skew_p95_ppm", skewP95)]);
    }

    /// <summary>Eight speakers at 10 dB, the recorder up to 100 ppm off, the recording begun at any time: the product's promise, whole.</summary>
    public static ScenarioResult C8(int trials)
    {
        var (errors, skewErrors, speakers) = (new List<double>(), new List<double>(), 0);
        for (var trial = 0; trial < trials; trial++)
        {
            var random = new SplitMix64((ulong)(888 + trial));
            var recording = CalibrationRecording.Create(
                new ProbeSet(8, series: trial), trial, 10, 200 * random.NextUniform() - 100, (int)(Rate * random.NextUniform()));
            var result = CalibrationAnalysis.Analyse(recording.Samples, 1, Rate, recording.Set);
            speakers += 8;
            if (result.SkewPpm is { } skew)
                skewErrors.Add(Math.Abs(skew - recording.SkewPpm));

            var accepted = result.Speakers.Where(speaker => speaker.IsAccepted).ToArray();
            var slowest = accepted.Length == 0 ? 0 : accepted.Max(speaker => recording.GetTrueRelativeUs(speaker.Speaker));
            errors.AddRange(accepted.Select(speaker => speaker.RelativeUs!.Value - (recording.GetTrueRelativeUs(speaker.Speaker) - slowest)));
        }

        var p95 = Statistics.Percentile(errors.Select(Math.Abs), 0.95);
        var gross = errors.Count(error => Math.Abs(error) > GrossUs);
        return new ScenarioResult("C8", trials, Statistics.Median(errors.Select(Math.Abs)), p95, null, gross, (double)errors.Count / speakers,
            p95 <= 50 && gross == 0 && errors.Count >= 0.85 * speakers, [("skew_p95_ppm", Statistics.Percentile(skewErrors, 0.95))]);
    }

    /// <summary>
    /// Four speakers at 10 dB, the recorder up to 100 ppm off: with a header of another rate it is told which; with the right one, or where
    /// another run's probes sound, nothing is told; and never is a chance peak the run.
    /// </summary>
    public static ScenarioResult R1(int trials)
    {
        int[] headers = [44_100, 96_000, 32_000, 16_000];
        var (found, missed, accused, chance) = (0, 0, 0, 0);
        for (var trial = 0; trial < trials; trial++)
        {
            var random = new SplitMix64((ulong)(999 + trial));
            var recording = CalibrationRecording.Create(new ProbeSet(4, series: trial), trial, 10, 200 * random.NextUniform() - 100, (int)(Rate * random.NextUniform()));
            foreach (var header in headers)
            {
                var wrong = CalibrationAnalysis.Analyse(recording.Samples, 1, header, recording.Set);
                if (wrong.Rejection == CalibrationRejection.SampleRate && wrong.Explanation.Contains("the sound has 48000", StringComparison.Ordinal))
                    found++;
                else
                    missed++;
            }

            // Another run's probes: as loud, as long, and nothing of this one's, at the right rate and at a wrong one.
            foreach (var header in new[] { Rate, 44_100 })
            {
                var other = CalibrationAnalysis.Analyse(recording.Samples, 1, header, new ProbeSet(4, series: 1_000 + trial));
                accused += other.Rejection == CalibrationRejection.SampleRate ? 1 : 0;
                chance += other.Rejection is CalibrationRejection.NoProbe or CalibrationRejection.SampleRate ? 0 : 1;
            }
        }

        return new ScenarioResult("R1", trials, null, null, null, null, (double)found / (found + missed), missed == 0 && accused == 0 && chance == 0,
            [("wrong_headers", found + missed), ("told", found), ("other_runs", 2.0 * trials), ("accused", accused), ("chance_peaks", chance)]);
    }

    private static double Power(ReadOnlySpan<double> samples)
    {
        var sum = 0.0;
        foreach (var x in samples)
            sum += x * x;
        return sum / samples.Length;
    }

    private static ArrivalEstimate EstimateStretched(ArrivalEstimator estimator, ProbeSpectrum spectrum, float[] samples, int start, double rate)
    {
        var from = (int)(start * rate);
        var stretched = SkewedRecorder.Read(samples.AsSpan(from, 1 << 18), rate);
        estimator.Load(stretched);
        var estimate = estimator.Estimate(spectrum, 0, SearchSamples);
        return estimate with { ArrivalSamples = from / rate + estimate.ArrivalSamples - start };
    }
}
