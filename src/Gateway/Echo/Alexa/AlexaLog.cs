using Microsoft.Extensions.Logging;

namespace Gateway.Echo.Alexa;

internal static partial class AlexaLog
{
    [LoggerMessage(8001, LogLevel.Information, "The Alexa account ({Site}) is there: {Echoes} Echos")]
    public static partial void There(ILogger log, string site, int echoes);

    [LoggerMessage(8002, LogLevel.Warning, "Alexa: {Problem}")]
    public static partial void Problem(ILogger log, string problem);

    [LoggerMessage(8005, LogLevel.Error, "Alexa: an internal fault; the gateway goes on")]
    public static partial void Fault(ILogger log, Exception fault);

    [LoggerMessage(8006, LogLevel.Information, "Alexa tells of changes by itself")]
    public static partial void Listening(ILogger log);

    [LoggerMessage(8007, LogLevel.Warning, "Alexa tells of no changes, so they are seen 5 to 10 minutes later: {Problem}")]
    public static partial void NotListening(ILogger log, string problem);

    [LoggerMessage(8003, LogLevel.Warning, "Alexa: {What} is not known: {Problem}")]
    public static partial void PartMissing(ILogger log, string what, string problem);

    [LoggerMessage(8004, LogLevel.Information, "Alexa: {What} is known again")]
    public static partial void PartBack(ILogger log, string what);
}
