namespace Gateway.Alignment.Drift;

/// <summary>
/// Keeps one speaker on the group line: measurements of its offset in, a resampling correction and rare jumps out. Pure: time is an
/// argument, any monotonic one. One owner; nothing is allocated after construction.
/// </summary>
/// <remarks>
/// Offsets in µs, positive = late; skew ε in ppm, positive = falls behind; correction u in ppm, positive = plays faster:
/// dθ/dt = ε - u, and u = clamp(ε + θ/τ, ±L). Derivation and figures: docs/measuring.md §4.
/// </remarks>
public sealed class DriftLoop
{
    private const double FarUs = 2_000;
    private const double BiasGain = 0.3; // of a single measurement
    private const int StartMeasurements = 3;
    private const int HighestRefusals = 2;
    private const double MutedJumpUs = 100;
    private static readonly TimeSpan s_coastingLimit = TimeSpan.FromSeconds(60);

    private readonly DriftSource _source;
    private readonly DriftLimits _limits;
    private readonly double[] _start = new double[StartMeasurements];
    private OffsetFilter _filter;
    private JumpRule _jumps;
    private int _started;
    private int _refusals;
    private double _biasUs;
    private double _correction;
    private TimeSpan _now;
    private TimeSpan _heardAt;
    private TimeSpan? _usedAt;
    private TimeSpan? _coastingSince;
    private TimeSpan? _atLimitSince;

    /// <param name="source">Where the measurements come from.</param>
    /// <param name="limits">Null: the defaults.</param>
    public DriftLoop(DriftSource source, DriftLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        _limits = limits ?? new DriftLimits();
        _filter = new OffsetFilter(source.DeviationUs, source.SkewWalk);
        _jumps = new JumpRule(source.DeviationUs);
    }

    /// <summary>What the loop is doing.</summary>
    public DriftLoopState State { get; private set; }

    /// <summary>u in ppm, as in <see cref="DriftStep.CorrectionPpm"/>.</summary>
    public double CorrectionPpm => _correction;

    private bool HasStarted => _started == StartMeasurements;

    /// <summary>The output's buffer begins to fill.</summary>
    public void Prime(TimeSpan now)
    {
        Stop();
        State = DriftLoopState.Priming;
        _now = now;
    }

    /// <summary>The output has begun to play on the group line. The skew known from before, if any, is the first guess.</summary>
    public void Start(TimeSpan now)
    {
        State = DriftLoopState.Acquiring;
        (_now, _heardAt) = (now, now);
        Restart();
        SetCorrection(_filter.SkewPpm, _limits.SteadyPpm);
    }

    /// <summary>Nothing plays any more. The skew is kept for the next start.</summary>
    public void Stop()
    {
        State = DriftLoopState.Idle;
        Restart();
        (_correction, _atLimitSince, _usedAt) = (0, null, null);
    }

    /// <summary>The transport is gone: the offset is unknown from now on, and so is the bias.</summary>
    public void TransportLost(TimeSpan now)
    {
        if (State is DriftLoopState.Idle)
            return;

        Advance(now);
        Lose();
        _biasUs = 0;
    }

    /// <summary>A measured offset, host-side or (with the microphone sources) acoustic.</summary>
    /// <param name="offsetUs">Positive = late.</param>
    /// <param name="now">When it was measured.</param>
    /// <param name="isMuted">Nobody hears this speaker: errors are jumped at once.</param>
    public DriftStep Measure(double offsetUs, TimeSpan now, bool isMuted = false)
    {
        if (State is DriftLoopState.Idle or DriftLoopState.Priming)
            return Step(DriftOutcome.None);
        if (!double.IsFinite(offsetUs) || now < _now)
            return Step(DriftOutcome.Invalid);

        Hear(now);
        offsetUs += _biasUs;
        var expectedChange = (_filter.SkewPpm - _correction) * (now - _heardAt).TotalSeconds;
        Advance(now);
        _heardAt = now;

        var jump = _limits.JumpsAllowed ? _jumps.Judge(offsetUs, expectedChange, now) : 0;
        if (jump != 0)
            return Jump(jump);

        var outcome = Use(offsetUs);
        if (outcome is DriftOutcome.Accepted or DriftOutcome.Relocated)
            _usedAt = now;
        if (isMuted && HasStarted && Math.Abs(_filter.OffsetUs) > Math.Max(MutedJumpUs, 3 * Math.Sqrt(_filter.OffsetVariance)))
            return Jump(_filter.OffsetUs);

        Control();
        return Step(outcome);
    }

