namespace Gateway.Alignment.Calibration;

/// <summary>Finds where in a long recording a run begins: block by block, any speaker's first probe.</summary>
internal static class ProbeFinder
{
    /// <summary>So much of each probe is enough to find it, and short enough to bear a recorder 100 ppm off.</summary>
    public const int HeadFrames = 1 << 15;

    private const int BlockFrames = 1 << 17;

    /// <summary>The sample at which some speaker's first probe arrives; null: none is heard.</summary>
    /// <remarks>First by the heads; if that hears nothing, by whole probes, which reach 6 dB further down but want a good clock.</remarks>
    public static double? Find(ReadOnlySpan<float> mono, IReadOnlyList<float[]> probes) =>
        Find(mono, probes, HeadFrames, BlockFrames) ?? Find(mono, probes, probes[0].Length, 2 * probes[0].Length);

    private static double? Find(ReadOnlySpan<float> mono, IReadOnlyList<float[]> probes, int probeFrames, int blockFrames)
    {
        var estimator = new ArrivalEstimator(blockFrames);
        var spectra = probes.Select(probe => estimator.Prepare(probe.AsSpan(0, probeFrames))).ToArray();
        var lags = blockFrames - probeFrames;
        for (var at = 0; at < mono.Length; at += lags)
        {
            estimator.Load(mono.Slice(at, Math.Min(blockFrames, mono.Length - at)));
            double? earliest = null;
            foreach (var spectrum in spectra)
            {
                var estimate = estimator.Estimate(spectrum, 0, lags);
                if (estimate.IsAccepted && !(estimate.ArrivalSamples >= earliest))
                    earliest = estimate.ArrivalSamples;
            }

            if (earliest is { } arrival)
                return at + arrival;
        }

        return null;
    }
}
