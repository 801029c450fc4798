using Gateway.Engine.Ports;
using Gateway.Playback.KeepAwake;
using Gateway.Sound;

namespace Gateway.Playback.Audio;

/// <summary>
/// A speaker's output from its opening to its close, whoever fills it: a group's audio thread or, between groups, the engine's loop. One of them at
/// a time; who takes it over sees all that was written before, and needs <see cref="Written"/> to know which frame is which on its clock.
/// </summary>
internal sealed class SpeakerOutput(IAudioOutput output) : IAudioOutput
{
    private const int Block = 480;
    private readonly float[] _mixed = new float[2 * Block];
    private readonly float[] _silence = new float[2 * Block];
    private readonly FaintFeed _feed = new(output.SampleRate);

    /// <summary>What is left of a sound that ended at any sample falls to a third in 5 ms: a bend, no step, and so no click.</summary>
    private readonly float _fall = MathF.Exp(-1f / (0.005f * output.SampleRate));
    private GainRamp _gain = new(float.NaN, output.SampleRate);
    private volatile float _wantedGain = 1;
    private volatile bool _keepAwake;
    private volatile Exception? _fault;
    private float _left;
    private float _right;

    /// <summary>S1: what is silent is not quite so. Set by the engine's loop.</summary>
    public bool KeepAwake
    {
        get => _keepAwake;
        set => _keepAwake = value;
    }

    /// <summary>The volume of one that has none of its own, and whether it is kept awake. By the engine's loop.</summary>
    public void Follow(PlaybackMember member)
    {
        _wantedGain = GainCurve.Of(member.VolumePercent / 100f);
        _keepAwake = member.KeepAwake;
    }

    /// <summary>Frames that the device has taken from us since it was opened.</summary>
    public long Written { get; private set; }

    /// <summary>What it holds when it is empty: the most that ever fitted. 0: nothing has yet, it is still opening.</summary>
    public int Capacity { get; private set; }
    public int SampleRate => output.SampleRate;
    public int DeepFrames => output.DeepFrames;
    public bool LatencyVisible => output.LatencyVisible;
    public double? DeclaredLatencyMs => output.DeclaredLatencyMs;
    public bool IsOpen => _fault is null && output.IsOpen;
    public string? Problem => output.Problem;

    /// <summary>A fault of ours on the way to it; null: none. Any thread.</summary>
    public Exception? Fault => _fault;

    /// <summary>Whoever fills it met a fault: it counts as closed from here on, for its owner to close and open anew. Nobody else is touched.</summary>
    public void Fail(Exception fault) => _fault ??= fault;

    public int FreeFrames
    {
        get
        {
            var free = output.FreeFrames;
            Capacity = Math.Max(Capacity, free);
            return free;
        }
    }

    public int Write(ReadOnlySpan<float> stereo)
    {
        if (_fault is not null) return 0;
        var wantedGain = _wantedGain;
        var taken = _keepAwake || _feed.IsSounding || wantedGain != 1 || _gain.Gain != 1 ? WriteMixed(stereo, wantedGain) : output.Write(stereo);
        if (taken > 0) (_left, _right) = (stereo[(2 * taken) - 2], stereo[(2 * taken) - 1]);
        Written += taken;
        return taken;
    }

    /// <summary>Frames that are missing until so many lie in the device (or as many as it holds).</summary>
    public int RoomFor(int aheadFrames)
    {
        var free = FreeFrames;
        return Math.Min(free, Math.Min(Capacity, aheadFrames) - (Capacity - free));
    }

    /// <summary>Silence, until so many frames lie in the device (or as many as it holds).</summary>
    public void FillWithSilence(int aheadFrames)
    {
        var wanted = RoomFor(aheadFrames);
        while (wanted > 0)
        {
            var block = _silence.AsSpan(0, 2 * Math.Min(Block, wanted));
            for (var i = 0; i < block.Length; i += 2) (block[i], block[i + 1]) = (_left *= _fall, _right *= _fall);
            var taken = Write(block);
            if (taken == 0) return;
            wanted -= taken;
        }
    }

    public bool TryReadClock(out OutputClock clock) => output.TryReadClock(out clock);

    public void Dispose() => output.Dispose();

    /// <summary>All that goes out is turned down, probes and test sounds too; what keeps it awake is not.</summary>
    private int WriteMixed(ReadOnlySpan<float> stereo, float wantedGain)
    {
        var frames = Math.Min(stereo.Length / 2, FreeFrames);
        for (var done = 0; done < frames; done += Block)
        {
            var block = _mixed.AsSpan(0, 2 * Math.Min(Block, frames - done));
            stereo.Slice(2 * done, block.Length).CopyTo(block);
            _gain.Apply(block, 2, wantedGain);
            _feed.AddTo(block, _keepAwake);
            var taken = output.Write(block);
            if (taken < block.Length / 2) return done + taken;
        }

        return frames;
    }
}
