using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth;

/// <summary>What the feature says to its operator.</summary>
internal static partial class BluetoothLog
{
    [LoggerMessage(300, LogLevel.Warning, "No Bluetooth: {Problem} It is looked for until it is there.")]
    public static partial void Unavailable(ILogger logger, string problem);

    [LoggerMessage(332, LogLevel.Debug, "No Bluetooth yet: {Problem} Next try in {Seconds:0} s.")]
    public static partial void StillUnavailable(ILogger logger, string problem, double seconds);

    [LoggerMessage(301, LogLevel.Information, "Bluetooth is there: {Adapters} adapter(s), {Devices} device(s); sound goes through {Audio}.")]
    public static partial void Available(ILogger logger, int adapters, int devices, string audio);

    [LoggerMessage(302, LogLevel.Warning, "The Bluetooth service (bluetoothd) went away; waiting for it to come back. It was connecting to: {Devices}.")]
    public static partial void ServiceGone(ILogger logger, string devices);

    [LoggerMessage(303, LogLevel.Debug, "{Count} A2DP endpoint(s) registered on {Adapter}.")]
    public static partial void EndpointsRegistered(ILogger logger, int count, string adapter);

    [LoggerMessage(304, LogLevel.Warning, "The A2DP endpoints could not be registered on {Adapter}: {Reason}")]
    public static partial void EndpointsRefused(ILogger logger, string adapter, string reason);

    [LoggerMessage(305, LogLevel.Warning, "A device offers A2DP capabilities that are no SBC capabilities: {Capabilities}.")]
    public static partial void BadCapabilities(ILogger logger, string capabilities);

    [LoggerMessage(306, LogLevel.Warning, "{Device} set a configuration for its stream that was not offered ({Configuration}), and was refused: {Reason}. It may try another by itself; if it does not, look for new firmware for it.")]
    public static partial void BadConfiguration(ILogger logger, string device, string configuration, string reason);

    [LoggerMessage(307, LogLevel.Information, "Pairing question: {Question}")]
    public static partial void Question(ILogger logger, string question);

    [LoggerMessage(308, LogLevel.Warning, "The pairing agent could not be registered: {Reason}")]
    public static partial void AgentRefused(ILogger logger, string reason);

    [LoggerMessage(309, LogLevel.Information, "Stream to {Device} open: {Rate} Hz, bitpool {Bitpool}, packets of at most {Mtu} bytes.")]
    public static partial void StreamOpen(ILogger logger, string device, int rate, int bitpool, int mtu);

    [LoggerMessage(310, LogLevel.Warning, "The stream to {Device} could not be opened: {Reason}")]
    public static partial void StreamRefused(ILogger logger, string device, string reason);

    [LoggerMessage(311, LogLevel.Information, "The stream to {Device} ended: the speaker or the link closed it.")]
    public static partial void StreamGone(ILogger logger, string device);

    [LoggerMessage(312, LogLevel.Warning, "{Device} takes no sound any more; it seems to be off or out of range. Its link is being closed.")]
    public static partial void StreamStalled(ILogger logger, string device);

    [LoggerMessage(333, LogLevel.Error, "The stream to {Device} ended by an internal fault; the others play on, and it is opened again. Please report this with the lines below.")]
    public static partial void StreamFault(ILogger logger, string device, Exception fault);

    [LoggerMessage(313, LogLevel.Information, "{Device} is paired, and trusted from now on: it connects without a question.")]
    public static partial void Adopted(ILogger logger, string device);

    [LoggerMessage(314, LogLevel.Warning, "{Device} plays to us but sends nothing for {Seconds} s; {Remedy}")]
    public static partial void ReceiverSilent(ILogger logger, string device, double seconds, string remedy);

    [LoggerMessage(315, LogLevel.Information, "BlueZ {Version} has a known fault: {Fault} {Remedy}")]
    public static partial void KnownFault(ILogger logger, string version, string fault, string remedy);

    [LoggerMessage(321, LogLevel.Information, "This is BlueZ {Version}; {Count} of its known faults concern the gateway.")]
    public static partial void ServiceVersion(ILogger logger, string version, int count);

