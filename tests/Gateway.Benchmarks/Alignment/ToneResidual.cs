namespace Gateway.Benchmarks.Alignment;

/// <summary>What is left of a tone in the left channel after the best sine of its frequency is taken away (least squares), relative to that sine.</summary>
internal static class ToneResidual
{
    private const int EdgeFrames = 400;

    public static double Decibels(float[] stereo, double cyclesPerFrame)
    {
        var (cc, ss, cs, cy, sy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (var n = EdgeFrames; n < stereo.Length / 2 - EdgeFrames; n++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * cyclesPerFrame * n);
            (cc, ss, cs, cy, sy) = (cc + cos * cos, ss + sin * sin, cs + cos * sin, cy + cos * stereo[2 * n], sy + sin * stereo[2 * n]);
        }

        var a = (cy * ss - sy * cs) / (cc * ss - cs * cs);
        var b = (sy * cc - cy * cs) / (cc * ss - cs * cs);
        var (residual, tone) = (0.0, 0.0);
        for (var n = EdgeFrames; n < stereo.Length / 2 - EdgeFrames; n++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * cyclesPerFrame * n);
            var fitted = a * cos + b * sin;
            residual += (stereo[2 * n] - fitted) * (stereo[2 * n] - fitted);
            tone += fitted * fitted;
        }

        return 10 * Math.Log10(residual / tone);
    }
}
