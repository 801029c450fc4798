namespace Gateway.IntegrationTests.Alexa;

/// <summary>
/// Moves only by what somebody waits for, and waits a tenth of it: how fast the machine is does not show. Long waits are limits: they take their time and move nothing. May jump ahead, and its wall's
/// clock may be wrong.
/// </summary>
internal sealed class WaitedTime(TimeSpan wallIsOff = default) : TimeProvider
{
    private const int Factor = 10;
    private static readonly TimeSpan s_limits = TimeSpan.FromSeconds(25);
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _wall = System.GetUtcNow() + wallIsOff;
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers do not hear of it; whoever looks at the clock does.</summary>
    public void Jump(TimeSpan ahead)
    {
        lock (_gate) _now += ahead.Ticks;
    }

    public override long GetTimestamp()
    {
        lock (_gate) return _now;
    }

    public override DateTimeOffset GetUtcNow() => _wall + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime >= s_limits) return System.CreateTimer(callback, state, dueTime, period);
        var at = GetTimestamp() + dueTime.Ticks;
        return System.CreateTimer(_ =>
        {
            lock (_gate) _now = Math.Max(_now, at);
            callback(state);
        }, null, dueTime / Factor, period);
    }
}
