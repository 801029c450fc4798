using Gateway.Timing;

namespace Gateway.Mqtt;

/// <summary>
/// How long to stay away after a connection ended or never was: 1, 2, 4, 8 s. Only who is thrown out again and again by another client with our id stays away
/// for longer, and longer each time. Of one loop; it waits for nothing itself.
/// </summary>
internal sealed class RetryPauses(MqttTimings timings, TimeProvider time, Func<double>? random = null)
{
    /// <summary>Takeovers in a row after which we stay away for a while: two gateways with one id have found each other by then.</summary>
    public const int MostTakeovers = 3;

    private readonly Backoff _any = new(timings.FirstRetry, timings.LongestRetry, timings.Stable, time, random);
    private readonly Backoff _takenOver = new(timings.TakenOverRetry, timings.LongestTakenOverRetry, timings.Stable, time, random);
    private long? _openedAt;
    private int _takeovers;
    private int _unread; // tries that we gave up and that the broker may yet read

    /// <summary>The broker has let us in.</summary>
    public void Opened()
    {
        _openedAt = time.GetTimestamp();
        _any.Succeeded();
    }

    /// <summary>The present connection has stood for long enough to be a good one: its end has nothing to do with earlier ones.</summary>
    public bool IsStable => _openedAt is { } opened && time.GetElapsedTime(opened) >= timings.Stable;

    /// <summary>A connection ended, or a try failed.</summary>
    /// <returns>Why, in the light of what went before, and how long to wait.</returns>
    public (ConnectFailure Failure, TimeSpan Wait) Ended(ConnectFailure failure)
    {
        if (IsStable)
        {
            (_takeovers, _unread) = (0, 0);
            _takenOver.Reset();
        }

        _openedAt = null;
        if (failure.Unread) _unread++;
        // A broker that stood still reads, one after the other, all that was sent to it meanwhile, and an old try of ours takes the session from a new one.
        if (failure.TakenOver && _unread > 0)
        {
            _unread--;
            failure = ConnectFailure.OfOwnTry;
        }

        // An end without a word between two takeovers is no sign that it is over.
        if (failure.TakenOver) _takeovers++;
        var wait = _any.Failed();
        return (failure, failure.TakenOver && _takeovers >= MostTakeovers ? _takenOver.Failed() : wait);
    }
}
