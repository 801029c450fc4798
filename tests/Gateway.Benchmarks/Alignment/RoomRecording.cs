using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Dsp;

namespace Gateway.Benchmarks.Alignment;

/// <summary>What a microphone hears: speakers in rooms, and noise, with the random numbers of docs/measuring.md §6.</summary>
internal sealed class RoomRecording
{
    private readonly RealFft _fft;
    private readonly float[] _re;
    private readonly float[] _im;
    private readonly float[] _responseRe;
    private readonly float[] _responseIm;
    private readonly float[] _heard;

    /// <param name="fftLength">Power of two, at least as long as what is played and the response together.</param>
    public RoomRecording(int fftLength)
    {
        _fft = new RealFft(fftLength);
        _re = new float[_fft.Bins];
        _im = new float[_fft.Bins];
        _responseRe = new float[_fft.Bins];
        _responseIm = new float[_fft.Bins];
        _heard = new float[fftLength];
        Samples = new double[fftLength];
    }

    public double[] Samples { get; }

    /// <summary>Mean square of the loudest speaker alone.</summary>
    public double LoudestPower { get; private set; }

    public void Clear()
    {
        Samples.AsSpan().Clear();
        LoudestPower = 0;
    }

    /// <summary>Adds a speaker that plays <paramref name="signal"/> from sample <paramref name="start"/> on.</summary>
    public void Play(ReadOnlySpan<float> signal, Room room, double gain, int start = 0)
    {
        _fft.Forward(signal, _re, _im);
        _fft.Forward(room.ImpulseResponse.Select(h => (float)(gain * h)).ToArray(), _responseRe, _responseIm);
        for (var bin = 0; bin < _re.Length; bin++)
        {
            (_re[bin], _im[bin]) = (
                _re[bin] * _responseRe[bin] - _im[bin] * _responseIm[bin],
                _re[bin] * _responseIm[bin] + _im[bin] * _responseRe[bin]);
        }

        _fft.Inverse(_re, _im, _heard);
        for (var n = 0; n < _heard.Length - start; n++)
            Samples[start + n] += _heard[n];

        var from = (int)room.ArrivalSamples;
        LoudestPower = Math.Max(LoudestPower, Power(_heard.AsSpan(from, Math.Min(signal.Length, _heard.Length - from))));
    }

    public void AddNoise(ulong seed, double power)
    {
        var noise = RoomNoise.Create(seed, Samples.Length);
        var gain = Math.Sqrt(power);
        for (var n = 0; n < noise.Length; n++)
            Samples[n] += gain * noise[n];
    }

    public float[] ToSingle() => Array.ConvertAll(Samples, x => (float)x);

    public static double Power(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var x in samples)
            sum += (double)x * x;
        return sum / samples.Length;
    }
}
