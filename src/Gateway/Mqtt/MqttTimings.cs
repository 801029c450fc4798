namespace Gateway.Mqtt;

/// <summary>The connection's waits; tests shorten them.</summary>
internal sealed record MqttTimings
{
    /// <summary>From the first SYN to the CONNACK, and how long the broker may say nothing after that when it is asked.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The broker takes us for dead when it hears nothing for half as long again. Four times as often we ask whether it is there: a dead or frozen broker is
    /// noticed after at most a quarter of this and <see cref="Timeout"/>.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>One small packet each eight seconds burdens no broker, and a house shall not be grey for half a minute after its broker is back.</summary>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// The wait after another client took the session for the third time in a row, which doubles each further time: two programs with one client id must not
    /// throw each other out all the time, and one that was there for a moment shall not keep us away.
    /// </summary>
    public TimeSpan TakenOverRetry { get; init; } = TimeSpan.FromSeconds(8);

    public TimeSpan LongestTakenOverRetry { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a broker that speaks MQTT 5 keeps what is sent to us while we are away. Longer than it takes to be back after a short loss; short, because a
    /// command that is done minutes later surprises.
    /// </summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A connection that lived this long was a good one: the next failure starts at <see cref="FirstRetry"/> again.</summary>
    public TimeSpan Stable { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At start, where the broker holds another run's claim to our id: a gateway that is there answers at once, and one that ended never does.</summary>
    public TimeSpan ClaimWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For the last words at shutdown, all together.</summary>
    public TimeSpan Farewell { get; init; } = TimeSpan.FromSeconds(1.5);
}
