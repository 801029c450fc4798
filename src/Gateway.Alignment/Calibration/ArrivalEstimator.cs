using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// Finds when a known probe arrives in a recording: phase-transform cross-correlation, and the first peak instead of the highest, for
/// reflections can be louder than the direct sound. Not thread-safe. After construction nothing is allocated.
/// </summary>
/// <remarks>
/// Every constant is the optimum of simulations in rooms: docs/measuring.md §2. The phase transform divides by the recording's own
/// spectrum, and one strong reflection of any speaker is a ripple in that: the quotient then shows ghosts, as far before each arrival as the
/// reflection lies behind; dividing by the probe's own, padded with zeros to double its length, casts others a probe's length away. So an
/// earlier peak counts only where a correlation shows it too that divides by the smoothed spectrum.
/// </remarks>
public sealed class ArrivalEstimator
{
    /// <summary>Below this quality an estimate is not to be used.</summary>
    public const double LowestQuality = 8;

    internal const double FirstPeakShare = 0.20;
    internal const int LookBackSamples = Probe.SampleRate / 50;
    private const double FirstPeakSigmas = 5;
    private const int NearSamples = Probe.SampleRate / 5000;

    /// <summary>Within 0.2 ms of the first sound: the earliest peak of this share of the largest, for a table's reflection can be louder.</summary>
    private const float NearShare = 0.3f;

    /// <summary>
    /// And of this share in the correlation without ghosts, where the half as loud direct sound has 0.5 (both measured: docs/measuring.md §2).
    /// A band of 13 kHz has its first side lobe 2.6 samples away and 0.22 high; with noise on top, so near it takes more.
    /// </summary>
    private const float NearRealShare = 0.4f;
    private const float SideLobeRealShare = 0.5f;
    private const int FirstSideLobeSamples = 3;

    /// <summary>A ghost has nothing, a sound about its whole share, give or take the noise.</summary>
    private const double RealShare = 0.4;

    /// <summary>Above what noise reaches. A clean recording's phase transform has no noise to speak of; the other correlation has the probe's own.</summary>
    private const double RealQuality = 6.5;

    /// <summary>The spectrum is smoothed over ± 3 kHz of 24: ripples of reflections 0.2 ms and more behind go, colour stays.</summary>
    private const int SmoothingPart = 16;

    /// <summary>Hum does not count for the colour: below 200 Hz.</summary>
    private const int HumPart = 240;

    /// <summary>A whistle's few bins count no more than this much above their surroundings.</summary>
    private const float HighestExcess = 3;

    /// <summary>Median of |x| over the standard deviation of a normal x.</summary>
    private const double MedianOfNormal = 0.6745;

    private readonly RealFft _fft;
    private readonly float[] _recordingRe;
    private readonly float[] _recordingIm;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _correlation;
    private readonly float[] _selection;
    private readonly float[] _excess;
    private readonly float[] _plain;
    private ProbeSpectrum? _plainOf;

    /// <param name="fftLength">At least the probe, the longest response and the spread of latencies together; else the end wraps round.</param>
    public ArrivalEstimator(int fftLength)
    {
        _fft = new RealFft(fftLength);
        _recordingRe = new float[_fft.Bins];
        _recordingIm = new float[_fft.Bins];
        _re = new float[_fft.Bins];
        _im = new float[_fft.Bins];
        _correlation = new float[fftLength];
        _selection = new float[fftLength];
        _excess = new float[_fft.Bins];
        _plain = new float[fftLength];
    }

    /// <summary>Samples per transform.</summary>
    public int Length => _fft.Length;

    /// <summary>A probe made ready for this estimator's length.</summary>
    public ProbeSpectrum Prepare(ReadOnlySpan<float> probe, bool weightByPower = true) => new(probe, _fft, weightByPower);

    /// <summary>The same at a lower rate, for a rough search.</summary>
    internal ProbeSpectrum PrepareAt(int sampleRate, ReadOnlySpan<float> probe) => new(probe, _fft, sampleRate: sampleRate);

    /// <summary>The same for the probe's treble alone (8 to 14 kHz).</summary>
    internal ProbeSpectrum PrepareTreble(ReadOnlySpan<float> probe) => new(probe, _fft, lowestHz: 8_000);

