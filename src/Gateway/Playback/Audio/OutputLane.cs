using Gateway.Alignment.Drift;
using Gateway.Alignment.Dsp;
using Gateway.Playback.Tracking;
using Gateway.Sound;

namespace Gateway.Playback.Audio;

/// <summary>
/// The way from the timeline to one output: mix, delay, variable-rate resampler. Primes the output with silence, starts on the
/// group's line by what its clock shows, and is kept there by a drift loop. A gap never becomes an offset: as much as was played as
/// silence is dropped. Belongs to the group's audio thread, which alone calls it; allocates nothing after construction.
/// </summary>
internal sealed class OutputLane
{
    /// <summary>So much sound lies in the output beyond managed code (200 ms, or what it holds).</summary>
    public const int AheadFrames = Timeline.SampleRate / 5;

    private const int Block = 240;
    private const double LargestCorrection = 1.01; // the loop's own limit lies far below
    private static readonly TimeSpan s_figuresPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>An output's own clock, read every few ms, the earliest of 0.25 s used: within 30 µs.</summary>
    private static readonly DriftSource s_source = new("output clock", TimeSpan.FromSeconds(1), 30, TimeSpan.FromSeconds(10), 0.4);

    private readonly SpeakerOutput _output;
    private readonly GroupLine _line;
    private readonly LaneMix _mix;
    private readonly LaneClock _clock;
    private readonly Resampler _resampler;
    private readonly DriftLoop _loop = new(s_source);
    private readonly int _capacity;
    private readonly int _ahead;
    private readonly float[] _input; // as much as a block needs at the output's own rate: thrice its frames at 16 kHz
    private readonly float[] _block = new float[2 * Block];

    private TimeSpan _now;
    private bool _started;
    private long _written;
    private int _rendered;
    private double _base; // position of the resampler's input frame 0
    private double _delay; // in frames
    private double _wantedDelay;
    private long _pendingJump; // of the read pointer, frames
    private TimeSpan _showAt;
    private int _underruns;
    private int _jumps;
    private double _lastJumpUs;
    private TimeSpan _lastUnderrun = TimeSpan.MinValue;

    public OutputLane(SpeakerOutput output, Timeline timeline, GroupLine line, double delayMs, bool muted)
    {
        (_output, _line) = (output, line);
        _clock = new LaneClock(output, line);
        _resampler = new Resampler(Timeline.SampleRate, output.SampleRate);
        _input = new float[2 * InputFor(_resampler.NominalRatio * LargestCorrection)];
        _mix = new LaneMix(timeline, _input.Length / 2, muted);
        _capacity = Math.Max(output.FreeFrames, output.Capacity); // less is free where somebody filled it before
        _written = output.Written;
        _ahead = Math.Min(_capacity, (int)((long)AheadFrames * output.SampleRate / Timeline.SampleRate));
        _delay = _wantedDelay = Frames(delayMs);
    }

    /// <summary>May be read by anyone.</summary>
    public Published<LaneFigures> Figures { get; } = new();

    /// <summary>Of the timeline, as the output has them.</summary>
    public int DeepFrames => (int)((long)_output.DeepFrames * Timeline.SampleRate / _output.SampleRate);

    /// <summary>The line has become later by so many frames.</summary>
    public void FollowLine(int frames)
    {
        if (_started) Jump(-frames);
    }

    /// <summary>Takes effect at the next block, by a cross-fade.</summary>
    public void SetDelay(double milliseconds) => _wantedDelay = Frames(milliseconds);

    /// <inheritdoc cref="LaneMix.SetMuted"/>
    public void SetMuted(bool muted) => _mix.SetMuted(muted);

    /// <inheritdoc cref="LaneMix.SetDucked"/>
    public void SetDucked(bool ducked) => _mix.SetDucked(ducked);

    /// <inheritdoc cref="LaneMix.SetProbe"/>
    public void SetProbe(float[]? probe, long start, float gain) => _mix.SetProbe(probe, start, gain);

    /// <inheritdoc cref="LaneMix.SetHiddenProbe"/>
    public void SetHiddenProbe(HiddenProbe? probe) => _mix.SetHiddenProbe(probe);

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
        if (_clock.TryRead() && _started) Follow(now);
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
        if (!_clock.IsSure(now)) return;
        _delay = _wantedDelay;
        var position = (long)Math.Round(_line.PositionAt(_clock.DueNanoseconds(_written)) - _delay);
        _base = position;
        (_rendered, _pendingJump, _started) = (0, 0, true);
        _resampler.Reset();
        _mix.Start(position);
        _clock.Start(_written, now);
        _loop.Start(now);
    }

    private void Follow(TimeSpan now)
    {
        if (_clock.NewUnderrun != 0) Drop(_clock.NewUnderrun, now);
        if (!_clock.TryMeasure(now, out var offsetUs)) return;
        if (double.IsNaN(offsetUs)) _loop.Tick(now);
        else Correct(offsetUs, now);
    }

    private void Correct(double offsetUs, TimeSpan now)
    {
        var step = _loop.Measure(offsetUs, now, _mix.IsMuted);
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
        _clock.SettleAt(_written + LaneMix.FadeFrames + Block);
    }

    private bool Produce()
    {
        ApplyJumps();
        var ratio = _resampler.NominalRatio * (1 + (_loop.CorrectionPpm * 1e-6));
        var needed = InputFor(ratio);
        if (_rendered < needed)
        {
            if (!_mix.TryRender(_input.AsSpan(2 * _rendered, 2 * (needed - _rendered)))) return false;
            _rendered = needed;
        }

        _clock.Note(_written, _base + _resampler.InputPosition + _delay, _resampler.Ratio > 0 ? _resampler.Ratio : ratio);
        var produced = _resampler.Process(_input.AsSpan(0, 2 * _rendered), _block, ratio, out var consumed);
        _rendered -= consumed;
        _input.AsSpan(2 * consumed, 2 * _rendered).CopyTo(_input);
        _written += _output.Write(_block.AsSpan(0, 2 * produced));
        return produced == Block;
    }

    /// <summary>A change of delay moves the place from which we read; a jump moves us along the line. Both by one cross-fade at a time.</summary>
    private void ApplyJumps()
    {
        if (_mix.IsFading) return;
        var delayChange = _wantedDelay - _delay;
        var move = _pendingJump - (long)Math.Round(delayChange);
        _delay = _wantedDelay;
        _base += move; // what rounding left of the delay is an offset now, and the loop's to remove
        _pendingJump = 0;
        if (move != 0) _mix.Jump(move);
    }

    private void Show(TimeSpan now)
    {
        if (now < _showAt) return;
        _showAt = now + s_figuresPeriod;
        var (offsetUs, isSilent) = _clock.Show();
        var status = _loop.GetStatus();
        Figures.Write(new LaneFigures(
            status.State, offsetUs, status.DriftPpm ?? double.NaN, status.CorrectionPpm, status.BiasUs, _clock.UnderrunFrames, _underruns, isSilent, _jumps, _lastJumpUs, status.IsUnstable));
    }
}
