using System.CommandLine;
using System.Reflection;

namespace Gateway.Cli;

internal static class VersionCommand
{
    /// <summary>Such as <c>0.1.0</c>, from the build.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout" };
        var command = new Command("version", "Print the version.") { json };
        command.SetAction(result =>
        {
            Console.WriteLine(result.GetValue(json) ? $$"""{"version":"{{Version}}"}""" : $"tutti {Version}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
