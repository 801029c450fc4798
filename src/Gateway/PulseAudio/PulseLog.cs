using Microsoft.Extensions.Logging;

namespace Gateway.PulseAudio;

internal static partial class PulseLog
{
    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Plays through the sound server.")]
    public static partial void Connected(ILogger log);

    [LoggerMessage(EventId = 4102, Level = LogLevel.Warning, Message = "No sound through the sound server: {Reason}. {Remedy}")]
    public static partial void NoServer(ILogger log, string reason, string remedy);

    [LoggerMessage(EventId = 4103, Level = LogLevel.Warning, Message = "The sound server is gone; it is waited for.")]
    public static partial void Gone(ILogger log);
}
