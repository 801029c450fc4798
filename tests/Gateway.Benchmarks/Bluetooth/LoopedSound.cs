using System.Numerics;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>A sound that is played over and over, and where in it something that was heard is.</summary>
internal sealed class LoopedSound(float[] samples)
{
    private int Length => samples.Length;

    /// <summary>
    /// Where in it a piece of sound is: its place in frames (a fraction within one), and how alike the two are there (1: the same but for the volume).
    /// </summary>
    /// <param name="near">Only places within <paramref name="within"/> frames of it; null: anywhere.</param>
    public (double Place, double Likeness) Find(ReadOnlySpan<float> heard, double? near, int within)
    {
        var from = near is { } place ? (int)Math.Round(place) - within : 0;
        var count = near is null ? Length : (2 * within) + 1;
        var best = 0;
        var most = double.NegativeInfinity;
        for (var i = 0; i < count; i++)
        {
            var likeness = Dot(heard, from + i);
            if (likeness > most) (most, best) = (likeness, from + i);
        }

        var (before, after) = (Dot(heard, best - 1), Dot(heard, best + 1));
        var bend = before - (2 * most) + after;
        var fraction = bend == 0 ? 0 : Math.Clamp(0.5 * (before - after) / bend, -0.5, 0.5);
        return (best + fraction, LikenessAt(heard, best, fraction));
    }

    /// <summary>The correlation with the sound as it is between two samples.</summary>
    private double LikenessAt(ReadOnlySpan<float> heard, int at, double fraction)
    {
        var taps = Sinc.TapsAt(fraction);
        var around = new float[heard.Length + taps.Length - 1];
        for (var i = 0; i < around.Length; i++) around[i] = samples[Wrapped(at + i - Sinc.Reach)];
        double cross = 0, own = 0;
        for (var i = 0; i < heard.Length; i++)
        {
            double sample = Dot(taps, around.AsSpan(i, taps.Length));
            (cross, own) = (cross + (sample * heard[i]), own + (sample * sample));
        }

        return cross / Math.Sqrt((own * Dot(heard, heard)) + 1e-12);
    }

    private double Dot(ReadOnlySpan<float> heard, int at)
    {
        at = Wrapped(at);
        var first = Math.Min(heard.Length, Length - at);
        return Dot(heard[..first], samples.AsSpan(at, first)) + Dot(heard[first..], samples.AsSpan(0, heard.Length - first));
    }

    private int Wrapped(int at) => ((at % Length) + Length) % Length;

    private static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= a.Length; i += Vector<float>.Count) sum += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        var total = (double)Vector.Sum(sum);
        for (; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }
}
