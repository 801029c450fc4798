using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Playback;

/// <summary>Opens what a group's source stands for.</summary>
internal sealed class SourceOpener(IAudioPort audio, TimeProvider time)
{
    /// <exception cref="PortException">It cannot be opened now, or this version cannot play it; with the remedy.</exception>
    public IAudioInput Open(PlaybackRequest request) => request.Source switch
    {
        null => throw new PortException(PortError.Other, $"{request.Name} has no source.", "Choose one with its Source."),
        { Kind: SourceKind.Echo or SourceKind.Phone } source => OpenLink(request, source),
        { Kind: SourceKind.File, Argument: { } path } => WavFileInput.Open(path, time),
        { Kind: SourceKind.Pipe, Argument: Abilities.TestSignal } => new TestSignalInput(time),
        { } source => throw new PortException(PortError.PartMissing, Abilities.ThisVersion.WhyNot(source) ?? $"The gateway cannot play {source} itself.", $"Use {Abilities.ThisVersion.SourceForms}."),
    };

    private IAudioInput OpenLink(PlaybackRequest request, SourceRef source)
    {
        if (request is { SourceAdapter: { } adapter, SourceAddress: { } address }) return audio.OpenReceiver(adapter, address);
        throw new PortException(PortError.NotReachable, $"{request.SourceName ?? source.ToString()}, the source of {request.Name}, has no link with the gateway.", "Connect it: it is taken up by itself.");
    }
}
