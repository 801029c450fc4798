using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Playback.Sources;

/// <summary>
/// Opens what a group's source stands for. Links and our own sounds are there at once; a file is opened on the pool, for a limited time: a disk or a network
/// share that does not answer holds up whoever wants to hear it, and nobody else.
/// </summary>
/// <param name="openFile">Opens a file that may be played; may wait for as long as it likes.</param>
internal sealed class SourceOpener(IAudioPort audio, Func<string, SafeFileHandle> openFile, TimeProvider time)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Openings that never end keep a thread each; no more than these.</summary>
    private const int MostAtOnce = 4;
    private int _underWay;

    /// <summary>The input, or a <see cref="PortException"/>: it cannot be opened now, or this version cannot play it; with the remedy. Completed on return but for a file.</summary>
    public Task<IAudioInput> OpenAsync(PlaybackRequest request, CancellationToken cancellationToken)
    {
        if (request.Source is { Kind: SourceKind.File, Argument: { } path }) return OpenFileAsync(path, cancellationToken);
        try
        {
            return Task.FromResult(Open(request));
        }
        catch (PortException no)
        {
            return Task.FromException<IAudioInput>(no);
        }
    }

    private IAudioInput Open(PlaybackRequest request) => request.Source switch
    {
        null => throw new PortException(PortError.Other, $"{request.Name} has no source.", "Choose one with its Source."),
        { Kind: SourceKind.Echo or SourceKind.Phone } source => OpenLink(request, source),
        { Kind: SourceKind.Pipe, Argument: Abilities.TestSignal } => new TestSignalInput(time),
        { } source => throw new PortException(PortError.PartMissing, Abilities.ThisVersion.WhyNot(source) ?? $"The gateway cannot play {source} itself.", $"Use {Abilities.ThisVersion.SourceForms}."),
    };

    private IAudioInput OpenLink(PlaybackRequest request, SourceRef source)
    {
        if (request is { SourceAdapter: { } adapter, SourceAddress: { } address }) return audio.OpenReceiver(adapter, address);
        throw new PortException(PortError.NotReachable, $"{request.SourceName ?? source.ToString()}, the source of {request.Name}, has no link with the gateway.", "Connect it: it is taken up by itself.");
    }

    private async Task<IAudioInput> OpenFileAsync(string path, CancellationToken cancellationToken)
    {
        const string Remedy = "Check the disk or the network share that audio.media_dir lies on.";
        if (Interlocked.Increment(ref _underWay) > MostAtOnce)
        {
            Interlocked.Decrement(ref _underWay);
            throw new PortException(PortError.TimedOut, "Files that were asked for before are still being opened, and their disk does not answer.", Remedy);
        }

        var opening = Task.Run<IAudioInput>(() =>
        {
            try
            {
                return WavFileInput.Open(() => openFile(path), path, time);
            }
            finally
            {
                Interlocked.Decrement(ref _underWay);
            }
        }, CancellationToken.None);
        try
        {
            return await opening.WaitAsync(Limit, time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            _ = CloseLateAsync(opening);
            throw error is TimeoutException ? new PortException(PortError.TimedOut, $"The file {path} could not be opened within {Limit.TotalSeconds:0} s.", Remedy) : error;
        }
    }

    /// <summary>Nobody waits for it any more.</summary>
    private static async Task CloseLateAsync(Task<IAudioInput> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully) opening.Result.Dispose();
    }
}
