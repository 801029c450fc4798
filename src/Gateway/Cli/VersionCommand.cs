using System.CommandLine;
using Gateway.Hosting;

namespace Gateway.Cli;

internal static class VersionCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON alone on stdout" };
        var command = new Command("version", "Print the version.") { json };
        command.SetAction(result =>
        {
            Console.WriteLine(result.GetValue(json) ? $$"""{"version":"{{ProgramVersion.Text}}"}""" : $"tutti {ProgramVersion.Text}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
