using Gateway.House;
using Microsoft.Extensions.Logging;

namespace Gateway.Reconciler;

internal static partial class ReconcilerLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "Internal fault in the reconciler; it goes on. Please report this with the lines below.")]
    public static partial void Fault(ILogger log, Exception fault);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "{Type}: {Text}")]
    public static partial void Happened(ILogger log, string type, string text);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Information, Message = "{Count} more commands were refused, like those above.")]
    public static partial void MoreRefused(ILogger log, int count);

    /// <param name="why">With its colon; empty: nothing is said.</param>
    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "{Command} {Result}{Why}")]
    public static partial void Answered(ILogger log, string command, CommandResult result, string why);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "{Refused} Set it again if you miss it.")]
    public static partial void Refused(ILogger log, string refused);
}
