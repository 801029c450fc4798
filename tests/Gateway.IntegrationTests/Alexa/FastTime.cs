namespace Gateway.IntegrationTests.Alexa;

/// <summary>Ten seconds are one: for stories over a real network in which both sides wait for each other. May jump ahead, and its wall's clock may be wrong.</summary>
internal sealed class FastTime(TimeSpan wallIsOff = default) : TimeProvider
{
    private const int Factor = 10;
    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _wall = System.GetUtcNow() + wallIsOff;
    private long _ahead;

    /// <summary>Timers do not hear of it; whoever looks at the clock does.</summary>
    public void Jump(TimeSpan ahead) => Interlocked.Add(ref _ahead, (long)(ahead.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) * Factor) + Interlocked.Read(ref _ahead);

    public override DateTimeOffset GetUtcNow() => _wall + GetElapsedTime(_start);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FastTimer(System.CreateTimer(callback, state, Fast(dueTime), Fast(period)));

    private static TimeSpan Fast(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / Factor;

    private sealed class FastTimer(ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(Fast(dueTime), Fast(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
