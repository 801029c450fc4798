using Gateway.Alignment.Drift;
using Gateway.Alignment.Dsp;
using Gateway.Playback.Tracking;
using Gateway.Sound;

namespace Gateway.Playback.Audio;

/// <summary>
/// The way from the timeline to one output: gain, delay, variable-rate resampler. Primes the output with silence, starts on the
/// group's line by what its clock shows, and is kept there by a drift loop. A gap never becomes an offset: as much as was played as
/// silence is dropped. Belongs to the group's audio thread, which alone calls it; allocates nothing after construction.
/// </summary>
internal sealed class OutputLane
{
    /// <summary>So much sound lies in the output beyond managed code (200 ms, or what it holds).</summary>
    public const int AheadFrames = Timeline.SampleRate / 5;

    private const int Block = 240;
    private const int FadeFrames = 15 * Timeline.SampleRate / 1000;
    private const int StartReadings = 12;
    private const double LargestCorrection = 1.01; // the loop's own limit lies far below
    private const float GainStep = 1f / (Timeline.SampleRate / 50); // full swing in 20 ms
    private static readonly TimeSpan s_measurePeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_figuresPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>An output's own clock, read every few ms, the earliest of 0.25 s used: within 30 µs.</summary>
    private static readonly DriftSource s_source = new("output clock", TimeSpan.FromSeconds(1), 30, TimeSpan.FromSeconds(10), 0.4);

    private readonly SpeakerOutput _output;
    private readonly Timeline _timeline;
    private readonly GroupLine _line;
    private readonly ClockReader _clock;
    private readonly Resampler _resampler;
    private readonly DriftLoop _loop = new(s_source);
    private readonly PositionMap _map = new();
    private readonly int _capacity;
    private readonly int _ahead;
    private readonly float[] _input; // as much as a block needs at the output's own rate: thrice its frames at 16 kHz
    private readonly float[] _faded;
    private readonly float[] _block = new float[2 * Block];

    private TimeSpan _now;
    private bool _started;
    private long _written;
    private int _rendered;
    private long _position; // of the next frame to render
    private double _base; // position of the resampler's input frame 0
    private double _delay; // in frames
    private double _wantedDelay;
    private long _pendingJump; // of the read pointer, frames
    private long _fadeFrom;
    private int _fadeLeft;
    private float _gain;
    private float _wantedGain;
    private bool _muted;
    private bool _ducked;
    private float[]? _probe;
    private long _probeStart;
    private float _probeGain;
    private HiddenProbe? _hiddenProbe;
    private long _settledAt; // frames before this one do not count for the loop
    private double _earliest = double.MaxValue;
    private double _earliestShown = double.MaxValue;
    private long _silentShown;
    private TimeSpan _startAt; // not before as much was read as for a measurement
    private TimeSpan _measureAt;
    private TimeSpan _showAt;
    private int _underruns;
    private int _jumps;
    private double _lastJumpUs;
    private TimeSpan _lastUnderrun = TimeSpan.MinValue;
    private double _offsetUs = double.NaN;
    private bool _silent;

    public OutputLane(SpeakerOutput output, Timeline timeline, GroupLine line, double delayMs, bool muted)
    {
        (_output, _timeline, _line) = (output, timeline, line);
        _clock = new ClockReader(output);
        _resampler = new Resampler(Timeline.SampleRate, output.SampleRate);
        _input = new float[2 * InputFor(_resampler.NominalRatio * LargestCorrection)];
        _faded = new float[_input.Length];
        _capacity = Math.Max(output.FreeFrames, output.Capacity); // less is free where somebody filled it before
        _written = output.Written;
        _ahead = Math.Min(_capacity, (int)((long)AheadFrames * output.SampleRate / Timeline.SampleRate));
        _delay = _wantedDelay = Frames(delayMs);
        SetMuted(muted);
    }

    /// <summary>May be read by anyone.</summary>
    public Published<LaneFigures> Figures { get; } = new();

    /// <summary>Takes effect at the next block, by a cross-fade.</summary>
    public void SetDelay(double milliseconds) => _wantedDelay = Frames(milliseconds);

