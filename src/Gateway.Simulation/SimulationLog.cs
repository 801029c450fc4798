using Microsoft.Extensions.Logging;

namespace Gateway.Simulation;

internal static partial class SimulationLog
{
    [LoggerMessage(1, LogLevel.Error, "Whoever watches the simulated house failed on a change of it; the house goes on")]
    public static partial void HandlerFailed(ILogger logger, Exception error);

    [LoggerMessage(2, LogLevel.Debug, "Simulation: {Text}")]
    public static partial void Obeyed(ILogger logger, string text);

    [LoggerMessage(3, LogLevel.Warning, "Simulation: {Problem}")]
    public static partial void Refused(ILogger logger, string problem);

    [LoggerMessage(4, LogLevel.Warning, "The simulated house does not reach the broker {Broker} ({Reason}); it tries again in {Seconds} s. Until then nothing comes on tutti-sim/truth")]
    public static partial void BrokerAway(ILogger logger, SimulatedBroker broker, string reason, double seconds);

    [LoggerMessage(5, LogLevel.Information, "The simulated house tells its truth to {Broker} on tutti-sim/truth")]
    public static partial void BrokerThere(ILogger logger, SimulatedBroker broker);
}
