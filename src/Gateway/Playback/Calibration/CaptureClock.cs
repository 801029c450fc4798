namespace Gateway.Playback.Calibration;

/// <summary>
/// When a recording's samples were taken, told from when they arrived. A reader comes late, by its own pauses and by the owner's blocks, and
/// never early: of many arrivals the earliest is the true one. Any thread.
/// </summary>
internal sealed class CaptureClock
{
    /// <summary>The last 80 s, at a read every 10 ms.</summary>
    private const int Kept = 8192;

    private readonly Lock _lock = new();
    private readonly (long End, long Nanoseconds)[] _arrivals = new (long, long)[Kept];
    private long _count;

    /// <summary>Up to <paramref name="end"/> all samples are there.</summary>
    public void Note(long end, long nanoseconds)
    {
        lock (_lock) _arrivals[_count++ % Kept] = (end, nanoseconds);
    }

    /// <summary>How long after its time, by a line through the samples, the promptest one arrived, in ns; null: none of them did.</summary>
    /// <param name="from">The first sample that counts, of those that are remembered.</param>
    /// <param name="timeOf">The line: when a sample is taken, in ns.</param>
    public double? LeastDelay(long from, Func<long, double> timeOf)
    {
        double? least = null;
        lock (_lock)
        {
            foreach (var (end, nanoseconds) in _arrivals.AsSpan(0, (int)Math.Min(_count, Kept)))
            {
                if (end < from) continue;
                var delay = nanoseconds - timeOf(end);
                if (least is null || delay < least) least = delay;
            }
        }

        return least;
    }
}
