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
    private static readonly TimeSpan s_publishLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan s_runLimit = TimeSpan.FromMinutes(6);
    private readonly string[] _commandLine;

    private PublishedProgram(string rid, string path)
    {
        Path = path;
        Log = RepositoryFiles.Text($"artifacts/build-aot-{rid}.log");
        var foreign = rid == "linux-arm64" && RuntimeInformation.OSArchitecture != Architecture.Arm64;
        _commandLine = foreign ? ["qemu-aarch64-static", "-L", ArmLibraries, path] : [path];
    }

    public string Path { get; }

    /// <summary>The compiler's and linker's words.</summary>
    public string Log { get; }

    public static async Task<PublishedProgram> PublishAsync(string rid)
    {
        var result = await EndAsync(Line([RepositoryFiles.PathOf("scripts/publish-aot"), rid]), s_publishLimit);
        Assert.True(result.ExitCode == 0, $"scripts/publish-aot {rid} ended with {result.ExitCode}:\n{result.Error}");
        return new PublishedProgram(rid, result.Output.Trim());
    }

    public RunningProgram Start(params string[] arguments) => new(Line([.. _commandLine, .. arguments]));

    public Task<ProgramResult> RunAsync(params string[] arguments) => EndAsync(Line([.. _commandLine, .. arguments]), s_runLimit);

    /// <summary>Runs it to its end; a program that does not end is killed and fails the test.</summary>
    public static async Task<ProgramResult> EndAsync(ProcessStartInfo start, TimeSpan limit)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
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
            throw new TimeoutException($"{start.FileName} did not end within {limit.TotalSeconds:F0} s.");
        }
    }

    private static ProcessStartInfo Line(IReadOnlyList<string> words) => new(words[0], words.Skip(1)) { WorkingDirectory = RepositoryFiles.Root };
}
