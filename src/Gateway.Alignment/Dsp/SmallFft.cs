using System.Numerics;

namespace Gateway.Alignment.Dsp;

/// <summary>
/// Transforms too short for <see cref="Fft"/>'s blocks: radix-2 Stockham autosort, decimation in frequency
/// (Van Loan, "Computational Frameworks for the Fast Fourier Transform", 1992, §1.7), plain scalar code.
/// </summary>
internal sealed class SmallFft
{
    private readonly float[] _cos;
    private readonly float[] _sin;
    private readonly float[] _re;
    private readonly float[] _im;

    public SmallFft(int length)
    {
        _cos = new float[length / 2];
        _sin = new float[length / 2];
        _re = new float[length];
        _im = new float[length];
        for (var i = 0; i < length / 2; i++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * i / length);
            (_cos[i], _sin[i]) = ((float)cos, (float)sin);
        }
    }

    public void Transform(Span<float> re, Span<float> im)
    {
        Span<float> fromRe = re, fromIm = im, toRe = _re, toIm = _im;
        for (int half = re.Length / 2, stride = 1; half >= 1; half /= 2, stride *= 2)
        {
            Pass(fromRe, fromIm, toRe, toIm, half, stride);
            var usedRe = fromRe;
            var usedIm = fromIm;
            fromRe = toRe;
            fromIm = toIm;
            toRe = usedRe;
            toIm = usedIm;
        }

        if (BitOperations.Log2((uint)re.Length) % 2 == 0)
            return;

        _re.CopyTo(re);
        _im.CopyTo(im);
    }

    private void Pass(ReadOnlySpan<float> fromRe, ReadOnlySpan<float> fromIm, Span<float> toRe, Span<float> toIm, int half, int stride)
    {
        for (var p = 0; p < half; p++)
        for (var q = 0; q < stride; q++)
        {
            var a = q + stride * p;
            var b = a + stride * half;
            var sum = q + stride * 2 * p;
            var (wRe, wIm) = (_cos[p * stride], _sin[p * stride]);
            var (dRe, dIm) = (fromRe[a] - fromRe[b], fromIm[a] - fromIm[b]);
            toRe[sum] = fromRe[a] + fromRe[b];
            toIm[sum] = fromIm[a] + fromIm[b];
            toRe[sum + stride] = dRe * wRe - dIm * wIm;
            toIm[sum + stride] = dRe * wIm + dIm * wRe;
        }
    }
}
