using System.CommandLine;
using Gateway.Configuration;
using Gateway.Configuration.Supervisor;
using Gateway.Mqtt.Broker;

namespace Gateway.Cli.Client;

/// <summary>Where the running gateway is asked, as the command line says.</summary>
/// <param name="Config">The gateway's configuration; null: the default one. With a broker only one that is named is read, for the base topic and the gateway's id.</param>
/// <param name="Broker">The broker's URL; null: as configured, and where nothing is, the one on this machine that has a gateway.</param>
internal readonly record struct GatewayPlace(string? Config, string? Broker)
{
    /// <summary>The options again, for a command to copy; a password is left for the user to fill in.</summary>
    public string Arguments => $"{(Config is { } config ? $" --config {Quoted(config)}" : "")}{(Broker is { } broker && MqttSection.ParseUrl(broker) is { } url ? $" --broker {Quoted(WithoutPassword(url))}" : "")}";

    private static string WithoutPassword(MqttSettings url) =>
        url.Username is not { } user ? url.DisplayUrl : url.DisplayUrl.Replace("://", $"://{Uri.EscapeDataString(user)}{(url.Password is null ? "" : ":PASSWORD")}@", StringComparison.Ordinal);

    // As a POSIX shell reads it.
    private static string Quoted(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "/._-+:@".Contains(c, StringComparison.Ordinal)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>What the subcommands that ask the running gateway have in common: its configuration, the terminal, and how they end.</summary>
internal static class ClientCommand
{
    public static Option<string?> Broker() => new("--broker") { Description = "The broker of the running gateway: mqtt[s]://[user:password@]host[:port]; default: as the configuration says, without one whatever runs on this machine, the demo too", HelpName = "URL" };

    public static Option<string?> Config() => new("--config") { Description = "The running gateway's configuration; default: /etc/tutti/tutti.yaml, else ./tutti.yaml, else none", HelpName = "FILE" };

    /// <summary>A terminal whose user is asked only where one sits there.</summary>
    public static Terminal TerminalOf(ParseResult parsed) =>
        new(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, Console.IsInputRedirected ? null : Console.In);

    /// <summary>Finds the gateway and asks it.</summary>
    /// <param name="name">The subcommand, for the client id.</param>
    /// <param name="stopped">What Ctrl-C leaves behind, as a sentence.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        GatewayPlace place, string name, Terminal terminal, Func<GatewayClient, Task<int>> ask, (string Text, int ExitCode) stopped, CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(place, terminal, cancellationToken) is not { } configuration) return ExitCodes.UsageOrConfiguration;
            await using var gateway = await GatewayClient.ConnectAsync(configuration, name, cancellationToken);
            await gateway.FindGatewayAsync(cancellationToken);
            return await ask(gateway);
        }
        catch (Exception error) when (EndOf(error) is { } end)
        {
            terminal.Tell(end.Text);
            return end.ExitCode;
        }

        (string Text, int ExitCode)? EndOf(Exception error) => error switch
        {
            GatewayClientException no => (no.Message, no.ExitCode),
            InvalidDataException unusable => (unusable.Message, ExitCodes.UsageOrConfiguration),
            OperationCanceledException when cancellationToken.IsCancellationRequested => stopped,
            _ => null,
        };
    }

    /// <summary>A configuration that leads to the gateway; null: there is none, and why was told.</summary>
    private static async Task<TuttiConfiguration?> FindAsync(GatewayPlace place, Terminal terminal, CancellationToken cancellationToken)
    {
        var url = place.Broker is { } text ? MqttSection.ParseUrl(text) : null;
        if (place.Broker is not null && url is null)
        {
            // Not quoted: a password may stand in it.
            terminal.Tell("--broker is not the address of a broker. Write mqtt://host:port, or mqtts://user:password@host:port.");
            return null;
        }

        var app = SupervisorSetup.FromEnvironment();
        var path = place.Config ?? (url is null ? ConfigurationPath.Default() : null);
        if (path is null && (app is null || url is not null)) return new TuttiConfiguration { Mqtt = url ?? await LocalGateways.FindAsync(BrokerNotes.Default, new MqttSettings(), cancellationToken) };
        var result = path is null ? app?.Configuration() ?? ConfigurationLoader.Parse("", "tutti.yaml") : ConfigurationLoader.Load(path);
        foreach (var problem in result.Errors) terminal.Tell(problem.ToString());
        if (result.Configuration is not { } configuration) return null;
        if (url is not null) return configuration with { Mqtt = configuration.Mqtt with { IsFromCommandLine = true, Host = url.Host, Port = url.Port, Tls = url.Tls, Username = url.Username, Password = url.Password } };
        if (app is null) return configuration;
        var completed = await app.CompleteAsync(configuration, cancellationToken);
        if (completed.Problem is { } incomplete) terminal.Tell(incomplete);
        return completed.Configuration;
    }
}
