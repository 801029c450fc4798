namespace Gateway.Alignment.Calibration;

/// <summary>
/// The recorder's skew from one probe alone: the stretch under which the probe stands out best. Right to about 10 ppm; independent
/// of what the speaker does between two probes, so that its re-buffering is not mistaken for skew.
/// </summary>
internal static class SkewSearch
{
    private const double StepPpm = 12.5;
    private const int Steps = 3;
    private const int ReachFrames = Probe.SampleRate / 10;

    public static double Refine(ReadOnlySpan<float> mono, float[] probe, FoundProbe found)
    {
        var estimator = new ArrivalEstimator(2 * probe.Length);
        var spectrum = estimator.Prepare(probe);
        var segment = new float[2 * probe.Length];
        var begin = Math.Max(0, (int)found.Arrival - ReachFrames);
        var best = (SkewPpm: found.SkewPpm, Height: 0.0);
        for (var step = -Steps; step <= Steps; step++)
        {
            var skewPpm = found.SkewPpm + step * StepPpm;
            MonoConversion.Stretch(mono[begin..], segment, 1 + skewPpm * 1e-6);
            estimator.Load(segment);
            var estimate = estimator.Estimate(spectrum, 0, 2 * ReachFrames);
            var height = estimate.Quality / estimate.DirectRatio;
            best = height > best.Height ? (skewPpm, height) : best;
        }

        return best.SkewPpm;
    }
}
