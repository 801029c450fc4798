namespace Gateway.Simulation;

/// <summary>
/// Transforms of real signals of one power-of-two length N to N/2 + 1 bins and back, through one complex radix-2 transform
/// of N/2 points (even samples as real, odd ones as imaginary parts). Not thread-safe; allocates nothing after construction.
/// </summary>
internal sealed class RealFft
{
    private readonly int _half;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _cos; // of 2 pi k / N, k < N/2
    private readonly float[] _sin;
    private readonly int[] _reversed;

    public RealFft(int length)
    {
        _half = length / 2;
        _re = new float[_half];
        _im = new float[_half];
        _cos = new float[_half];
        _sin = new float[_half];
        _reversed = new int[_half];
        for (var k = 0; k < _half; k++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * k / length);
            (_cos[k], _sin[k]) = ((float)cos, (float)sin);
            if (k > 0) _reversed[k] = (_reversed[k >> 1] >> 1) | ((k & 1) * (_half >> 1));
        }
    }

    public int Bins => _half + 1;

    /// <summary>A shorter signal is padded with zeros.</summary>
    public void Forward(ReadOnlySpan<float> signal, Span<float> re, Span<float> im)
    {
        for (var n = 0; n < _half; n++)
        {
            _re[n] = 2 * n < signal.Length ? signal[2 * n] : 0;
            _im[n] = (2 * n) + 1 < signal.Length ? signal[(2 * n) + 1] : 0;
        }

        Transform(_re, _im);
        (re[0], im[0]) = (_re[0] + _im[0], 0);
        (re[_half], im[_half]) = (_re[0] - _im[0], 0);
        for (var k = 1; k < _half; k++)
        {
            var other = _half - k;
            var (evenRe, evenIm) = (0.5f * (_re[k] + _re[other]), 0.5f * (_im[k] - _im[other]));
            var (oddRe, oddIm) = (0.5f * (_im[k] + _im[other]), 0.5f * (_re[other] - _re[k]));
            re[k] = evenRe + (oddRe * _cos[k]) - (oddIm * _sin[k]);
            im[k] = evenIm + (oddRe * _sin[k]) + (oddIm * _cos[k]);
        }
    }

    /// <summary>The first <c>signal.Length</c> of the N samples.</summary>
    public void Inverse(ReadOnlySpan<float> re, ReadOnlySpan<float> im, Span<float> signal)
    {
        for (var k = 0; k < _half; k++)
        {
            var other = _half - k;
            var (evenRe, evenIm) = (0.5f * (re[k] + re[other]), 0.5f * (im[k] - im[other]));
            var (turnedRe, turnedIm) = (0.5f * (re[k] - re[other]), 0.5f * (im[k] + im[other]));
            var (oddRe, oddIm) = ((turnedRe * _cos[k]) + (turnedIm * _sin[k]), (turnedIm * _cos[k]) - (turnedRe * _sin[k]));
            (_re[k], _im[k]) = (evenRe - oddIm, evenIm + oddRe);
        }

        Transform(_im, _re); // exchanging the parts conjugates the kernel
        var scale = 1f / _half;
        for (var n = 0; n < signal.Length; n++) signal[n] = scale * ((n & 1) == 0 ? _re[n >> 1] : _im[n >> 1]);
    }

    private void Transform(float[] re, float[] im)
    {
        for (var k = 0; k < _half; k++)
        {
            var other = _reversed[k];
            if (other <= k) continue;
            (re[k], re[other]) = (re[other], re[k]);
            (im[k], im[other]) = (im[other], im[k]);
        }

        for (var size = 2; size <= _half; size *= 2)
        {
            var stride = 2 * _half / size;
            for (var start = 0; start < _half; start += size) Butterflies(re.AsSpan(start, size), im.AsSpan(start, size), stride);
        }
    }

    private void Butterflies(Span<float> re, Span<float> im, int stride)
    {
        var half = re.Length / 2;
        for (var k = 0; k < half; k++)
        {
            var (cos, sin) = (_cos[k * stride], _sin[k * stride]);
            var (turnedRe, turnedIm) = ((re[k + half] * cos) - (im[k + half] * sin), (re[k + half] * sin) + (im[k + half] * cos));
            (re[k + half], im[k + half]) = (re[k] - turnedRe, im[k] - turnedIm);
            (re[k], im[k]) = (re[k] + turnedRe, im[k] + turnedIm);
        }
    }
}
