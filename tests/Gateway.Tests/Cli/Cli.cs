using System.CommandLine;

namespace Gateway.Tests.Cli;

/// <summary>Runs one subcommand in this process and catches what it prints.</summary>
internal static class Cli
{
    public static (int Exit, string Output, string Error) Run(Command command, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = command.Parse(arguments).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exit, output.ToString(), error.ToString());
    }
}