    public void SetMuted(bool muted)
    {
        _muted = muted;
        _wantedGain = _muted || _ducked ? 0 : 1;
    }

    /// <summary>Silences the music, for a while and not for the user: while probes play.</summary>
    public void SetDucked(bool ducked)
    {
        _ducked = ducked;
        _wantedGain = _muted || _ducked ? 0 : 1;
    }

    /// <summary>Mixes a mono signal into what this output plays, from a position of the timeline on; null: none.</summary>
    public void SetProbe(float[]? probe, long start, float gain) => (_probe, _probeStart, _probeGain) = (probe, start, gain);

    /// <summary>Hides a noise of this output's own under the music; null: none.</summary>
    public void SetHiddenProbe(HiddenProbe? probe) => _hiddenProbe = probe;

    /// <summary>The loop takes into account what only a microphone hears: this output is later by so much than its clock says.</summary>
    /// <param name="hasMoved">Sure enough to be taken over whole.</param>
    public void CorrectBias(double hiddenUs, bool hasMoved)
    {
        var status = _loop.GetStatus();
        if (status.OffsetUs is not { } offset) return;
        _loop.CorrectBias(offset - status.BiasUs + hiddenUs, _now, hasMoved);
    }

    /// <summary>A calibration has measured the whole anew: nothing is hidden any more.</summary>
    public void ForgetBias() => CorrectBias(0, hasMoved: true);

    /// <summary>A fault ends this output and nothing else: its owner finds it closed.</summary>
    public void Run(TimeSpan now)
    {
        if (!_output.IsOpen) return;
        try
        {
            RunOpen(now);
        }
        catch (Exception fault)
        {
            _output.Fail(fault);
        }
    }

    private void RunOpen(TimeSpan now)
    {
        _now = now;
        ReadClock(now);
        if (!_started) TryStart(now);
        var wanted = _ahead - (_capacity - _output.FreeFrames);
        while (wanted >= Block && (_started ? Produce() : Prime())) wanted -= Block;
        Show(now);
    }

    private static int InputFor(double ratio) => (int)(Block * ratio) + (2 * Resampler.LookaheadFrames) + 8;

    private static double Frames(double milliseconds) => milliseconds * Timeline.SampleRate / 1000;

    private bool Prime()
    {
        if (_loop.State == DriftLoopState.Idle) _loop.Prime(TimeSpan.Zero);
        Array.Clear(_block);
        _written += _output.Write(_block);
        return true;
    }

    /// <summary>The device has begun: from its clock follows when the next frame that we write is due, and so what that frame must be.</summary>
    private void TryStart(TimeSpan now)
    {
        if (_clock.Readings == 0) _startAt = now + s_measurePeriod;
        if (_clock.Readings < StartReadings || now < _startAt) return;
        _delay = _wantedDelay;
        AlignToClock();
        (_started, _measureAt, _gain) = (true, now + s_measurePeriod, 0);
        _settledAt = _written;
        _loop.Start(now);
    }

    private void AlignToClock()
    {
        var due = _clock.FirstFrameNanoseconds + (_written * 1e9 / _output.SampleRate);
        _position = (long)Math.Round(_line.PositionAt(due) - _delay);
        _base = _position;
        (_rendered, _pendingJump, _fadeLeft) = (0, 0, 0);
        _resampler.Reset();
        _map.Clear();
    }

    private void ReadClock(TimeSpan now)
    {
        if (!_clock.TryRead() || !_started) return;
        if (_clock.NewUnderrun != 0) Drop(_clock.NewUnderrun, now);
        var late = (_line.PositionAt(_clock.AtNanoseconds) - _map.PositionOf(_clock.Frame)) * 1e6 / Timeline.SampleRate;
        if (double.IsNaN(late)) return;
        _earliestShown = Math.Min(_earliestShown, late);
        if (_clock.Frame >= _settledAt) _earliest = Math.Min(_earliest, late);
        if (now < _measureAt) return;
        _measureAt = now + s_measurePeriod;
        if (_earliest < double.MaxValue) Measure(_earliest, now);
        else _loop.Tick(now);
        _earliest = double.MaxValue;
    }

