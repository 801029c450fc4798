using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A process of the campaign's, with the signals that it is hit by and the last lines that it said.</summary>
internal sealed class Child : IDisposable
{
    public const int Terminate = 15;
    public const int Stop = 19;
    public const int Continue = 18;
    private const int MostLines = 200;

    private readonly Process _process;
    private readonly Queue<string> _said = new();

    public Child(string program, params string[] arguments)
    {
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new BenchmarkException($"{program} could not be started.");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Said
    {
        get
        {
            lock (_said) return string.Join('\n', _said);
        }
    }

    public void Signal(int signal)
    {
        if (!HasExited) _ = PosixKill(_process.Id, signal);
    }

    /// <summary>At once, as a power cut would.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>As a supervisor does.</summary>
    public void End()
    {
        Signal(Continue);
        Signal(Terminate);
        if (!_process.WaitForExit(TimeSpan.FromSeconds(15))) Kill();
    }

    public void Dispose()
    {
        if (!HasExited) Kill();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > MostLines) _said.Dequeue();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int PosixKill(int pid, int signal);
}
