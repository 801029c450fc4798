using System.CommandLine;
using Gateway.Configuration;
using Gateway.HomeAssistant.Supervisor;

namespace Gateway.Cli.Client;

/// <summary>What the subcommands that ask the running gateway have in common: its configuration, the terminal, and how they end.</summary>
internal static class ClientCommand
{
    public static Option<string?> Config() => new("--config") { Description = "The running gateway's configuration; default: /etc/tutti/tutti.yaml, else ./tutti.yaml, else none (the broker on this machine)", HelpName = "FILE" };

    /// <summary>A terminal whose user is asked only where one sits there.</summary>
    public static Terminal TerminalOf(ParseResult parsed) =>
        new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, Console.IsInputRedirected ? null : Console.In);

    /// <summary>Null: it cannot be read, and why was told.</summary>
    public static async Task<TuttiConfiguration?> LoadAsync(string? config, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            var app = SupervisorSetup.FromEnvironment();
            var path = config ?? ConfigurationPath.Default();
            var result = path is null ? app?.Configuration() ?? ConfigurationLoader.Parse("", "tutti.yaml") : ConfigurationLoader.Load(path);
            foreach (var problem in result.Errors) terminal.Tell(problem.ToString());
            if (result.Configuration is not { } configuration || app is null) return result.Configuration;
            var completed = await app.CompleteAsync(configuration, cancellationToken);
            if (completed.Problem is { } incomplete) terminal.Tell(incomplete);
            return completed.Configuration;
        }
        catch (InvalidDataException unusable)
        {
            terminal.Tell(unusable.Message);
            return null;
        }
    }

    /// <summary>Finds the gateway and asks it.</summary>
    /// <param name="name">The subcommand, for the client id.</param>
    /// <param name="stopped">What Ctrl-C leaves behind, as a sentence.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        TuttiConfiguration configuration, string name, Terminal terminal, Func<GatewayClient, Task<int>> ask, (string Text, int ExitCode) stopped, CancellationToken cancellationToken)
    {
        try
        {
            await using var gateway = await GatewayClient.ConnectAsync(configuration, name, cancellationToken);
            await gateway.FindGatewayAsync(cancellationToken);
            return await ask(gateway);
        }
        catch (GatewayClientException no)
        {
            terminal.Tell(no.Message);
            return no.ExitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Tell(stopped.Text);
            return stopped.ExitCode;
        }
    }
}
