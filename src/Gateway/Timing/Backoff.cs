namespace Gateway.Timing;

/// <summary>
/// How long to wait before the next try: doubling from the first wait to the longest, each shortened by up to a quarter at
/// random so that many clients do not return in step. Told of success and failure; it waits for nothing itself.
/// Not thread-safe: it belongs to one loop.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest, TimeSpan stable, TimeProvider time, Func<double>? random = null)
{
    private readonly Func<double> _random = random ?? Random.Shared.NextDouble;
    private int _failures;
    private long? _connectedAt;

    /// <summary>A try succeeded. The count of failures is forgotten only if this lasts.</summary>
    public void Succeeded() => _connectedAt = time.GetTimestamp();

    /// <summary>Somebody asks anew: earlier failures no longer count.</summary>
    public void Reset() => _failures = 0;

    /// <summary>A try failed, or what had succeeded ended. Returns the wait before the next try, at least <paramref name="atLeast"/>.</summary>
    public TimeSpan Failed(TimeSpan atLeast = default)
    {
        if (_connectedAt is { } since && time.GetElapsedTime(since) >= stable) _failures = 0;
        _connectedAt = null;
        // 2^20 times any sensible first wait is beyond any sensible longest one; more would overflow.
        var wait = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(_failures, 20)), longest.TotalSeconds);
        _failures++;
        var jittered = TimeSpan.FromSeconds(wait * (1 - (0.25 * _random())));
        return jittered > atLeast ? jittered : atLeast * (1 + (0.25 * _random()));
    }
}
