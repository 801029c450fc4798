namespace Gateway.Alignment.Calibration;

/// <summary>
/// The recorder's skew from one probe alone: the stretch under which the probe stands out best. Right to a few ppm; independent
/// of what the speaker does between two probes, so that its re-buffering is not mistaken for skew.
/// </summary>
internal static class SkewSearch
{
    private const double StepPpm = 12.5;
    private const double HighestPpm = 250;
    private const int ReachFrames = Probe.SampleRate / 10;

    public static double Refine(ReadOnlySpan<float> mono, float[] probe, FoundProbe found)
    {
        var estimator = new ArrivalEstimator(2 * probe.Length);
        var spectrum = estimator.Prepare(probe);
        var segment = new float[2 * probe.Length];
        var heard = mono[Math.Max(0, (int)found.Arrival - ReachFrames)..];
        var (below, centre, above) = (Height(heard, -1), Height(heard, 0), Height(heard, 1));
        var step = 0;

        // Uphill to the next peak: what is found at all lies on its slope.
        while (Math.Max(below, above) > centre && Math.Abs(found.SkewPpm + step * StepPpm) < HighestPpm)
        {
            if (above >= below)
                (below, centre, above) = (centre, above, Height(heard, ++step + 1));
            else
                (below, centre, above) = (Height(heard, --step - 1), below, centre);
        }

        var curvature = below - 2 * centre + above;
        var vertex = curvature < 0 ? Math.Clamp(0.5 * (below - above) / curvature, -0.5, 0.5) : 0;
        return found.SkewPpm + (step + vertex) * StepPpm;

        double Height(ReadOnlySpan<float> recording, int at)
        {
            MonoConversion.Stretch(recording, segment, 1 + (found.SkewPpm + at * StepPpm) * 1e-6);
            estimator.Load(segment);
            var estimate = estimator.Estimate(spectrum, 0, 2 * ReachFrames);
            return estimate.Quality / estimate.DirectRatio;
        }
    }
}
