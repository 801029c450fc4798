using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Benchmarks;

/// <summary>How a build of the program is started: its label in the figures, and the words of its command line.</summary>
internal sealed record Build(string Name, IReadOnlyList<string> CommandLine)
{
    public static Build Portable { get; } = new("portable", [Environment.ProcessPath!, Path.Combine(Repository.Root, "src/Gateway/bin/Release/net10.0/tutti.dll")]);

    /// <summary>Published on first use; minutes the first time, nothing once it is there.</summary>
    public static Build Aot()
    {
        using var publish = Process.Start(new ProcessStartInfo(Path.Combine(Repository.Root, "scripts/publish-aot")) { RedirectStandardOutput = true })!;
        var path = publish.StandardOutput.ReadToEnd().Trim();
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? new Build("aot", [path])
            : throw new BenchmarkException("the Native AOT build could not be published (above).");
    }
}

/// <summary><c>tutti run</c> as a process of its own, ended by SIGTERM as a supervisor would.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private GatewayProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it said, for an error message.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static GatewayProcess Run(Build build, string configurationFile, string dataDirectory)
    {
        var start = new ProcessStartInfo(build.CommandLine[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in build.CommandLine.Skip(1).Concat(["run", "--config", configurationFile, "--data", dataDirectory]))
        {
            start.ArgumentList.Add(word);
        }

        return new GatewayProcess(Process.Start(start)!);
    }

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in bytes (VmRSS of /proc, as ps shows it).</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal))
            ?? throw new BenchmarkException($"the gateway ended by itself:\n{Log}");
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _ = PosixKill(_process.Id, 15);
            if (!_process.WaitForExit(EndLimit))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int PosixKill(int pid, int signal);
}
