using System.Globalization;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// A recording whose header names another sample rate than its sound has plays too fast or too slow, and no probe is heard in it. Played at the
/// true rate they are: the first quarter of a speaker's first two probes, at 12 kHz, for so short a piece needs no guess of the recorder's skew.
/// </summary>
internal static class WrongRate
{
    private const int Rate = 12_000;
    private const int Decimation = Probe.SampleRate / Rate;
    private const int ProbePart = 4;

    /// <summary>In both probes, ten seconds apart; how often noise, other sounds and wrong rates reach that: R1 in docs/measuring.md §6.</summary>
    private const double LowestQuality = 8;

    /// <summary>A recorder's skew of 200 ppm between the two probes, and a rate's rounding.</summary>
    private const int ReachSamples = Rate / 200;
    private const int FloorReach = Rate / 5;

    private static readonly int[] s_rates = [48_000, 44_100, 96_000, 32_000, 24_000, 22_050, 16_000, 88_200, 192_000, 176_400];

    /// <param name="TrueRate">Of the sound, Hz.</param>
    /// <param name="HeaderRate">What it is said to be.</param>
    public readonly record struct Found(int TrueRate, int HeaderRate)
    {
        /// <summary>A sentence for the user.</summary>
        public string Explanation
        {
            get
            {
                var isSlow = TrueRate > HeaderRate;
                var percent = 100.0 * (Math.Max(TrueRate, HeaderRate) - Math.Min(TrueRate, HeaderRate)) / Math.Min(TrueRate, HeaderRate);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"The recording plays {percent:0.#} % {(isSlow ? "slow" : "fast")}: the header's rate is wrong. It says {HeaderRate} Hz, and the sound has {TrueRate}. Correct it, for example with: ffmpeg -i IN -af asetrate={TrueRate} -ar {TrueRate} OUT.wav (If the header is right, the player plays the files of 48000 Hz too {(isSlow ? "slowly" : "fast")}: let another play them.)");
            }
        }
    }

    /// <summary>The rate at which the probes are heard in a short recording; null: at none.</summary>
    /// <param name="raw">One channel, as recorded.</param>
    /// <param name="headerRate">At which they are not.</param>
    /// <param name="first">The first probe of each speaker.</param>
    /// <param name="second">The second, likewise.</param>
    public static Found? Find(float[] raw, int headerRate, IReadOnlyList<float[]> first, IReadOnlyList<float[]> second, CancellationToken cancellationToken)
    {
        var estimator = new ArrivalEstimator(2 * first[0].Length / Decimation / ProbePart);
        var (firsts, seconds) = (Prepare(first), Prepare(second));
        foreach (var rate in s_rates.Where(rate => rate != headerRate))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (QualityAt(raw, rate, estimator, firsts, seconds) >= LowestQuality)
                return new Found(rate, headerRate);
        }

        return null;

        ProbeSpectrum[] Prepare(IReadOnlyList<float[]> probes) =>
            [.. probes.Select(probe => estimator.PrepareAt(Rate, MonoConversion.ToRate(probe[..(probe.Length / ProbePart)], Probe.SampleRate, Rate)))];
    }

    /// <summary>The best, over all speakers and places, of the weaker of the two probes; the second is expected one period behind the first.</summary>
    internal static double QualityAt(float[] raw, int rate, ArrivalEstimator estimator, ProbeSpectrum[] firsts, ProbeSpectrum[] seconds)
    {
        var recording = MonoConversion.ToRate(MonoConversion.To48KHz(raw, rate), Probe.SampleRate, Rate);
        var period = ProbeSet.PeriodFrames / Decimation;
        var lags = estimator.Length / 2;
        var best = 0.0;
        for (var at = 0; at + period < recording.Length; at += lags)
        {
            for (var speaker = 0; speaker < firsts.Length; speaker++)
            {
                estimator.Load(Piece(at));
                var estimate = estimator.Estimate(firsts[speaker], 0, lags);
                if (estimate.Quality <= best || !estimator.IsReal(firsts[speaker], estimate, 0, lags))
                    continue;

                var arrival = (int)estimate.ArrivalSamples;
                var quality = Math.Min(estimate.Quality, Nearby(firsts[speaker], arrival, FloorReach));
                if (quality <= best)
                    continue;

                estimator.Load(Piece(Math.Max(0, at + arrival + period - FloorReach)));
                var other = estimator.Estimate(seconds[speaker], FloorReach - ReachSamples, 2 * ReachSamples, 0, 2 * FloorReach);
                best = Math.Max(best, Math.Min(quality, other.Quality));
            }
        }

        return best;

        ReadOnlySpan<float> Piece(int from) => recording.AsSpan(Math.Min(from, recording.Length), Math.Min(estimator.Length, recording.Length - Math.Min(from, recording.Length)));

        double Nearby(ProbeSpectrum probe, int peak, int reach)
        {
            var from = Math.Max(0, peak - reach);
            return estimator.Estimate(probe, from, Math.Min(2 * reach, estimator.Length - from)).Quality;
        }
    }
}
