using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Acoustics;

/// <summary>Background noise of a room: white noise through a third-order filter that falls by about 3 dB per octave (pink; J. O. Smith, "Spectral Audio Signal Processing").</summary>
public static class RoomNoise
{
    private static readonly double[] s_numerator = [0.049922035, -0.095993537, 0.050612699, -0.004408786];
    private static readonly double[] s_denominator = [1, -2.494956002, 2.017265875, -0.522189400];

    /// <summary><paramref name="length"/> samples of rms 1.</summary>
    public static double[] Create(ulong seed, int length)
    {
        var noise = new double[length];
        new SplitMix64(seed).FillNormal(noise);
        new IirFilter(s_numerator, s_denominator).Process(noise);
        Scale(noise);
        return noise;
    }

    private static void Scale(double[] noise)
    {
        var sum = 0.0;
        foreach (var x in noise)
            sum += x * x;
        var gain = 1 / Math.Sqrt(sum / noise.Length);
        for (var i = 0; i < noise.Length; i++)
            noise[i] *= gain;
    }
}
