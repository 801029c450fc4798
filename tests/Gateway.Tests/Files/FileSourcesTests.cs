using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Tests.Files;

/// <summary>A disk that does not answer holds up whoever wants to hear it, for a while, and nobody else.</summary>
public sealed class FileSourcesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ManualResetEventSlim _answers = new();
    private readonly FileSources _files;
    private int _asked;

    public FileSourcesTests() => _files = new FileSources(OpenSlowly, _time);

    public void Dispose() => _answers.Set();

    [Fact]
    public async Task A_file_that_does_not_come_is_given_up_in_time()
    {
        var opening = _files.OpenAsync(Request("a.wav"), CancellationToken.None);
        Assert.False(opening.IsCompleted);

        _time.Advance(FileSources.Limit);

        var given = await Assert.ThrowsAsync<PortException>(() => opening.WaitAsync(Patience.Hang));
        Assert.Equal(("The file a.wav could not be opened within 10 s.", PortError.TimedOut), (given.Message, given.Error));
    }

    [Fact]
    public async Task Whoever_wants_something_else_waits_no_longer()
    {
        using var other = new CancellationTokenSource();
        var opening = _files.OpenAsync(Request("a.wav"), other.Token);

        await other.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(Patience.Hang));
    }

    [Fact]
    public async Task Openings_that_never_end_do_not_become_ever_more()
    {
        for (var i = 0; i < 4; i++) _ = _files.OpenAsync(Request("a.wav"), CancellationToken.None);

        var fifth = await Assert.ThrowsAsync<PortException>(() => _files.OpenAsync(Request("b.wav"), CancellationToken.None).WaitAsync(Patience.Hang));
        var signal = _files.OpenAsync(new SourceOpening(new SourceRef(SourceKind.Pipe, Abilities.TestSignal), null), CancellationToken.None);

        Assert.StartsWith("Files that were asked for before are still being opened", fifth.Message, StringComparison.Ordinal);
        Assert.True(signal.IsCompletedSuccessfully);
        _answers.Set();
        var patience = new Patience(10);
        while (Volatile.Read(ref _asked) < 5)
        {
            Assert.False(patience.IsOver(), "There is no room again.");
            await Task.WhenAny(_files.OpenAsync(Request("b.wav"), CancellationToken.None)); // until one of the four has ended
            await Task.Delay(1);
        }
    }

    private static SourceOpening Request(string file) => new(new SourceRef(SourceKind.File, file), null);

    private SafeFileHandle OpenSlowly(string path)
    {
        Interlocked.Increment(ref _asked);
        _answers.Wait();
        throw new PortException(PortError.NotReachable, "There is no such file.");
    }
}
