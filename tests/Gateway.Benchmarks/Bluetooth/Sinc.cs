namespace Gateway.Benchmarks.Bluetooth;

/// <summary>What a sound is between two of its samples: a windowed sinc of its own, so that nothing is judged by the product's resampler.</summary>
internal static class Sinc
{
    /// <summary>Samples to each side.</summary>
    public const int Reach = 16;

    /// <summary>Weights of the samples from <c>-Reach</c> to <c>Reach</c> for the place <paramref name="fraction"/> after the middle one.</summary>
    public static float[] TapsAt(double fraction)
    {
        var taps = new float[(2 * Reach) + 1];
        for (var k = -Reach; k <= Reach; k++)
        {
            var x = Math.PI * (k - fraction);
            taps[k + Reach] = (float)((Math.Abs(x) < 1e-9 ? 1 : Math.Sin(x) / x) * (0.5 + (0.5 * Math.Cos(x / (Reach + 1)))));
        }

        return taps;
    }
}
