using Gateway.Alignment.Dsp;

namespace Gateway.Benchmarks.Sync;

/// <summary>Offset of one virtual speaker against another: cross-correlation of 2.7 s, |X Y*|^0.7 whitening, 150 to 15 000 Hz, parabola.</summary>
internal sealed class PairCorrelator
{
    public const double Hop = 0.5;
    private const int Size = 1 << 17;
    private const double Whitening = -0.35; // of the squared magnitude: |C|^-0.7
    private readonly RealFft _fft = new(Size);
    private readonly float[] _signal = new float[Size];
    private readonly float[][] _parts;
    private readonly float[] _correlation = new float[Size];

    public PairCorrelator() => _parts = [.. Enumerable.Range(0, 4).Select(_ => new float[_fft.Bins])];

    public static double WindowSeconds => Size / 48_000.0;

    /// <summary>Positive: <paramref name="second"/> is later.</summary>
    public double OffsetMs(VirtualSpeaker first, VirtualSpeaker second, double nanoseconds)
    {
        Transform(first, nanoseconds, _parts[0], _parts[1]);
        Transform(second, nanoseconds, _parts[2], _parts[3]);
        for (var k = 0; k < _fft.Bins; k++)
        {
            var hertz = k * 48_000.0 / Size;
            var re = (_parts[2][k] * _parts[0][k]) + (_parts[3][k] * _parts[1][k]);
            var im = (_parts[3][k] * _parts[0][k]) - (_parts[2][k] * _parts[1][k]);
            var power = (re * re) + (im * im);
            var weight = hertz is >= 150 and <= 15_000 && power > 1e-30f ? (float)Math.Pow(power, Whitening) : 0;
            (_parts[0][k], _parts[1][k]) = (weight * re, weight * im);
        }

        _fft.Inverse(_parts[0], _parts[1], _correlation);
        var best = 0;
        for (var i = 1; i < Size; i++)
        {
            if (_correlation[i] > _correlation[best]) best = i;
        }

        double before = _correlation[(best + Size - 1) % Size], peak = _correlation[best], after = _correlation[(best + 1) % Size];
        var lag = best + (0.5 * (before - after) / (before - (2 * peak) + after));
        return (lag > Size / 2 ? lag - Size : lag) / 48;
    }

    /// <summary>With a Hann window: the ends do not match.</summary>
    private void Transform(VirtualSpeaker speaker, double nanoseconds, float[] re, float[] im)
    {
        speaker.Listen(nanoseconds, _signal);
        for (var i = 0; i < Size; i++) _signal[i] *= (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Size)));
        _fft.Forward(_signal, re, im);
    }
}
