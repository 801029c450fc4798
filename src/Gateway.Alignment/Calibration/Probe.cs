using System.Numerics;
using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// The sound by which a speaker is told apart: pseudo-noise of flat spectrum and random phase, 200 to 16 000 Hz, one code per
/// speaker. Random phases have a crest factor of 13 to 14 dB (Schroeder 1970); any two codes are uncorrelated.
/// </summary>
public static class Probe
{
    /// <summary>Frames per second.</summary>
    public const int SampleRate = 48_000;

    private const double LowestHz = 200;
    private const double HighestHz = 16_000;
    private const ulong SeedOfCode0 = 7000;

    /// <summary><paramref name="length"/> samples of rms 1.</summary>
    /// <param name="code">0 and up; equal codes give equal probes.</param>
    /// <param name="length">A power of two, 1024 to 2^20.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not one of these, or the code is negative.</exception>
    public static float[] Create(int code, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(code);
        if (length is < 1024 or > Fft.MaxLength || !BitOperations.IsPow2(length))
            throw new ArgumentOutOfRangeException(nameof(length), length, "The length of a probe must be a power of two from 1024 to 2^20.");

        return Create(code, new RealFft(length));
    }

    /// <summary>The same for a run's many probes of one length: the transform's tables and memory are several times a probe's.</summary>
    internal static float[] Create(int code, RealFft fft)
    {
        var length = fft.Length;
        var re = new float[fft.Bins];
        var im = new float[fft.Bins];
        var random = new SplitMix64(SeedOfCode0 + (ulong)code);
        for (var bin = 0; bin < fft.Bins; bin++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextUniform());
            var frequency = (double)bin * SampleRate / length;
            if (frequency is >= LowestHz and <= HighestHz)
                (re[bin], im[bin]) = ((float)cos, (float)sin);
        }

        var probe = new float[length];
        fft.Inverse(re, im, probe);
        VectorMath.Scale(probe, (float)(1 / Math.Sqrt(VectorMath.MeanSquare(probe))));
        return probe;
    }
}
