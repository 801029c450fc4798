namespace Gateway.IntegrationTests.Alexa;

/// <summary>Ten seconds are one: the cloud's Echos connect faster than real ones.</summary>
internal sealed class FastTime : TimeProvider
{
    private const int Factor = 10;
    private readonly long _start = System.GetTimestamp();
    private readonly DateTimeOffset _wall = System.GetUtcNow();

    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) * Factor);

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
