using Microsoft.Extensions.Logging;

namespace Gateway.Mqtt;

/// <summary>The log lines of the MQTT feature. No payload that could hold a secret, no user name's password, ever.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(1, LogLevel.Information, "Connected to the MQTT broker {Url} as \"{ClientId}\" (MQTT {Protocol}).")]
    public static partial void Connected(ILogger logger, string url, string clientId, string protocol);

    [LoggerMessage(2, LogLevel.Information, "Connected to the MQTT broker {Url} again, after {Outage:0.#} s and {Tries} tries.")]
    public static partial void Recovered(ILogger logger, string url, double outage, int tries);

    [LoggerMessage(3, LogLevel.Warning, "No connection to the MQTT broker {Url}: {Reason}. {Remedy} Next try in {Seconds:0.#} s, at {At:HH:mm:ss} UTC.")]
    public static partial void NotConnected(ILogger logger, string url, string reason, string remedy, double seconds, DateTimeOffset at);

    [LoggerMessage(4, LogLevel.Debug, "Try {Tries} to reach the MQTT broker {Url} failed: {Reason}. Next try in {Seconds:0.#} s.")]
    public static partial void StillNotConnected(ILogger logger, int tries, string url, string reason, double seconds);

    [LoggerMessage(5, LogLevel.Warning, "The broker does not let us subscribe to {Filter}: {Reason}. What is sent there will not arrive. {Remedy}")]
    public static partial void SubscriptionRefused(ILogger logger, string filter, string reason, string remedy);

    [LoggerMessage(6, LogLevel.Warning, "The broker did not take a message of {Bytes} bytes on {Topic}: {Reason}. {Remedy}")]
    public static partial void PublishRefused(ILogger logger, string topic, long bytes, string reason, string remedy);

    [LoggerMessage(7, LogLevel.Warning, "{Count} answers or events were dropped, the oldest first: the broker was away, or too slow, for longer than {Capacity} messages.")]
    public static partial void Overflow(ILogger logger, int count, int capacity);

    [LoggerMessage(8, LogLevel.Error, "A message on {Topic} could not be handled.")]
    public static partial void HandlerFailed(ILogger logger, string topic, Exception e);

    [LoggerMessage(9, LogLevel.Warning, "A retained command on {Topic} was ignored: it would run again at each start. Send commands without the retain flag; to remove it, send an empty retained message to this topic.")]
    public static partial void RetainedCommand(ILogger logger, string topic);

    [LoggerMessage(10, LogLevel.Information, "A command on {Topic} was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string topic, string reason);

    [LoggerMessage(11, LogLevel.Warning, "The response topic of a command on {Topic} cannot be used ({Reason}); its answers go to {Response} only.")]
    public static partial void BadResponseTopic(ILogger logger, string topic, string reason, string response);

    [LoggerMessage(12, LogLevel.Debug, "Disconnected from the MQTT broker {Url}.")]
    public static partial void SaidGoodbye(ILogger logger, string url);

    [LoggerMessage(13, LogLevel.Error, "The house could not be published; the next change tries again.")]
    public static partial void PublishingFailed(ILogger logger, Exception e);

    [LoggerMessage(15, LogLevel.Warning, "A message on {Topic} was not sent: it has {Bytes} bytes, and the broker takes {Limit} at most. Raise its limit (Mosquitto: max_packet_size).")]
    public static partial void TooLarge(ILogger logger, string topic, long bytes, long limit);

    [LoggerMessage(16, LogLevel.Warning, "A message on {Topic} was not sent: it has {Bytes} bytes, and the broker ended the connection whenever it got one of {Limit}. Raise its limit (Mosquitto: max_packet_size).")]
    public static partial void LikelyTooLarge(ILogger logger, string topic, long bytes, long limit);

    [LoggerMessage(17, LogLevel.Warning, "A message of {Bytes} bytes on {Topic} was given up: {Times} times the connection ended while it was under way. The broker's log says why: most likely its limit of size (Mosquitto: max_packet_size), of topic levels, or its access rules.")]
    public static partial void EndsConnection(ILogger logger, string topic, long bytes, int times);

    [LoggerMessage(18, LogLevel.Warning, "{Count} more messages were not taken by the broker, for reasons like those above.")]
    public static partial void MoreNotTaken(ILogger logger, int count);

    [LoggerMessage(19, LogLevel.Information, "{Count} more commands were refused, like those above.")]
    public static partial void MoreRefused(ILogger logger, int count);

    [LoggerMessage(20, LogLevel.Warning, "{Count} more commands came retained or with response topics that cannot be used, like those above.")]
    public static partial void MoreOdd(ILogger logger, int count);

    [LoggerMessage(21, LogLevel.Warning, "The broker passes messages at most once (QoS 0): a lost connection may lose answers and states. Allow QoS 1 in the broker (Mosquitto: max_qos 1).")]
    public static partial void OnlyAtMostOnce(ILogger logger);

    [LoggerMessage(22, LogLevel.Debug, "The broker says: {Traits}.")]
    public static partial void Traits(ILogger logger, string traits);

    [LoggerMessage(23, LogLevel.Error, "The opening of a connection could not be prepared in full; it goes on with what there is.")]
    public static partial void OpeningFailed(ILogger logger, Exception e);

    [LoggerMessage(24, LogLevel.Information, "Somebody else said on {Topic} that this gateway is not online, as another client's last will may: it is said again that it is.")]
    public static partial void SaidOffline(ILogger logger, string topic);

    [LoggerMessage(25, LogLevel.Error, "{Count} more messages could not be handled, like those above.")]
    public static partial void MoreHandlersFailed(ILogger logger, int count);

    [LoggerMessage(26, LogLevel.Critical, "{Sentence}")]
    public static partial void GaveWay(ILogger logger, string sentence);

    [LoggerMessage(27, LogLevel.Warning, "A message of {Bytes} bytes on {Topic} was left out by the broker, and all smaller ones were not: most likely it is too large. Raise the broker's limit (Mosquitto: message_size_limit). Over MQTT 3.1.1 it tells no reason: set mqtt.protocol to 5.")]
    public static partial void LeftOut(ILogger logger, string topic, long bytes);

    [LoggerMessage(14, LogLevel.Error, "The MQTT loop met an unexpected error and goes on.")]
    public static partial void Unexpected(ILogger logger, Exception e);
}
