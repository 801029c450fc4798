namespace Gateway.Alignment.Calibration;

/// <summary>Where a run was found.</summary>
/// <param name="Speaker">Whose first probe is heard best.</param>
/// <param name="Arrival">Sample of the recording at which it arrives, to about one sample.</param>
/// <param name="SkewPpm">The recorder's skew, to about 30 ppm.</param>
/// <param name="Quality">How well it stands out; 0: there is none.</param>
internal readonly record struct FoundProbe(int Speaker, double Arrival, double SkewPpm, double Quality);

/// <summary>
/// Finds where in a long recording a run begins: at 12 kHz, block by block, with several guesses of the recorder's skew, for a probe
/// of 2.7 s is smeared beyond recognition by 100 ppm.
/// </summary>
internal static class ProbeFinder
{
    private const int Rate = 12_000;
    private const int Decimation = Probe.SampleRate / Rate;

    /// <summary>A probe heard this well needs no better guess of the skew, and no later block.</summary>
    public const double SureQuality = 14;

    private const int FloorReach = Rate / 5;

    private static readonly double[] s_skewGuessesPpm = [0, 50, -50, 100, -100, 150, -150];

    /// <summary>The best of all guesses and blocks; null: nothing is heard.</summary>
    public static FoundProbe? Find(float[] mono, IReadOnlyList<float[]> probes, CancellationToken cancellationToken)
    {
        var recording = MonoConversion.ToRate(mono, Probe.SampleRate, Rate);
        var length = probes[0].Length / Decimation;
        var estimator = new ArrivalEstimator(2 * length);
        var spectra = probes.Select(probe => estimator.PrepareAt(Rate, MonoConversion.ToRate(probe, Probe.SampleRate, Rate))).ToArray();
        var best = default(FoundProbe);
        foreach (var skewPpm in s_skewGuessesPpm)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var candidate = Search(recording, estimator, spectra, skewPpm);
            best = candidate.Quality > best.Quality ? candidate : best;
            if (best.Quality >= SureQuality)
                break;
        }

        return best.Quality >= ArrivalEstimator.LowestQuality ? best : null;
    }

    private static FoundProbe Search(float[] recording, ArrivalEstimator estimator, ProbeSpectrum[] spectra, double skewPpm)
    {
        var rate = 1 + skewPpm * 1e-6;
        var stretched = new float[(int)(recording.Length / rate)];
        MonoConversion.Stretch(recording, stretched, rate);
        var best = default(FoundProbe);
        var lags = estimator.Length / 2;
        for (var at = 0; at < stretched.Length && best.Quality < SureQuality; at += lags)
        {
            estimator.Load(stretched.AsSpan(at, Math.Min(estimator.Length, stretched.Length - at)));
            for (var speaker = 0; speaker < spectra.Length; speaker++)
            {
                var estimate = estimator.Estimate(spectra[speaker], 0, lags);
                if (estimate.Quality < Math.Max(best.Quality, ArrivalEstimator.LowestQuality) || !estimator.IsReal(spectra[speaker], estimate, 0, lags))
                    continue;

                var quality = Math.Min(estimate.Quality, QualityNearby(estimator, spectra[speaker], (int)estimate.ArrivalSamples));
                if (quality > best.Quality)
                    best = new FoundProbe(speaker, (at + estimate.ArrivalSamples) * Decimation * rate, skewPpm, quality);
            }
        }

        return best;
    }

    /// <summary>
    /// Against the floor around the peak. Where a loud passage covers a part of the block only, the floor is high there and low elsewhere,
    /// and its mere fluctuations would stand out.
    /// </summary>
    private static double QualityNearby(ArrivalEstimator estimator, ProbeSpectrum spectrum, int peak)
    {
        var from = Math.Max(0, peak - FloorReach);
        var count = Math.Min(2 * FloorReach, estimator.Length - from);
        return estimator.Estimate(spectrum, from, count).Quality;
    }
}
