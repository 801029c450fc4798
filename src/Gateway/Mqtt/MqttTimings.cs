namespace Gateway.Mqtt;

/// <summary>The connection's waits; tests shorten them.</summary>
internal sealed record MqttTimings
{
    /// <summary>From the first SYN to the CONNACK, and for each acknowledgement after that.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A dead peer is noticed after at most this and <see cref="Timeout"/>.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest wait after another client took the session: two gateways with one client id must not throw each other out all the time.</summary>
    public TimeSpan TakenOverRetry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The shortest wait where that is only likely.</summary>
    public TimeSpan SuspectedRetry { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A connection that lived this long was a good one: the next failure starts at <see cref="FirstRetry"/> again.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the last words at shutdown, all together.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(1.5);
}