    private void Measure(double offsetUs, TimeSpan now)
    {
        var step = _loop.Measure(offsetUs, now, _muted && !_ducked);
        if (step.Outcome != DriftOutcome.Jumped) return;
        _lastJumpUs = step.JumpUs;
        _jumps++;
        Jump((long)Math.Round(step.JumpUs * Timeline.SampleRate / 1e6));
    }

    /// <summary>The device played silence for so many of its frames: the same amount is skipped, so that what follows is on the line again.</summary>
    private void Drop(long silentFrames, TimeSpan now)
    {
        if (_lastUnderrun == TimeSpan.MinValue || now - _lastUnderrun > TimeSpan.FromSeconds(1)) _underruns++;
        _lastUnderrun = now;
        Jump((long)Math.Round(silentFrames * _resampler.NominalRatio));
    }

    private void Jump(long frames)
    {
        _pendingJump += frames;
        _settledAt = _written + FadeFrames + Block;
        _earliest = double.MaxValue;
    }

    private bool Produce()
    {
        ApplyJumps();
        var ratio = _resampler.NominalRatio * (1 + (_loop.CorrectionPpm * 1e-6));
        var needed = InputFor(ratio);
        if (_rendered < needed && !Render(needed - _rendered)) return false;
        _map.Add(_written, _base + _resampler.InputPosition + _delay, _resampler.Ratio > 0 ? _resampler.Ratio : ratio);
        var produced = _resampler.Process(_input.AsSpan(0, 2 * _rendered), _block, ratio, out var consumed);
        _rendered -= consumed;
        _input.AsSpan(2 * consumed, 2 * _rendered).CopyTo(_input);
        _written += _output.Write(_block.AsSpan(0, 2 * produced));
        return produced == Block;
    }

    /// <summary>A change of delay moves the place from which we read; a jump moves us along the line. Both by one cross-fade at a time.</summary>
    private void ApplyJumps()
    {
        if (_fadeLeft > 0) return;
        var delayChange = _wantedDelay - _delay;
        var move = _pendingJump - (long)Math.Round(delayChange);
        _delay = _wantedDelay;
        _base += move; // what rounding left of the delay is an offset now, and the loop's to remove
        _pendingJump = 0;
        if (move == 0) return;
        (_fadeFrom, _fadeLeft) = (_position, FadeFrames);
        _position += move;
    }

    private bool Render(int frames)
    {
        if ((_fadeLeft > 0 ? Math.Max(_position, _fadeFrom) : _position) + frames > _timeline.End) return false;
        var into = _input.AsSpan(2 * _rendered, 2 * frames);
        var gain = _gain;
        RenderFrom(_position, into, ref gain);
        if (_fadeLeft > 0) CrossFade(into, frames);
        _gain = gain;
        _position += frames;
        _rendered += frames;
        return true;
    }

    private void RenderFrom(long position, Span<float> into, ref float gain)
    {
        _timeline.Read(position, into);
        for (var i = 0; i < into.Length; i += 2)
        {
            if (gain != _wantedGain) gain = gain < _wantedGain ? Math.Min(_wantedGain, gain + GainStep) : Math.Max(_wantedGain, gain - GainStep);
            into[i] *= gain;
            into[i + 1] *= gain;
        }

        _hiddenProbe?.MixInto(position, into, gain);
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
        RenderFrom(_fadeFrom, old, ref gain);
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

    private void Show(TimeSpan now)
    {
        if (now < _showAt) return;
        _showAt = now + s_figuresPeriod;
        var zeros = _clock.UnderrunFrames - _silentShown;
        _silentShown = _clock.UnderrunFrames;
        _silent = _started && zeros > _output.SampleRate / 20;
        if (_earliestShown < double.MaxValue) _offsetUs = _earliestShown;
        _earliestShown = double.MaxValue;
        var status = _loop.GetStatus();
        Figures.Write(new LaneFigures(
            status.State, _started ? _offsetUs : double.NaN, status.DriftPpm ?? double.NaN, status.CorrectionPpm, status.BiasUs, _clock.UnderrunFrames, _underruns, _silent, _jumps, _lastJumpUs, status.IsUnstable));
    }
}
