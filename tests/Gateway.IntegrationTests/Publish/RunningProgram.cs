using System.Diagnostics;

namespace Gateway.IntegrationTests.Publish;

/// <summary>A program that runs until it is told to end; what it prints, on both streams, is kept. Killed when disposed.</summary>
internal sealed class RunningProgram(ProcessStartInfo start) : IDisposable
{
    private readonly ChildProcess _process = new(start);

    public string Text => _process.Said;

    public async Task SaysAsync(string words, TimeSpan limit)
    {
        await Eventually.TrueAsync(() => $"it says \"{words}\"; it said:\n{Text}", () => Text.Contains(words, StringComparison.Ordinal) || _process.HasExited, limit.TotalSeconds);
        Assert.True(Text.Contains(words, StringComparison.Ordinal), $"It ended before it had said \"{words}\":\n{Text}");
    }

    public void Kill() => _process.Kill();

    /// <summary>Asks it to end as a supervisor does, or by another signal (<see cref="ChildProcess.Interrupt"/>: Ctrl-C), and gives the exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan limit, int signal = ChildProcess.Terminate)
    {
        _process.Signal(signal);
        await Eventually.TrueAsync(() => $"it ends after signal {signal}; it said:\n{Text}", () => _process.HasExited, limit.TotalSeconds);
        _process.Ends(Patience.Hang); // its last words
        return _process.ExitCode;
    }

    public void Dispose() => _process.Dispose();
}
