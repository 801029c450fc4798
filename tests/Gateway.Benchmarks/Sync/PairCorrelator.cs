using Gateway.Alignment.Dsp;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// Offset between two speakers by what they played: cross-correlation of windows of common time, |X Y*|^0.7 whitening, 150 to 18 000 Hz, parabola.
/// The signal never repeats, so every lag up to the window is unambiguous; a peak that does not stand out is no answer (NaN).
/// </summary>
internal sealed class PairCorrelator
{
    private const float Whitening = -0.35f; // of the squared magnitude: |C|^-0.7
    private const double LowestPeak = 8; // over the correlation's rms; noise alone reaches 5 in 2^17 lags
    private readonly RealFft _fft;
    private readonly int _size;
    private readonly float[] _window;
    private readonly float[] _signal;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _correlation;

    /// <param name="frames">Length of the window.</param>
    public PairCorrelator(int frames)
    {
        _size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)frames + 1);
        _fft = new RealFft(_size);
        _window = [.. Enumerable.Range(0, frames).Select(i => (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * (i + 0.5) / frames))))];
        (_signal, _correlation) = (new float[_size], new float[_size]);
        (_re, _im) = (new float[_fft.Bins], new float[_fft.Bins]);
    }

    public double Seconds => _window.Length / 48_000.0;

    /// <summary>What a speaker played from an instant on, as a spectrum.</summary>
    public (float[] Re, float[] Im) Hear(VirtualSpeaker speaker, double nanoseconds)
    {
        speaker.Listen(nanoseconds, _signal.AsSpan(0, _window.Length));
        return Transform();
    }

    /// <summary>The same of a signal that begins at its sample <paramref name="from"/>.</summary>
    public (float[] Re, float[] Im) Hear(ReadOnlySpan<float> signal, int from)
    {
        signal.Slice(from, _window.Length).CopyTo(_signal);
        return Transform();
    }

    /// <summary>Positive: <paramref name="second"/> is later. NaN: they have nothing in common.</summary>
    public double OffsetMs((float[] Re, float[] Im) first, (float[] Re, float[] Im) second)
    {
        for (var k = 0; k < _fft.Bins; k++)
        {
            var hertz = k * 48_000.0 / _size;
            var re = (second.Re[k] * first.Re[k]) + (second.Im[k] * first.Im[k]);
            var im = (second.Im[k] * first.Re[k]) - (second.Re[k] * first.Im[k]);
            var power = (re * re) + (im * im);
            var weight = hertz is >= 150 and <= 18_000 && power > 1e-20f ? MathF.Pow(power, Whitening) : 0;
            (_re[k], _im[k]) = (weight * re, weight * im);
        }

        _fft.Inverse(_re, _im, _correlation);
        var (best, energy) = (0, 0.0);
        for (var i = 0; i < _size; i++)
        {
            energy += _correlation[i] * _correlation[i];
            if (_correlation[i] > _correlation[best]) best = i;
        }

        double before = _correlation[(best + _size - 1) % _size], peak = _correlation[best], after = _correlation[(best + 1) % _size];
        if (!(peak > LowestPeak * Math.Sqrt(energy / _size))) return double.NaN;
        var lag = best + (0.5 * (before - after) / (before - (2 * peak) + after));
        return (lag > _size / 2 ? lag - _size : lag) / 48;
    }

    private (float[] Re, float[] Im) Transform()
    {
        for (var i = 0; i < _window.Length; i++) _signal[i] *= _window[i];
        var (re, im) = (new float[_fft.Bins], new float[_fft.Bins]);
        _fft.Forward(_signal, re, im);
        return (re, im);
    }
}
