using System.Diagnostics;
using Gateway.IntegrationTests.Publish;

namespace Gateway.IntegrationTests.Program;

/// <summary>The program as the build made it, run as a process of its own.</summary>
internal static class BuiltProgram
{
    private static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "tutti.dll");

    public static RunningProgram Start(params string[] arguments) => new(Line(arguments));

    public static Task<ProgramResult> RunAsync(params string[] arguments) => PublishedProgram.EndAsync(Line(arguments), TimeSpan.FromMinutes(10));

    // Whoever runs the tests in the background of a shell makes all that they start deaf to SIGINT: env takes that back.
    private static ProcessStartInfo Line(string[] arguments) => new("env", ["--default-signal=INT", "dotnet", Assembly, .. arguments]);
}
