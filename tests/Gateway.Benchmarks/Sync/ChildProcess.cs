using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// A program that the run started. setpriv lets the kernel kill it with us (with the thread that started it, so that must be the main thread), whatever
/// ends us; it has a folder of its own as its home, and sees no sound server but the run's.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private ChildProcess(string name, Process process)
    {
        (Name, _process) = (name, process);
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }
    public bool HasExited => _process.HasExited;
    public double CpuSeconds => _process.TotalProcessorTime.TotalSeconds;

    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public static ChildProcess Start(string home, string program, params string[] words)
    {
        if (!program.Contains('/') && !IsOnPath(program)) throw new BenchmarkException($"{program} is missing. Install Debian's package {(program == "pacat" ? "pulseaudio-utils" : program)}.");
        var start = new ProcessStartInfo("setpriv") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = home };
        foreach (var word in (string[])["--pdeathsig", "KILL", "--", program, .. words]) start.ArgumentList.Add(word);
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PULSE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment.Remove("DBUS_SESSION_BUS_ADDRESS");
        start.Environment["HOME"] = start.Environment["XDG_RUNTIME_DIR"] = home;
        try
        {
            return new ChildProcess(Path.GetFileName(program), Process.Start(start)!);
        }
        catch (Win32Exception e)
        {
            throw new BenchmarkException($"setpriv cannot be started: {e.Message}. It belongs to Debian's package util-linux.");
        }
    }

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>SIGSTOP: it stands still, as when the machine sleeps.</summary>
    public void Freeze() => _ = kill(_process.Id, Stop);

    public void Thaw() => _ = kill(_process.Id, Continue);

    /// <summary>Ends it by the end of its input; what it said meanwhile is kept.</summary>
    public void EndInput(TimeSpan limit)
    {
        _process.StandardInput.Close();
        if (_process.WaitForExit(limit)) _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_said) _said.AppendLine(line.Data);
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
