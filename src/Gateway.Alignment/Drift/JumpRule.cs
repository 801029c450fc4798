namespace Gateway.Alignment.Drift;

/// <summary>
/// Large errors are not slewed (100 ms would take minutes) but jumped: more than 5 ms on two consecutive measurements that agree; at
/// most one jump in 10 s; a third within a minute is the speaker's fault and refused.
/// </summary>
internal struct JumpRule(double deviationUs)
{
    private const double ThresholdUs = 5_000;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_alarmWindow = TimeSpan.FromMinutes(1);

    private readonly double _agreementUs = Math.Max(8 * deviationUs, 1_500);
    private double? _candidateUs;
    private TimeSpan? _last;
    private TimeSpan? _lastButOne;

    /// <summary>A third jump within a minute was due and not made.</summary>
    public bool IsUnstable { get; private set; }

    /// <summary>How far to jump now; 0: not.</summary>
    /// <param name="offsetUs">The measurement.</param>
    /// <param name="expectedChangeUs">How far the offset has moved since the last measurement by skew and correction.</param>
    public double Judge(double offsetUs, double expectedChangeUs, TimeSpan now)
    {
        if (IsUnstable && now - _lastButOne >= s_alarmWindow)
            IsUnstable = false;

        var before = _candidateUs + expectedChangeUs;
        _candidateUs = Math.Abs(offsetUs) > ThresholdUs ? offsetUs : null;
        if (before is not { } first || _candidateUs is null || Math.Abs(offsetUs - first) > _agreementUs || now - _last < s_pause)
            return 0;

        if (now - _lastButOne < s_alarmWindow)
        {
            IsUnstable = true;
            return 0;
        }

        (_lastButOne, _last, _candidateUs) = (_last, now, null);
        return (first + offsetUs) / 2;
    }

    public void Forget() => _candidateUs = null;
}
