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

    [LoggerMessage(5, LogLevel.Warning, "The broker does not let us subscribe to {Filter} ({Code}): what is sent there will not arrive. Allow it in the broker's access rules.")]
    public static partial void SubscriptionRefused(ILogger logger, string filter, string code);

    [LoggerMessage(6, LogLevel.Warning, "The broker did not accept a message on {Topic} ({Code}). Allow it in the broker's access rules. Further refusals are not logged until the next connection.")]
    public static partial void PublishRefused(ILogger logger, string topic, string code);

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

    [LoggerMessage(14, LogLevel.Error, "The MQTT loop met an unexpected error and goes on.")]
    public static partial void Unexpected(ILogger logger, Exception e);
}
