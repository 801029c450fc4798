using System.Numerics;

namespace Gateway.Alignment.Dsp;

/// <summary>
/// A plan for transforms of real signals of one power-of-two length N to N/2 + 1 bins and back, through one complex transform of N/2
/// (even samples as real, odd ones as imaginary parts; Press et al., "Numerical Recipes", §12.3).
/// Not thread-safe. Nothing is allocated after construction.
/// </summary>
public sealed class RealFft
{
    private readonly Fft _half;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _cos;
    private readonly float[] _sin;

    /// <param name="length">A power of two, 4 to 2^21.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not one of these.</exception>
    public RealFft(int length)
    {
        if (length is < 4 or > 2 * Fft.MaxLength || !BitOperations.IsPow2(length))
            throw new ArgumentOutOfRangeException(nameof(length), length, "The length of a real transform must be a power of two from 4 to 2^21.");

        _half = new Fft(length / 2);
        _re = new float[length / 2];
        _im = new float[length / 2];
        _cos = new float[length / 4 + 1];
        _sin = new float[length / 4 + 1];
        for (var k = 0; k <= length / 4; k++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * k / length);
            (_cos[k], _sin[k]) = ((float)cos, (float)sin);
        }
    }

    /// <summary>Samples per transform.</summary>
    public int Length => _half.Length * 2;

    /// <summary>Bins per transform: N/2 + 1, from 0 Hz to half the sample rate.</summary>
    public int Bins => _half.Length + 1;

    /// <summary>X[k] = Σ x[n] exp(-2πj n k / N). A shorter signal is padded with zeros.</summary>
    /// <exception cref="ArgumentException">The signal is longer than N, or a bin span is not N/2 + 1 long.</exception>
    public void Forward(ReadOnlySpan<float> signal, Span<float> re, Span<float> im)
    {
        Check(signal.Length, re.Length, im.Length);
        Split(signal);
        _half.Forward(_re, _im);

        var m = _half.Length;
        (re[0], im[0]) = (_re[0] + _im[0], 0);
        (re[m], im[m]) = (_re[0] - _im[0], 0);
        for (var k = 1; k <= m / 2; k++)
        {
            var (evenRe, evenIm) = (0.5f * (_re[k] + _re[m - k]), 0.5f * (_im[k] - _im[m - k]));
            var (oddRe, oddIm) = (0.5f * (_im[k] + _im[m - k]), 0.5f * (_re[m - k] - _re[k]));
            var (turnedRe, turnedIm) = (oddRe * _cos[k] - oddIm * _sin[k], oddRe * _sin[k] + oddIm * _cos[k]);
            (re[k], im[k]) = (evenRe + turnedRe, evenIm + turnedIm);
            (re[m - k], im[m - k]) = (evenRe - turnedRe, turnedIm - evenIm);
        }
    }

    /// <summary>The real signal whose spectrum this is; the first <c>signal.Length</c> of its N samples are given.</summary>
    /// <exception cref="ArgumentException">The signal is longer than N, or a bin span is not N/2 + 1 long.</exception>
    public void Inverse(ReadOnlySpan<float> re, ReadOnlySpan<float> im, Span<float> signal)
    {
        Check(signal.Length, re.Length, im.Length);
        var m = _half.Length;
        (_re[0], _im[0]) = (0.5f * (re[0] + re[m]), 0.5f * (re[0] - re[m]));
        for (var k = 1; k <= m / 2; k++)
        {
            var (evenRe, evenIm) = (0.5f * (re[k] + re[m - k]), 0.5f * (im[k] - im[m - k]));
            var (turnedRe, turnedIm) = (0.5f * (re[k] - re[m - k]), 0.5f * (im[k] + im[m - k]));
            var (oddRe, oddIm) = (turnedRe * _cos[k] + turnedIm * _sin[k], turnedIm * _cos[k] - turnedRe * _sin[k]);
            (_re[k], _im[k]) = (evenRe - oddIm, evenIm + oddRe);
            (_re[m - k], _im[m - k]) = (evenRe + oddIm, oddRe - evenIm);
        }

        _half.Inverse(_re, _im);
        for (var n = 0; n < signal.Length / 2; n++)
            (signal[2 * n], signal[2 * n + 1]) = (_re[n], _im[n]);
        if (signal.Length % 2 == 1)
            signal[^1] = _re[signal.Length / 2];
    }

    private void Split(ReadOnlySpan<float> signal)
    {
        var pairs = signal.Length / 2;
        for (var n = 0; n < pairs; n++)
            (_re[n], _im[n]) = (signal[2 * n], signal[2 * n + 1]);
        _re.AsSpan(pairs).Clear();
        _im.AsSpan(pairs).Clear();
        if (signal.Length % 2 == 1)
            _re[pairs] = signal[^1];
    }

    private void Check(int samples, int re, int im)
    {
        if (samples > Length || re != Bins || im != Bins)
            throw new ArgumentException($"This plan takes up to {Length} samples and {Bins} bins; got {samples} samples, {re} real and {im} imaginary parts.");
    }
}
