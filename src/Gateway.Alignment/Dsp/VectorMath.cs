using System.Numerics;
using System.Runtime.InteropServices;

namespace Gateway.Alignment.Dsp;

/// <summary>Element-wise loops on spans of equal length.</summary>
internal static class VectorMath
{
    public static void Scale(Span<float> values, float factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var i = 0; i < vectors.Length; i++)
            vectors[i] *= factor;
        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
            values[i] *= factor;
    }

    /// <summary>a *= b.</summary>
    public static void ComplexMultiply(Span<float> aRe, Span<float> aIm, ReadOnlySpan<float> bRe, ReadOnlySpan<float> bIm)
    {
        var length = aRe.Length;
        aIm = aIm[..length];
        bRe = bRe[..length];
        bIm = bIm[..length];
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (xRe, xIm) = (new Vector<float>(aRe[i..]), new Vector<float>(aIm[i..]));
            var (yRe, yIm) = (new Vector<float>(bRe[i..]), new Vector<float>(bIm[i..]));
            (xRe * yRe - xIm * yIm).CopyTo(aRe[i..]);
            (xRe * yIm + xIm * yRe).CopyTo(aIm[i..]);
        }

        for (; i < length; i++)
            (aRe[i], aIm[i]) = (aRe[i] * bRe[i] - aIm[i] * bIm[i], aRe[i] * bIm[i] + aIm[i] * bRe[i]);
    }

    public static double MeanSquare(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
            sum += (double)value * value;
        return values.IsEmpty ? 0 : sum / values.Length;
    }
}
