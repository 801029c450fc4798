using System.ComponentModel;
using System.Diagnostics;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// A program that the run started. setpriv lets the kernel kill it with us (with the thread that started it, so that must be the main thread), whatever
/// ends us; it has a folder of its own as its home, and sees no sound server but the run's.
/// </summary>
internal sealed class PlayerProcess : IDisposable
{
    private readonly ChildProcess _process;

    private PlayerProcess(string name, ChildProcess process) => (Name, _process) = (name, process);

    public string Name { get; }
    public bool HasExited => _process.HasExited;
    public double CpuSeconds => _process.CpuTime.TotalSeconds;
    public string Said => _process.Said;

    public static PlayerProcess Start(string home, string program, params string[] words)
    {
        if (!program.Contains('/') && !IsOnPath(program)) throw new BenchmarkException($"{program} is missing. Install Debian's package {(program == "pacat" ? "pulseaudio-utils" : program)}.");
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "--", program, .. words]) { RedirectStandardInput = true, WorkingDirectory = home };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PULSE_", StringComparison.Ordinal)).ToList()) start.Environment.Remove(name);
        start.Environment.Remove("DBUS_SESSION_BUS_ADDRESS");
        start.Environment["HOME"] = start.Environment["XDG_RUNTIME_DIR"] = home;
        try
        {
            return new PlayerProcess(Path.GetFileName(program), new ChildProcess(start));
        }
        catch (Win32Exception e)
        {
            throw new BenchmarkException($"setpriv cannot be started: {e.Message}. It belongs to Debian's package util-linux.");
        }
    }

    public void Tell(string line)
    {
        _process.Input.WriteLine(line);
        _process.Input.Flush();
    }

    /// <summary>It stands still, as when the machine sleeps.</summary>
    public void Freeze() => _process.Signal(ChildProcess.Stop);

    public void Thaw() => _process.Signal(ChildProcess.Continue);

    /// <summary>Ends it by the end of its input; what it said meanwhile is kept.</summary>
    public void EndInput(TimeSpan limit)
    {
        _process.Input.Close();
        _ = _process.Ends(limit);
    }

    public void Dispose() => _process.Dispose();

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
}
