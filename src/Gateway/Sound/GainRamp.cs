namespace Gateway.Sound;

/// <summary>A gain on its way to where it is wanted, evenly and without a click: the one ramp of every way of sound. A value: a copy runs the same ramp once more.</summary>
/// <param name="gain">Where it begins; NaN: where it is wanted first.</param>
/// <param name="swingMs">What a full swing takes; 20 ms are heard as neither a click nor a fade.</param>
internal struct GainRamp(float gain, int sampleRate, int swingMs = 20)
{
    private readonly float _step = 1000f / swingMs / sampleRate;

    public float Gain { get; private set; } = gain;

    /// <summary>The next frame's.</summary>
    public float Next(float wanted)
    {
        if (Gain < wanted) Gain = Math.Min(wanted, Gain + _step);
        else if (Gain > wanted) Gain = Math.Max(wanted, Gain - _step);
        else Gain = wanted; // or it is its first
        return Gain;
    }

    /// <summary>Scales interleaved frames in place.</summary>
    public void Apply(Span<float> frames, int channels, float wanted)
    {
        if (Gain == 1 && wanted == 1) return;
        for (var i = 0; i < frames.Length; i += channels)
        {
            var gain = Next(wanted);
            for (var channel = 0; channel < channels; channel++) frames[i + channel] *= gain;
        }
    }
}
