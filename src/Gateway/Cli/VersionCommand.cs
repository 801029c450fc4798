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
        var command = new Command("version", "Print the version.");
        command.SetAction(_ =>
        {
            Console.WriteLine($"tutti {Version}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
