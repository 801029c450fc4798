using Gateway.Alignment.Acoustics;

namespace Gateway.Benchmarks.Alignment;

/// <summary>Errors of the ways to measure an offset, in µs (D1-D4).</summary>
internal static class Measurements
{
    /// <summary>The median of 20 one-sided delays lies above zero by as much for every speaker: calibration takes it away.</summary>
    private const double ReportsMedianUs = 1_557;

    public static double Cable(SplitMix64 random) => 7.5 * Normal(random);

    public static double Microphone(SplitMix64 random) =>
        random.NextUniform() < 0.02 ? 10_000 * random.NextUniform() - 5_000 : 60 * Normal(random);

    /// <summary>Four timestamps: half the difference of the two ways, of the exchange with the least round trip out of 8.</summary>
    public static double Wifi(SplitMix64 random)
    {
        var (best, error) = (double.MaxValue, 0.0);
        for (var exchange = 0; exchange < 8; exchange++)
        {
            var (up, down) = (Queue(random, 1_000, 0.03, 15_000), Queue(random, 1_000, 0.03, 15_000));
            if (up + down < best)
                (best, error) = (up + down, (up - down) / 2);
        }

        return error;
    }

    public static double Reports(SplitMix64 random)
    {
        var delays = new double[20];
        for (var i = 0; i < delays.Length; i++)
            delays[i] = Queue(random, 2_000, 0.05, 20_000);
        Array.Sort(delays);
        return (delays[9] + delays[10]) / 2 - ReportsMedianUs;
    }

    private static double Queue(SplitMix64 random, double meanUs, double burstShare, double burstUs) =>
        -meanUs * Math.Log(1 - random.NextUniform()) + (random.NextUniform() < burstShare ? burstUs : 0);

    private static double Normal(SplitMix64 random)
    {
        Span<double> normal = stackalloc double[1];
        random.FillNormal(normal);
        return normal[0];
    }
}