    /// <summary>Takes the recording in which <see cref="Estimate(ProbeSpectrum, int, int)"/> then searches.</summary>
    /// <param name="recording">48 kHz, finite values, at most the transform's length.</param>
    public void Load(ReadOnlySpan<float> recording)
    {
        _fft.Forward(recording, _recordingRe, _recordingIm);
        for (var bin = 0; bin < _recordingRe.Length; bin++)
        {
            var power = _recordingRe[bin] * _recordingRe[bin] + _recordingIm[bin] * _recordingIm[bin];
            var gain = power > 0 ? 1 / MathF.Sqrt(power) : 0;
            _excess[bin] = power * gain;
            _recordingRe[bin] *= gain;
            _recordingIm[bin] *= gain;
        }

        _plainOf = null;
        DivideBySurroundings();
    }

    /// <summary>When the probe began, searched for among the samples from <paramref name="from"/> on.</summary>
    public ArrivalEstimate Estimate(ProbeSpectrum probe, int from, int count) => Estimate(probe, from, count, from, count);

    /// <summary>The same, with the noise floor taken from another, wider range.</summary>
    public ArrivalEstimate Estimate(ProbeSpectrum probe, int from, int count, int floorFrom, int floorCount)
    {
        Correlate(probe);
        var sigma = Math.Max(Median(_correlation.AsSpan(floorFrom, floorCount)) / MedianOfNormal, 1e-30);
        var a = _correlation.AsSpan(from, count);
        var highest = IndexOfHighest(a);
        var first = FindFirstPeak(a, highest, sigma, probe, from);
        return new ArrivalEstimate(from + first + Vertex(a, first), a[first] / sigma, a[first] / Math.Max(a[highest], 1e-30));
    }

    /// <summary>
    /// Is the estimate a sound, and no ghost of one that lies outside of what was searched? (A probe of half the transform's length casts one a
    /// probe's length away.)
    /// </summary>
    internal bool IsReal(ProbeSpectrum probe, ArrivalEstimate estimate, int floorFrom, int floorCount)
    {
        CorrelatePlainly(probe);
        var sigma = Math.Max(Median(_plain.AsSpan(floorFrom, floorCount)) / MedianOfNormal, 1e-30);
        return Around((int)Math.Round(estimate.ArrivalSamples)) / sigma >= Math.Min(RealShare * estimate.Quality, RealQuality);
    }

    /// <summary>What stands before a lag, without ghosts, in deviations of the floor among the first <paramref name="floorCount"/>; 0 before the first lag.</summary>
    internal void CopyBefore(ProbeSpectrum probe, int end, int floorCount, Span<float> window)
    {
        CorrelatePlainly(probe);
        var sigma = Math.Max(Median(_plain.AsSpan(0, floorCount)) / MedianOfNormal, 1e-30);
        window.Clear();
        var seen = Math.Clamp(end, 0, window.Length);
        for (var i = 0; i < seen; i++)
            window[^(i + 1)] = (float)(_plain[end - 1 - i] / sigma);
    }

    /// <summary>The peaks, without ghosts, among the first <paramref name="count"/> lags: what sounds by this probe, at any time.</summary>
    /// <param name="lowestShare">Of the highest.</param>
    /// <param name="lowestQuality">In deviations of the floor.</param>
    internal List<HeardSound> FindSounds(ProbeSpectrum probe, int count, double lowestShare, double lowestQuality)
    {
        CorrelatePlainly(probe);
        var sigma = Math.Max(Median(_plain.AsSpan(0, count)) / MedianOfNormal, 1e-30);
        var a = _plain.AsSpan(0, count);
        double highest = a[IndexOfHighest(a)];
        var threshold = Math.Max(lowestShare * highest, lowestQuality * sigma);
        var sounds = new List<HeardSound>();
        for (var k = 1; k < count - 1; k++)
        {
            if (a[k] > threshold && a[k] >= a[k - 1] && a[k] > a[k + 1])
                sounds.Add(new HeardSound(k, a[k] / sigma, a[k] / highest, a[k] / Math.Max(LevelBefore(a, k), 1e-30)));
        }

        return sounds;
    }

    /// <summary>The rms of the 5 ms that end where a peak's own side lobes may begin.</summary>
    private static double LevelBefore(ReadOnlySpan<float> a, int peak)
    {
        var end = Math.Max(0, peak - Probe.SampleRate / 2_000);
        var before = a[Math.Max(0, end - Probe.SampleRate / 200)..end];
        return before.Length == 0 ? 0 : Math.Sqrt(VectorMath.MeanSquare(before));
    }

    private void Correlate(ProbeSpectrum probe)
    {
        _recordingRe.CopyTo(_re, 0);
        _recordingIm.CopyTo(_im, 0);
        VectorMath.ComplexMultiply(_re, _im, probe.Re, probe.Im);
        _fft.Inverse(_re, _im, _correlation);
        foreach (ref var c in _correlation.AsSpan())
            c = MathF.Abs(c);
    }

