using Gateway.Playback.Tracking;
using Gateway.Sound;

namespace Gateway.Playback.Audio;

/// <summary>
/// What one output gets of the timeline: the music and the noise hidden under it, their gain, and a probe beside them. Where the place that is read jumps, the places
/// before and after are cross-faded. Audio thread only; allocates nothing after construction.
/// </summary>
/// <param name="mostFrames">That are ever asked for at once.</param>
internal sealed class LaneMix(Timeline timeline, int mostFrames, bool muted)
{
    public const int FadeFrames = 15 * Timeline.SampleRate / 1000;

    private readonly float[] _faded = new float[2 * mostFrames];
    private long _position; // of the next frame
    private long _fadeFrom;
    private int _fadeLeft;
    private GainRamp _gain = new(0, Timeline.SampleRate);
    private bool _muted = muted;
    private bool _ducked;
    private float[]? _probe;
    private long _probeStart;
    private float _probeGain;
    private HiddenProbe? _hiddenProbe;

    /// <summary>Nobody listens: it is muted, and no probe is measured meanwhile.</summary>
    public bool IsMuted => _muted && !_ducked;

    /// <summary>One jump at a time.</summary>
    public bool IsFading => _fadeLeft > 0;

    private float WantedGain => _muted || _ducked ? 0 : 1;

    public void SetMuted(bool muted) => _muted = muted;

    /// <summary>Silences the music, for a while and not for the user: while probes play.</summary>
    public void SetDucked(bool ducked) => _ducked = ducked;

    /// <summary>Mixes a mono signal in, from a position of the timeline on; null: none.</summary>
    public void SetProbe(float[]? probe, long start, float gain) => (_probe, _probeStart, _probeGain) = (probe, start, gain);

    /// <summary>Hides a noise of this output's own under the music; null: none.</summary>
    public void SetHiddenProbe(HiddenProbe? probe) => _hiddenProbe = probe;

    /// <summary>Reads from there on, out of silence.</summary>
    public void Start(long position)
    {
        (_position, _fadeLeft) = (position, 0);
        _gain = new GainRamp(0, Timeline.SampleRate);
    }

    public void Jump(long frames)
    {
        (_fadeFrom, _fadeLeft) = (_position, FadeFrames);
        _position += frames;
    }

    /// <summary>The next frames; false: the timeline does not reach so far yet.</summary>
    public bool TryRender(Span<float> into)
    {
        var frames = into.Length / 2;
        if ((IsFading ? Math.Max(_position, _fadeFrom) : _position) + frames > timeline.End) return false;
        var gain = _gain;
        Render(_position, into, ref gain);
        if (IsFading) CrossFade(into, frames);
        _gain = gain;
        _position += frames;
        return true;
    }

    private void Render(long position, Span<float> into, ref GainRamp gain)
    {
        timeline.Read(position, into);
        gain.Apply(into, 2, WantedGain);
        _hiddenProbe?.MixInto(position, into, gain.Gain);
        if (_probe is null) return;
        for (var i = 0; i < into.Length / 2; i++)
        {
            var at = position + i - _probeStart;
            if (at < 0 || at >= _probe.Length) continue;
            var sample = _probeGain * _probe[at];
            into[2 * i] += sample;
            into[(2 * i) + 1] += sample;
        }
    }

    /// <summary>Equal power: the two places of the music are not alike. Both go through one and the same ramp of the gain.</summary>
    private void CrossFade(Span<float> into, int frames)
    {
        var old = _faded.AsSpan(0, 2 * frames);
        var gain = _gain;
        Render(_fadeFrom, old, ref gain);
        for (var i = 0; i < frames; i++)
        {
            var done = Math.Min(1, (FadeFrames - _fadeLeft + 1) / (float)FadeFrames);
            var (sin, cos) = MathF.SinCos(done * MathF.PI / 2);
            into[2 * i] = (sin * into[2 * i]) + (cos * old[2 * i]);
            into[(2 * i) + 1] = (sin * into[(2 * i) + 1]) + (cos * old[(2 * i) + 1]);
            if (_fadeLeft > 0) _fadeLeft--;
        }

        _fadeFrom += frames;
    }
}
