using Microsoft.Extensions.Logging;

namespace Gateway.HomeAssistant;

/// <summary>The log lines of the Home Assistant feature.</summary>
internal static partial class HomeAssistantLog
{
    [LoggerMessage(1, LogLevel.Information, "Home Assistant is online; {Count} devices are announced to it again.")]
    public static partial void Born(ILogger logger, int count);

    [LoggerMessage(2, LogLevel.Information, "Home Assistant went offline.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "\"{Name}\" was deleted in Home Assistant. It comes back when it changes, or at the next start of Home Assistant or the gateway; to be rid of it, remove it from tutti.yaml, or forget the speaker.")]
    public static partial void Deleted(ILogger logger, string name);

    [LoggerMessage(4, LogLevel.Debug, "Discovery message on {Topic}: {Length} characters.")]
    public static partial void Published(ILogger logger, string topic, int length);

    [LoggerMessage(5, LogLevel.Error, "The devices could not be announced to Home Assistant; the next change tries again.")]
    public static partial void Failed(ILogger logger, Exception e);

    [LoggerMessage(6, LogLevel.Error, "What was announced to Home Assistant cannot be stored; it is tried again with the next change. Is the disk full, or the data directory taken by another program?")]
    public static partial void NotStored(ILogger logger, Exception e);
}
