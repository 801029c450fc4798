using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Alignment.Dsp;

/// <summary>
/// Transforms 16 interleaved columns at once: radix-4 Stockham autosort, decimation in frequency (Van Loan 1992, §2.4), one
/// radix-2 pass at the end for odd powers. Twiddle-free last passes write straight to the target with its row stride.
/// References instead of spans: the inner loops carry no bounds checks; <see cref="Fft"/> has checked the lengths.
/// </summary>
internal sealed class ColumnFft
{
    public const int Columns = 16;

    private readonly int _length;
    private readonly float[][] _twiddles;
    private readonly float[] _aRe;
    private readonly float[] _aIm;
    private readonly float[] _bRe;
    private readonly float[] _bIm;

    /// <param name="length">A power of two, at least 16.</param>
    public ColumnFft(int length)
    {
        _length = length;
        _aRe = new float[length * Columns];
        _aIm = new float[length * Columns];
        _bRe = new float[length * Columns];
        _bIm = new float[length * Columns];
        var passes = new List<float[]>();
        for (var n = length; n > 4; n /= 4)
            passes.Add(CreateTwiddles(n));
        _twiddles = [.. passes];
    }

    /// <summary>Row r of the 16 columns lies at r × stride from each reference.</summary>
    public void Transform(ref float fromRe, ref float fromIm, int fromStride, ref float toRe, ref float toIm, int toStride)
    {
        ref var aRe = ref MemoryMarshal.GetArrayDataReference(_aRe);
        ref var aIm = ref MemoryMarshal.GetArrayDataReference(_aIm);
        ref var bRe = ref MemoryMarshal.GetArrayDataReference(_bRe);
        ref var bIm = ref MemoryMarshal.GetArrayDataReference(_bIm);

        Radix4(_twiddles[0], ref fromRe, ref fromIm, fromStride, ref aRe, ref aIm, Columns);
        var run = Columns;
        for (var pass = 1; pass < _twiddles.Length; pass++)
        {
            run *= 4;
            Radix4(_twiddles[pass], ref aRe, ref aIm, run, ref bRe, ref bIm, run);
            ref var usedRe = ref aRe;
            ref var usedIm = ref aIm;
            aRe = ref bRe;
            aIm = ref bIm;
            bRe = ref usedRe;
            bIm = ref usedIm;
        }

        var rows = run * 4 / Columns;
        if (_length / rows == 4)
            LastRadix4(ref aRe, ref aIm, rows, ref toRe, ref toIm, toStride);
        else
            LastRadix2(ref aRe, ref aIm, rows, ref toRe, ref toIm, toStride);
    }

    /// <summary>One pass; <paramref name="run"/> neighbouring values share their twiddle factors.</summary>
    private static void Radix4(
        float[] twiddles, ref float fromRe, ref float fromIm, int fromStride, ref float toRe, ref float toIm, int run)
    {
        var groups = twiddles.Length / 6;
        var leg = (nuint)(groups * fromStride);
        for (var group = 0; group < groups; group++)
        {
            var w = twiddles.AsSpan(group * 6, 6);
            var (w1Re, w1Im) = (new Vector<float>(w[0]), new Vector<float>(w[1]));
            var (w2Re, w2Im) = (new Vector<float>(w[2]), new Vector<float>(w[3]));
            var (w3Re, w3Im) = (new Vector<float>(w[4]), new Vector<float>(w[5]));
            var from = (nuint)(group * fromStride);
            var to = (nuint)(group * 4 * run);
            var end = to + (nuint)run;
            for (; to < end; to += (nuint)Vector<float>.Count, from += (nuint)Vector<float>.Count)
            {
                Butterfly(ref fromRe, ref fromIm, from, leg, out var sumRe, out var sumIm, out var v1Re, out var v1Im,
                    out var v2Re, out var v2Im, out var v3Re, out var v3Im);
                sumRe.StoreUnsafe(ref toRe, to);
                sumIm.StoreUnsafe(ref toIm, to);
                StoreProduct(v1Re, v1Im, w1Re, w1Im, ref toRe, ref toIm, to + (nuint)run);
                StoreProduct(v2Re, v2Im, w2Re, w2Im, ref toRe, ref toIm, to + (nuint)(2 * run));
                StoreProduct(v3Re, v3Im, w3Re, w3Im, ref toRe, ref toIm, to + (nuint)(3 * run));
            }
        }
    }

