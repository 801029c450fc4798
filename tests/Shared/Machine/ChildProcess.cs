using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.TestSupport;

/// <summary>
/// A program that a test or a benchmark started. The last lines that it said are kept, of both streams, so that it never waits for a reader and a failure
/// can tell them. It is killed when disposed. Safe from any thread.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Enough for what went before a failure; a broker that logs each packet says far more in an hour.</summary>
    private const int MostLines = 20_000;

    private readonly Process _process;
    private readonly Queue<string> _said = new();

    public ChildProcess(string program, params IEnumerable<string> arguments)
        : this(new ProcessStartInfo(program, arguments))
    {
    }

    /// <exception cref="System.ComponentModel.Win32Exception">There is no such program.</exception>
    public ChildProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Where the start asked for it.</summary>
    public StreamWriter Input => _process.StandardInput;

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
        if (HasExited) return;
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>As a supervisor does: it is asked to end, and killed if it does not.</summary>
    public void End(TimeSpan limit)
    {
        Signal(Continue);
        Signal(Terminate);
        if (!Ends(limit)) Kill();
    }

    /// <summary>False: it still runs. Its last words are heard before this returns.</summary>
    public bool Ends(TimeSpan limit)
    {
        if (!_process.WaitForExit(limit)) return false;
        _process.WaitForExit();
        return true;
    }

    public void Dispose()
    {
        Kill();
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
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PosixKill(int pid, int signal);
}
