namespace Gateway.TestSupport;

/// <summary>A clock whose wall time can be set, as people and time servers do, while its timestamps and timers go on as those of <paramref name="inner"/>.</summary>
internal sealed class SteppedTime(TimeProvider inner) : TimeProvider
{
    private long _step;

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <summary>The wall's clock shows this from now on, and goes on from there.</summary>
    public void Set(DateTimeOffset now) => Interlocked.Exchange(ref _step, (now - inner.GetUtcNow()).Ticks);

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _step));

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
}

/// <summary>Where a wall's clock is set to in tests: hours both ways, and where machines without a battery or with a broken one are.</summary>
internal static class WallSteps
{
    public static IEnumerable<object[]> All => [["two hours back"], ["two hours on"], ["to 1970"], ["to 2099"]];

    public static DateTimeOffset Of(string step, DateTimeOffset now) => step switch
    {
        "two hours back" => now.AddHours(-2),
        "two hours on" => now.AddHours(2),
        "to 1970" => DateTimeOffset.UnixEpoch,
        _ => new DateTimeOffset(2099, 12, 31, 23, 0, 0, TimeSpan.Zero),
    };
}