    /// <summary>An accepted acoustic measurement beside a host-side source: it corrects what the host cannot see, slowly.</summary>
    /// <remarks>b += share (z_mic - z_host - b), where the filter's estimate is z_host + b with the noise taken out. The share is 0.3 of a single measurement.</remarks>
    /// <param name="acousticOffsetUs">As heard, positive = late.</param>
    /// <param name="now">When it was heard.</param>
    /// <param name="hasMoved">Several measurements agreed that the speaker has moved: the whole is taken over.</param>
    public void CorrectBias(double acousticOffsetUs, TimeSpan now, bool hasMoved = false)
    {
        if (!HasStarted || !double.IsFinite(acousticOffsetUs) || now < _now)
            return;

        Advance(now);
        var change = (hasMoved ? 1 : BiasGain) * (acousticOffsetUs - _filter.OffsetUs);
        _biasUs += change;
        _filter.Shift(change);
    }

    /// <summary>To be called about once a second: notices that measurements stay away.</summary>
    public DriftStep Tick(TimeSpan now)
    {
        if (State is DriftLoopState.Idle or DriftLoopState.Priming || now < _now)
            return Step(DriftOutcome.None);

        Advance(now);
        if (State is DriftLoopState.Acquiring or DriftLoopState.Tracking && now - _heardAt > 3 * _source.Period)
        {
            State = DriftLoopState.Coasting;
            _coastingSince = now;
            _jumps.Forget();
            SetCorrection(_filter.SkewPpm, _limits.SteadyPpm);
        }

        if (now - _coastingSince > s_coastingLimit)
            Lose();
        return Step(DriftOutcome.None);
    }

    /// <summary>The figures now.</summary>
    public DriftStatus GetStatus() => new(
        State,
        HasStarted ? _filter.OffsetUs : null,
        Math.Sqrt(_filter.OffsetVariance),
        HasStarted ? -_filter.SkewPpm : null,
        _correction,
        _biasUs,
        _usedAt,
        _atLimitSince is { } since ? _now - since : TimeSpan.Zero,
        _jumps.IsUnstable);

    private void Hear(TimeSpan now)
    {
        _coastingSince = null;
        if (State is not DriftLoopState.Lost)
            return;

        Restart();
        _heardAt = now;
        State = DriftLoopState.Acquiring;
    }

    private DriftOutcome Use(double offsetUs)
    {
        if (!HasStarted)
            return Collect(offsetUs);

        if (_filter.IsPlausible(offsetUs))
        {
            _refusals = 0;
            _filter.Update(offsetUs);
            return DriftOutcome.Accepted;
        }

        if (++_refusals <= HighestRefusals)
            return DriftOutcome.Refused;

        _refusals = 0;
        _filter.Relocate(offsetUs);
        _filter.Update(offsetUs);
        return DriftOutcome.Relocated;
    }

    private DriftOutcome Collect(double offsetUs)
    {
        _start[_started++] = offsetUs;
        if (!HasStarted)
            return DriftOutcome.Collected;

        var (a, b, c) = (_start[0], _start[1], _start[2]);
        _filter.Start(Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c)));
        return DriftOutcome.Accepted;
    }

    private DriftStep Jump(double jumpUs)
    {
        if (!HasStarted)
        {
            _started = StartMeasurements;
            _filter.Start(0);
        }

        _filter.Jump();
        _refusals = 0;
        _usedAt = _now;
        Control();
        return new DriftStep(DriftOutcome.Jumped, _correction, jumpUs);
    }

    private void Control()
    {
        var isFar = HasStarted && Math.Abs(_filter.OffsetUs) > FarUs;
        State = HasStarted && !isFar ? DriftLoopState.Tracking : DriftLoopState.Acquiring;
        if (HasStarted)
            SetCorrection(_filter.SkewPpm + _filter.OffsetUs / _source.TimeConstant.TotalSeconds, isFar ? _limits.FarPpm : _limits.SteadyPpm);
    }

    private void SetCorrection(double wanted, double limit)
    {
        _correction = Math.Clamp(wanted, -limit, limit);
        if (Math.Abs(wanted) < limit)
            _atLimitSince = null;
        else
            _atLimitSince ??= _now;
    }

    private void Advance(TimeSpan now)
    {
        var seconds = (now - _now).TotalSeconds;
        _now = now;
        if (HasStarted && seconds > 0)
            _filter.Predict(seconds, _correction);
    }

    private void Lose()
    {
        State = DriftLoopState.Lost;
        _coastingSince = null;
        SetCorrection(_filter.SkewPpm, _limits.SteadyPpm);
        Restart();
    }

    private void Restart()
    {
        (_started, _refusals, _coastingSince) = (0, 0, null);
        _jumps.Forget();
    }

    private DriftStep Step(DriftOutcome outcome) => new(outcome, _correction, 0);
}
