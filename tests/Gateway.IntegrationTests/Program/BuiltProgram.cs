using System.Diagnostics;
using Gateway.IntegrationTests.Publish;

namespace Gateway.IntegrationTests.Program;

/// <summary>The program as the build made it, run as a process of its own.</summary>
internal static class BuiltProgram
{
    private static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "tutti.dll");

    // Whoever runs the tests in the background of a shell makes all that they start deaf to SIGINT: env takes that back.
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    public static Task<ProgramResult> RunAsync(params string[] arguments) => PublishedProgram.EndAsync(Start(arguments), TimeSpan.FromMinutes(10));
}
