using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Files;

/// <summary>
/// Files, and the test signal that is built in. A file is opened on the pool, for a limited time: a disk or a network share that does not answer holds up whoever
/// wants to hear it, and nobody else.
/// </summary>
/// <param name="openFile">Opens a file that may be played; may wait for as long as it likes.</param>
internal sealed class FileSources(Func<string, SafeFileHandle> openFile, TimeProvider time) : ISourceProvider
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Openings that never end keep a thread each; no more than these.</summary>
    private const int MostAtOnce = 4;
    private int _underWay;

    public bool Takes(SourceRef source) => source is { Kind: SourceKind.File, Argument: not null } or { Kind: SourceKind.Pipe, Argument: Abilities.TestSignal };

    public Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken) =>
        opening.Source.Kind == SourceKind.Pipe ? Task.FromResult<IAudioInput>(new TestSignalInput(time)) : OpenFileAsync(opening.Source.Argument!, cancellationToken);

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
        var waiting = opening.WaitAsync(Limit, time, cancellationToken);
        await ((Task)waiting).Ended();
        var isLate = waiting.Failure() is TimeoutException;
        if (isLate || waiting.IsCanceled) _ = CloseLateAsync(opening);
        if (isLate) throw new PortException(PortError.TimedOut, $"The file {path} could not be opened within {Limit.TotalSeconds:0} s.", Remedy);
        return await waiting;
    }

    /// <summary>Nobody waits for it any more.</summary>
    private static async Task CloseLateAsync(Task<IAudioInput> opening)
    {
        await ((Task)opening).Ended();
        if (opening.IsCompletedSuccessfully) opening.Result.Dispose();
    }
}