    [LoggerMessage(322, LogLevel.Information, "{Device} broke the handshake off ({Reason}); the plainest configuration is tried.")]
    public static partial void TryingPlain(ILogger logger, string device, string reason);

    [LoggerMessage(323, LogLevel.Warning, "{Adapter} carries {Streams} stream(s) and refused another: that is taken for its limit until {Until}, or until its max_streams is changed or BlueZ is another version; then it is tried anew.")]
    public static partial void LearnedLimit(ILogger logger, string adapter, int streams, string until);

    [LoggerMessage(324, LogLevel.Information, "{Adapter} carries at most {Streams} stream(s) (learned on {At}); it is tried anew from {Until}.")]
    public static partial void KnownLimit(ILogger logger, string adapter, int streams, string at, string until);

    [LoggerMessage(325, LogLevel.Information, "The limit of {Streams} stream(s) for {Adapter} (learned on {At}) no longer counts: {Reason}.")]
    public static partial void LimitForgotten(ILogger logger, string adapter, int streams, string at, string reason);

    [LoggerMessage(327, LogLevel.Warning, "{Problem} {Remedy}")]
    public static partial void SoundServerMissing(ILogger logger, string problem, string remedy);

    [LoggerMessage(328, LogLevel.Information, "A sound server has taken Bluetooth audio: speakers can be connected.")]
    public static partial void SoundServerThere(ILogger logger);

    [LoggerMessage(329, LogLevel.Warning, "A sound server has come and does Bluetooth audio too. The gateway keeps the sound while it plays, and leaves it to the sound server after {Seconds:0} s without a stream; to keep it for good, set bluetooth.audio: own and keep the sound server away from the adapter (docs/bluetooth.md).")]
    public static partial void SoundServerWaits(ILogger logger, double seconds);

    [LoggerMessage(330, LogLevel.Warning, "{Device} paired outside of pairing mode and nobody allowed it: its keys are forgotten. To let it in, switch Pairing mode on and pair it then.")]
    public static partial void TurnedAway(ILogger logger, string device);

    [LoggerMessage(331, LogLevel.Warning, "{Adapter} could not be closed for pairing, which is tried again: {Reason}")]
    public static partial void StaysPairable(ILogger logger, string adapter, string reason);

    [LoggerMessage(336, LogLevel.Warning, "{Adapter} is still in an earlier run's pairing mode; ending it is tried again: {Reason}")]
    public static partial void StaysVisible(ILogger logger, string adapter, string reason);

    [LoggerMessage(340, LogLevel.Information, "{Device} also asked to {Doing}, which is turned away: an Echo can do one at a time.")]
    public static partial void OtherRoleRefused(ILogger logger, string device, string doing);

    [LoggerMessage(341, LogLevel.Information, "{Device} was also connected to {Doing}, which is not wanted, and was closed.")]
    public static partial void OtherRoleClosed(ILogger logger, string device, string doing);

    [LoggerMessage(342, LogLevel.Information, "BlueZ is busy with the other role of {Device}, which is to {Doing}: its link is made anew.")]
    public static partial void OtherRoleInTheWay(ILogger logger, string device, string doing);

    [LoggerMessage(316, LogLevel.Warning, "{Advice}")]
    public static partial void AdapterAdvice(ILogger logger, string advice);

    [LoggerMessage(317, LogLevel.Error, "The Bluetooth loop failed; it starts again.")]
    public static partial void LoopFailed(ILogger logger, Exception error);

    [LoggerMessage(318, LogLevel.Information, "Bluetooth sound: {Choice}, because {Reason}.")]
    public static partial void AudioChosen(ILogger logger, string choice, string reason);

    [LoggerMessage(319, LogLevel.Information, "{Device} plays to us: {Rate} Hz, packets of at most {Mtu} bytes.")]
    public static partial void ReceiverOpen(ILogger logger, string device, int rate, int mtu);

    [LoggerMessage(320, LogLevel.Warning, "The stream from {Device} could not be taken: {Reason}")]
    public static partial void ReceiverRefused(ILogger logger, string device, string reason);
}
