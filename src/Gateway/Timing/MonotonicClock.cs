namespace Gateway.Timing;

/// <summary>
/// The clock of every duration, pause, time-out and expiry. It only ever goes forward: the wall's clock is set back by people, by time servers and by machines
/// without a clock of their own, and is for what is shown and stored.
/// </summary>
internal static class MonotonicClock
{
    /// <summary>So that zero is long past on a machine that has just started.</summary>
    private static readonly TimeSpan s_beforeStart = TimeSpan.FromDays(1000);

    /// <summary>Time since an instant long ago, the same for the life of the process.</summary>
    public static TimeSpan Now(this TimeProvider time) => time.GetElapsedTime(0) + s_beforeStart;
}