    /// <summary>The same divided by the recording's smoothed spectrum alone, and not by the probe's.</summary>
    private void CorrelatePlainly(ProbeSpectrum probe)
    {
        if (_plainOf == probe)
            return;

        var level = probe.Level;
        for (var bin = 0; bin < _re.Length; bin++)
            (_re[bin], _im[bin]) = (_recordingRe[bin] * _excess[bin] * level[bin], _recordingIm[bin] * _excess[bin] * level[bin]);
        VectorMath.ComplexMultiply(_re, _im, probe.Re, probe.Im);
        _fft.Inverse(_re, _im, _plain);
        foreach (ref var c in _plain.AsSpan())
            c = MathF.Abs(c);
        _plainOf = probe;
    }

    /// <summary>From each bin's level to its excess over the mean of those around it.</summary>
    private void DivideBySurroundings()
    {
        var (half, lowest, highest) = (Length / SmoothingPart, Length / HumPart, _excess.Length - 1);
        var (sum, from, to) = (0.0, lowest, lowest);
        for (var bin = lowest; bin <= highest; bin++)
        {
            for (; to <= Math.Min(highest, bin + half); to++)
                sum += _selection[to] = _excess[to];
            for (; from < bin - half; from++)
                sum -= _selection[from];
            _excess[bin] = sum > 0 ? Math.Min(HighestExcess, (float)(_excess[bin] * (to - from) / sum)) : 0;
        }

        _excess.AsSpan(0, lowest).Clear();
    }

    private bool IsReal(ReadOnlySpan<float> a, int peak, int highest, ProbeSpectrum probe, int from)
    {
        CorrelatePlainly(probe);
        return Around(from + peak) >= RealShare * a[peak] / a[highest] * Around(from + highest);
    }

    /// <summary>The two correlations' peaks may lie a sample apart.</summary>
    private float Around(int lag) => Math.Max(_plain[lag], Math.Max(_plain[Math.Max(0, lag - 1)], _plain[Math.Min(_plain.Length - 1, lag + 1)]));

    private int FindFirstPeak(ReadOnlySpan<float> a, int highest, double sigma, ProbeSpectrum probe, int from)
    {
        var threshold = (float)Math.Max(FirstPeakShare * a[highest], FirstPeakSigmas * sigma);
        for (var k = Math.Max(1, highest - LookBackSamples); k < highest; k++)
        {
            if (!(a[k] > threshold && a[k] >= a[k - 1] && a[k] > a[k + 1]))
                continue;

            var peak = EarliestNear(a, k, probe, from);
            if (peak == highest || IsReal(a, peak, highest, probe, from))
                return peak;
        }

        return highest;
    }

    /// <summary>The earliest sound within 0.2 ms of the first peak, and not its leading side lobe.</summary>
    private int EarliestNear(ReadOnlySpan<float> a, int first, ProbeSpectrum probe, int from)
    {
        var largest = first + IndexOfHighest(a.Slice(first, Math.Min(NearSamples + 1, a.Length - first)));
        for (var k = first; k < largest; k++)
        {
            if (!(a[k] >= NearShare * a[largest] && a[k] >= a[k - 1] && a[k] > a[k + 1]))
                continue;

            CorrelatePlainly(probe);
            var share = largest - k <= FirstSideLobeSamples ? SideLobeRealShare : NearRealShare;
            if (Around(from + k) >= share * Around(from + largest))
                return k;
        }

        return largest;
    }

    /// <summary>Of the parabola through a peak and its neighbours, as an offset from the peak.</summary>
    private static double Vertex(ReadOnlySpan<float> a, int peak)
    {
        if (peak == 0 || peak == a.Length - 1)
            return 0;

        double y0 = a[peak - 1], y1 = a[peak], y2 = a[peak + 1];
        var curvature = y0 - 2 * y1 + y2;
        return curvature < 0 ? 0.5 * (y0 - y2) / curvature : 0;
    }

    private static int IndexOfHighest(ReadOnlySpan<float> a)
    {
        var highest = 0;
        for (var k = 1; k < a.Length; k++)
        {
            if (a[k] > a[highest])
                highest = k;
        }

        return highest;
    }

    private double Median(ReadOnlySpan<float> values)
    {
        var selection = _selection.AsSpan(0, values.Length);
        values.CopyTo(selection);
        return Selection.Select(selection, values.Length / 2);
    }
}
