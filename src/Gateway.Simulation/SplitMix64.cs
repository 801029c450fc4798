using System.Globalization;

namespace Gateway.Simulation;

/// <summary>
/// SplitMix64 (docs/measuring.md). Each device and purpose draws from a stream of its own, made from the house's seed, so
/// that no draw depends on the order in which threads happen to run.
/// </summary>
internal struct SplitMix64(ulong state)
{
    private ulong _state = state;

    /// <summary>The stream of one purpose of one device; <paramref name="count"/> numbers the occasions (the n-th connect).</summary>
    public static SplitMix64 Of(int seed, string device, string purpose, long count = 0)
    {
        // FNV-1a over the written form: stable across runs and machines, unlike string.GetHashCode.
        var hash = 14695981039346656037UL;
        foreach (var c in string.Create(CultureInfo.InvariantCulture, $"{seed}/{device}/{purpose}/{count}")) hash = (hash ^ c) * 1099511628211UL;
        return new SplitMix64(hash);
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15UL;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double NextBetween(double low, double high) => low + ((high - low) * NextUnit());

    public TimeSpan NextSeconds(double low, double high) => TimeSpan.FromSeconds(NextBetween(low, high));

    /// <summary>Two independent standard normals (Box-Muller).</summary>
    public (double First, double Second) NextNormals()
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - NextUnit()));
        var angle = 2 * Math.PI * NextUnit();
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }
}
