namespace Gateway.Timing;

/// <summary>
/// Keeps whoever sends thousands of bad messages from filling the log: of each kind of line some a minute pass, and the others are counted and told
/// together when the minute is over. Safe from any thread.
/// </summary>
/// <param name="more">Tells how many lines were held back; called from a timer.</param>
internal sealed class LogBrake(TimeProvider time, Action<int> more)
{
    /// <summary>Lines that pass in a minute.</summary>
    public const int Most = 10;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ITimer? _timer;
    private long _since;
    private int _passed;
    private int _held;

    /// <summary>May this line be written?</summary>
    public bool Passes()
    {
        lock (_gate)
        {
            if (_held == 0 && (_passed == 0 || time.GetElapsedTime(_since) >= Window)) (_since, _passed) = (time.GetTimestamp(), 0);
            if (_held == 0 && _passed < Most)
            {
                _passed++;
                return true;
            }

            if (_held++ > 0) return false;
            _timer ??= time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            var left = Window - time.GetElapsedTime(_since);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            return false;
        }
    }

    private void Tell()
    {
        int held;
        lock (_gate) (held, _held, _passed) = (_held, 0, 0);
        if (held > 0) more(held);
    }
}
