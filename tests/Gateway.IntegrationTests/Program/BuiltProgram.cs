using System.Diagnostics;
using Gateway.IntegrationTests.Publish;

namespace Gateway.IntegrationTests.Program;

/// <summary>The program as the build made it, run as a process of its own.</summary>
internal static class BuiltProgram
{
    private static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "tutti.dll");

    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    public static Task<ProgramResult> RunAsync(params string[] arguments) => PublishedProgram.EndAsync(Start(arguments), TimeSpan.FromMinutes(10));
}
