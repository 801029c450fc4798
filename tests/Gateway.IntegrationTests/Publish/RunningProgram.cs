using System.Diagnostics;
using System.Text;

namespace Gateway.IntegrationTests.Publish;

/// <summary>A program that runs until it is told to end; what it prints, on both streams, is kept. Killed when disposed.</summary>
internal sealed class RunningProgram : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _text = new();

    public RunningProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public async Task SaysAsync(string words, TimeSpan limit)
    {
        var patience = new Patience(limit.TotalSeconds);
        while (!Text.Contains(words, StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, $"It ended before it had said \"{words}\":\n{Text}");
            Assert.False(patience.IsOver(), $"It did not say \"{words}\", for which {limit.TotalSeconds:F0} s were expected:\n{Text}");
            await Task.Delay(20);
        }
    }

    /// <summary>Sends SIGTERM, as a supervisor does, or another signal (<c>INT</c>: Ctrl-C), and gives the exit code.</summary>
    public async Task<int> TerminateAsync(TimeSpan limit, string signal = "TERM")
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        var patience = new Patience(limit.TotalSeconds);
        while (!_process.HasExited)
        {
            Assert.False(patience.IsOver(), $"It did not end after SIG{signal}, for which {limit.TotalSeconds:F0} s were expected:\n{Text}");
            await Task.Delay(20);
        }

        await _process.WaitForExitAsync(); // its last words
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_text)
        {
            _text.AppendLine(line.Data);
        }
    }
}
