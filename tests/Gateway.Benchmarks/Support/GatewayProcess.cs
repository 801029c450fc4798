using System.Diagnostics;

namespace Gateway.Benchmarks;

/// <summary>How a build of the program is started: its label in the figures, and the words of its command line.</summary>
internal sealed record Build(string Name, IReadOnlyList<string> CommandLine)
{
    public static Build Portable { get; } = new("portable", [Environment.ProcessPath!, Path.Combine(RepositoryFiles.Root, "src/Gateway/bin/Release/net10.0/tutti.dll")]);

    /// <summary>Published on first use; minutes the first time, nothing once it is there.</summary>
    public static Build Aot()
    {
        using var publish = Process.Start(new ProcessStartInfo(Path.Combine(RepositoryFiles.Root, "scripts/publish-aot")) { RedirectStandardOutput = true })!;
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
    private static readonly TimeSpan s_endLimit = TimeSpan.FromSeconds(10);
    private readonly ChildProcess _process;

    private GatewayProcess(ChildProcess process) => _process = process;

    public bool HasExited => _process.HasExited;

    /// <summary>What it said, for an error message.</summary>
    public string Log => _process.Said;

    /// <summary>Processor time that it has used.</summary>
    public TimeSpan CpuTime => _process.CpuTime;

    public static GatewayProcess Run(Build build, string configurationFile, string dataDirectory) =>
        new(new ChildProcess(build.CommandLine[0], [.. build.CommandLine.Skip(1), "run", "--config", configurationFile, "--data", dataDirectory]));

    public long ResidentBytes() => (ProcessFacts.Of(_process.Id) ?? throw new BenchmarkException($"the gateway ended by itself:\n{Log}")).ResidentBytes;

    public void Dispose()
    {
        _process.End(s_endLimit);
        _process.Dispose();
    }
}
