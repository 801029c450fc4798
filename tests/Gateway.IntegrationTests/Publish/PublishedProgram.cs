using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.IntegrationTests.Publish;

/// <summary>How a run of the program ended.</summary>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>
/// The Native AOT binary of one runtime identifier, published by <c>scripts/publish-aot</c> (once for each state of the sources)
/// and run as it is, or under an emulator where it is another machine's.
/// </summary>
internal sealed class PublishedProgram
{
    private const string ArmLibraries = "/usr/aarch64-linux-gnu";
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(6);
    private readonly string[] _commandLine;

    private PublishedProgram(string rid, string path)
    {
        Path = path;
        Log = File.ReadAllText(System.IO.Path.Combine(Root, $"artifacts/build-aot-{rid}.log"));
        var foreign = rid == "linux-arm64" && RuntimeInformation.OSArchitecture != Architecture.Arm64;
        _commandLine = foreign ? ["qemu-aarch64-static", "-L", ArmLibraries, path] : [path];
    }

    public static string Root { get; } = FindRoot();

    public string Path { get; }

    /// <summary>The compiler's and linker's words.</summary>
    public string Log { get; }

    public static async Task<PublishedProgram> PublishAsync(string rid)
    {
        var result = await EndAsync(Start([System.IO.Path.Combine(Root, "scripts/publish-aot"), rid], []), PublishLimit);
        Assert.True(result.ExitCode == 0, $"scripts/publish-aot {rid} ended with {result.ExitCode}:\n{result.Error}");
        return new PublishedProgram(rid, result.Output.Trim());
    }

    public Process Start(params string[] arguments) => Start(_commandLine, arguments);

    public Task<ProgramResult> RunAsync(params string[] arguments) => EndAsync(Start(arguments), RunLimit);

    /// <summary>Waits for its end; a program that does not end is killed and fails the test.</summary>
    public static async Task<ProgramResult> EndAsync(Process process, TimeSpan limit)
    {
        using (process)
        {
            using var deadline = new CancellationTokenSource(limit);
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
                return new ProgramResult(process.ExitCode, await output, await error);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"{process.StartInfo.FileName} did not end within {limit.TotalSeconds:F0} s.");
            }
        }
    }

    private static Process Start(string[] commandLine, string[] arguments)
    {
        var start = new ProcessStartInfo(commandLine[0], [.. commandLine[1..], .. arguments])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("No Gateway.sln above the tests: they publish the program from its sources.");
    }
}
