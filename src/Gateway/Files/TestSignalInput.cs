namespace Gateway.Files;

/// <summary>The built-in test signal (<c>pipe:test-signal</c>): noise in bursts of an eighth of a second that never repeats, about -26 dBFS; every sample follows from its position.</summary>
internal sealed class TestSignalInput(TimeProvider time) : PacedInput(Rate, time)
{
    private const int Rate = 48_000;
    private const int Step = Rate / 8;

    public static float At(long position)
    {
        // SplitMix64's output function on the position: white, and the same at every reading.
        var z = (ulong)position * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        z ^= z >> 31;
        var noise = ((z >> 11) * (2.0 / (1UL << 53))) - 1;
        return (float)(noise * (0.02 + (0.14 * Math.Exp(-5.0 * (position % Step) / Step))));
    }

    protected override void Fill(long position, Span<float> stereo)
    {
        for (var i = 0; i < stereo.Length / 2; i++) stereo[2 * i] = stereo[(2 * i) + 1] = At(position + i);
    }
}
