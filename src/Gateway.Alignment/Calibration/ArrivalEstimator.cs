using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// Finds when a known probe arrives in a recording: phase-transform cross-correlation, and the first peak instead of the highest, for
/// reflections can be louder than the direct sound. Not thread-safe. After construction nothing is allocated.
/// </summary>
/// <remarks>Every constant is the optimum of simulations in rooms: docs/measuring.md §2.</remarks>
public sealed class ArrivalEstimator
{
    /// <summary>Below this quality an estimate is not to be used.</summary>
    public const double LowestQuality = 8;

    private const double FirstPeakShare = 0.20;
    private const double FirstPeakSigmas = 5;
    private const int LookBackSamples = Probe.SampleRate / 50;
    private const int SideLobeSamples = Probe.SampleRate / 5000;

    /// <summary>Median of |x| over the standard deviation of a normal x.</summary>
    private const double MedianOfNormal = 0.6745;

    private readonly RealFft _fft;
    private readonly float[] _recordingRe;
    private readonly float[] _recordingIm;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _correlation;
    private readonly float[] _selection;

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
            _recordingRe[bin] *= gain;
            _recordingIm[bin] *= gain;
        }
    }

    /// <summary>When the probe began, searched for among the samples from <paramref name="from"/> on.</summary>
    public ArrivalEstimate Estimate(ProbeSpectrum probe, int from, int count) => Estimate(probe, from, count, from, count);

    /// <summary>The same, with the noise floor taken from another, wider range.</summary>
    public ArrivalEstimate Estimate(ProbeSpectrum probe, int from, int count, int floorFrom, int floorCount)
    {
        Correlate(probe);
        var sigma = Median(_correlation.AsSpan(floorFrom, floorCount)) / MedianOfNormal;
        var a = _correlation.AsSpan(from, count);
        var highest = IndexOfHighest(a);
        var first = FindFirstPeak(a, highest, sigma);
        return new ArrivalEstimate(from + first + Vertex(a, first), a[first] / Math.Max(sigma, 1e-30), a[first] / Math.Max(a[highest], 1e-30));
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

    private static int FindFirstPeak(ReadOnlySpan<float> a, int highest, double sigma)
    {
        var threshold = (float)Math.Max(FirstPeakShare * a[highest], FirstPeakSigmas * sigma);
        for (var k = Math.Max(1, highest - LookBackSamples); k < highest; k++)
        {
            if (a[k] > threshold && a[k] >= a[k - 1] && a[k] > a[k + 1])
                return k + IndexOfHighest(a.Slice(k, Math.Min(SideLobeSamples + 1, a.Length - k)));
        }

        return highest;
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
