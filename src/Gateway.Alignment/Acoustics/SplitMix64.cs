namespace Gateway.Alignment.Acoustics;

/// <summary>
/// Random numbers that every implementation can reproduce: SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014). Normal deviates by Box and Muller (1958), cosine first.
/// </summary>
public sealed class SplitMix64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Gives from now on what another one would.</summary>
    public void ContinueFrom(SplitMix64 other) => _state = other._state;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextUniform() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal deviates, two from each pair of uniform draws; of an odd number the last pair gives one.</summary>
    public void FillNormal(Span<double> values)
    {
        for (var i = 0; i < values.Length; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - NextUniform()));
            var (sin, cos) = Math.SinCos(2 * Math.PI * NextUniform());
            values[i] = radius * cos;
            if (i + 1 < values.Length)
                values[i + 1] = radius * sin;
        }
    }
}
