using Gateway.Alignment.Acoustics;

namespace Gateway.Benchmarks.Alignment;

/// <summary>A speaker's clock as in D1-D6: a constant skew of up to 100 ppm, a random walk of 0.02 ppm per √s and a swing of 2 ppm in ten minutes.</summary>
internal sealed class SimulatedClock
{
    private readonly SplitMix64 _random;
    private readonly double _constant;
    private readonly double _phase;
    private double _walk;

    public SimulatedClock(SplitMix64 random)
    {
        _random = random;
        _constant = 200 * random.NextUniform() - 100;
        _phase = 2 * Math.PI * random.NextUniform();
    }

    /// <summary>The mean skew of the next step, ppm.</summary>
    public double Step(double time, double seconds)
    {
        Span<double> normal = stackalloc double[1];
        _random.FillNormal(normal);
        _walk += 0.02 * Math.Sqrt(seconds) * normal[0];
        return _constant + _walk + 2 * Math.Sin(2 * Math.PI * time / 600 + _phase);
    }
}