    private static void LastRadix4(ref float fromRe, ref float fromIm, int rows, ref float toRe, ref float toIm, int toStride)
    {
        var leg = (nuint)(rows * Columns);
        var toLeg = (nuint)rows * (nuint)toStride;
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < Columns; column += Vector<float>.Count)
        {
            Butterfly(ref fromRe, ref fromIm, (nuint)(row * Columns + column), leg, out var sumRe, out var sumIm, out var v1Re, out var v1Im,
                out var v2Re, out var v2Im, out var v3Re, out var v3Im);
            var to = (nuint)row * (nuint)toStride + (nuint)column;
            sumRe.StoreUnsafe(ref toRe, to);
            sumIm.StoreUnsafe(ref toIm, to);
            v1Re.StoreUnsafe(ref toRe, to + toLeg);
            v1Im.StoreUnsafe(ref toIm, to + toLeg);
            v2Re.StoreUnsafe(ref toRe, to + 2 * toLeg);
            v2Im.StoreUnsafe(ref toIm, to + 2 * toLeg);
            v3Re.StoreUnsafe(ref toRe, to + 3 * toLeg);
            v3Im.StoreUnsafe(ref toIm, to + 3 * toLeg);
        }
    }

    private static void LastRadix2(ref float fromRe, ref float fromIm, int rows, ref float toRe, ref float toIm, int toStride)
    {
        var leg = (nuint)(rows * Columns);
        var toLeg = (nuint)rows * (nuint)toStride;
        for (var row = 0; row < rows; row++)
        for (var column = 0; column < Columns; column += Vector<float>.Count)
        {
            var from = (nuint)(row * Columns + column);
            var to = (nuint)row * (nuint)toStride + (nuint)column;
            var (aRe, aIm) = (Vector.LoadUnsafe(ref fromRe, from), Vector.LoadUnsafe(ref fromIm, from));
            var (bRe, bIm) = (Vector.LoadUnsafe(ref fromRe, from + leg), Vector.LoadUnsafe(ref fromIm, from + leg));
            (aRe + bRe).StoreUnsafe(ref toRe, to);
            (aIm + bIm).StoreUnsafe(ref toIm, to);
            (aRe - bRe).StoreUnsafe(ref toRe, to + toLeg);
            (aIm - bIm).StoreUnsafe(ref toIm, to + toLeg);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterfly(
        ref float re, ref float im, nuint at, nuint leg, out Vector<float> v0Re, out Vector<float> v0Im, out Vector<float> v1Re,
        out Vector<float> v1Im, out Vector<float> v2Re, out Vector<float> v2Im, out Vector<float> v3Re, out Vector<float> v3Im)
    {
        var (aRe, aIm) = (Vector.LoadUnsafe(ref re, at), Vector.LoadUnsafe(ref im, at));
        var (bRe, bIm) = (Vector.LoadUnsafe(ref re, at + leg), Vector.LoadUnsafe(ref im, at + leg));
        var (cRe, cIm) = (Vector.LoadUnsafe(ref re, at + 2 * leg), Vector.LoadUnsafe(ref im, at + 2 * leg));
        var (dRe, dIm) = (Vector.LoadUnsafe(ref re, at + 3 * leg), Vector.LoadUnsafe(ref im, at + 3 * leg));
        var (acRe, acIm, amcRe, amcIm) = (aRe + cRe, aIm + cIm, aRe - cRe, aIm - cIm);
        var (bdRe, bdIm, bmdRe, bmdIm) = (bRe + dRe, bIm + dIm, bRe - dRe, bIm - dIm);
        (v0Re, v0Im) = (acRe + bdRe, acIm + bdIm);
        (v1Re, v1Im) = (amcRe + bmdIm, amcIm - bmdRe);
        (v2Re, v2Im) = (acRe - bdRe, acIm - bdIm);
        (v3Re, v3Im) = (amcRe - bmdIm, amcIm + bmdRe);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreProduct(
        Vector<float> re, Vector<float> im, Vector<float> wRe, Vector<float> wIm, ref float toRe, ref float toIm, nuint at)
    {
        Vector.MultiplyAddEstimate(re, wRe, -(im * wIm)).StoreUnsafe(ref toRe, at);
        Vector.MultiplyAddEstimate(re, wIm, im * wRe).StoreUnsafe(ref toIm, at);
    }

    /// <summary>w, w², w³ (real, imaginary) for w = exp(-2πj p / n), p = 0 … n/4 - 1.</summary>
    private static float[] CreateTwiddles(int n)
    {
        var twiddles = new float[n / 4 * 6];
        for (var p = 0; p < n / 4; p++)
        for (var power = 1; power <= 3; power++)
        {
            var (sin, cos) = Math.SinCos(-2 * Math.PI * p * power / n);
            twiddles[p * 6 + (power - 1) * 2] = (float)cos;
            twiddles[p * 6 + (power - 1) * 2 + 1] = (float)sin;
        }

        return twiddles;
    }
}
