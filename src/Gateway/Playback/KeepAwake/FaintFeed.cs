using Gateway.Sound;

namespace Gateway.Playback.KeepAwake;

/// <summary>
/// What holds a speaker on that switches itself off when it hears nothing (rule S1 of docs/routes.md). Such speakers judge the signal: digital silence counts as
/// none, while a sine of 30 Hz at about 1.2 % of full scale was seen to hold one awake (weirdtangent/pulse-os, pull request 238). A noise broad
/// enough for a small loudspeaker to give it out would be heard at that level; this is not: a loudspeaker that makes 90 dB of full scale makes 52 dB of
/// it at best, and less where its bass ends, while hearing begins at 59.5 dB there (ISO 226, 31.5 Hz). One owner; allocates nothing.
/// </summary>
internal sealed class FaintFeed
{
    public const double Hertz = 30;
    public const float Amplitude = 0.012f;

    /// <summary>-60 dBFS. Where more sounds by itself nothing is added: there is no room at full scale, and no need.</summary>
    private const float Quiet = 0.001f;

    /// <summary>Half the peak-to-peak width of a triangular dither for 16 bits: no speaker's decoder finds a run of equal samples.</summary>
    private const float Dither = 1f / 32768;
    private readonly double _turnCos;
    private readonly double _turnSin;
    private double _cos = 1;
    private double _sin;
    private GainRamp _gain;
    private uint _random = 2463534242;

    public FaintFeed(int sampleRate)
    {
        _gain = new GainRamp(0, sampleRate, swingMs: 500); // a fade at 30 Hz is as inaudible as the tone
        (_turnSin, _turnCos) = Math.SinCos(2 * Math.PI * Hertz / sampleRate);
    }

    /// <summary>It is not quite faded out.</summary>
    public bool IsSounding => _gain.Gain > 0;

    /// <summary>Adds itself to interleaved stereo, or fades out where it is not wanted.</summary>
    public void AddTo(Span<float> stereo, bool wanted)
    {
        var target = wanted && IsQuiet(stereo) ? 1f : 0f;
        if (target == 0 && _gain.Gain == 0) return;
        for (var i = 0; i < stereo.Length; i += 2)
        {
            var sample = _gain.Next(target) * ((Amplitude * (float)_sin) + (Dither * (NextUnit() - NextUnit())));
            stereo[i] += sample;
            stereo[i + 1] += sample;
            (_cos, _sin) = ((_cos * _turnCos) - (_sin * _turnSin), (_sin * _turnCos) + (_cos * _turnSin));
        }

        // Rounding would let it grow or shrink over days.
        var length = Math.Sqrt((_cos * _cos) + (_sin * _sin));
        (_cos, _sin) = (_cos / length, _sin / length);
    }

    private static bool IsQuiet(ReadOnlySpan<float> stereo)
    {
        foreach (var sample in stereo)
        {
            if (Math.Abs(sample) >= Quiet) return false;
        }

        return true;
    }

    // Marsaglia's xorshift, 32 bits.
    private float NextUnit()
    {
        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return _random * (1f / 4294967296f);
    }
}
