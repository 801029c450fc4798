using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

internal static partial class PlaybackLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "No sound to speaker {Speaker}: {Reason}")]
    public static partial void CannotOpen(ILogger log, string speaker, string reason);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "The audio thread of group {Group} ended by an internal fault; it is started again. Please report this with the lines below.")]
    public static partial void AudioFault(ILogger log, string group, Exception fault);

    [LoggerMessage(EventId = 4003, Level = LogLevel.Warning, Message = "Group {Group} is silent: {Reason}")]
    public static partial void NoSource(ILogger log, string group, string reason);

    [LoggerMessage(EventId = 4004, Level = LogLevel.Information, Message = "Calibration of {Group}: {Text}")]
    public static partial void Calibration(ILogger log, string group, string text);

    [LoggerMessage(EventId = 4005, Level = LogLevel.Error, Message = "Internal fault in playback; it goes on. Please report this with the lines below.")]
    public static partial void Fault(ILogger log, Exception fault);

    [LoggerMessage(EventId = 4007, Level = LogLevel.Information, Message = "{Speaker} is kept awake: it gets a faint tone while no group plays on it")]
    public static partial void KeptAwake(ILogger log, string speaker);

    [LoggerMessage(EventId = 4008, Level = LogLevel.Warning, Message = "{Speaker} is not kept awake: {Reason} It is tried again.")]
    public static partial void NotKeptAwake(ILogger log, string speaker, string reason);

    [LoggerMessage(EventId = 4009, Level = LogLevel.Error, Message = "The sound to {Speaker} ended by an internal fault; the others play on, and it is opened again. Please report this with the lines below.")]
    public static partial void OutputFault(ILogger log, string speaker, Exception fault);

    [LoggerMessage(EventId = 4010, Level = LogLevel.Error, Message = "What comes from the source of group {Group} could not be taken any more, by an internal fault; it is opened again. Please report this with the lines below.")]
    public static partial void SourceFault(ILogger log, string group, Exception fault);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "What a calibration measured could not be stored, and is gone after the next start: {Reason} Check the disk of the data directory.")]
    public static partial void NotKept(ILogger log, string reason);

    [LoggerMessage(EventId = 4006, Level = LogLevel.Debug, Message = "{Speaker} was heard while it plays: off by {DeviationUs} µs, quality {Quality}")]
    public static partial void Tracked(ILogger log, string speaker, double? deviationUs, double quality);
}
