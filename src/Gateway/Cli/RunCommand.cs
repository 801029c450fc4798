using System.CommandLine;
using System.Net.Sockets;
using Gateway.Configuration;
using Gateway.Configuration.Supervisor;
using Gateway.Hosting;
using Gateway.Mqtt;
using Gateway.Mqtt.Broker;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Cli;

/// <summary><c>tutti run</c>: the gateway itself.</summary>
internal static class RunCommand
{
    /// <summary>Ids made from names stay what they were at first sight, also when an address is learned later.</summary>
    private const string IdScope = "id";

    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "The configuration; default: /etc/tutti/tutti.yaml, else ./tutti.yaml, else none." };
        var data = new Option<string?>("--data") { Description = "The data directory; default: gateway.data, else the user's state directory." };
        var verbose = new Option<bool>("--verbose") { Description = "Log attempts and details too." };
        var command = new Command("run", "Run the gateway until it is stopped.") { config, data, verbose };
        command.SetAction((result, cancellationToken) => RunAsync(result.GetValue(config), result.GetValue(data), result.GetValue(verbose), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? configPath, string? dataDirectory, bool verbose, CancellationToken cancellationToken)
    {
        try
        {
            var app = SupervisorSetup.FromEnvironment();
            var path = configPath ?? ConfigurationPath.Default();
            // Where the data is stands in the configuration, and ids stored there decide how it is read: so it is read twice.
            if (Read(path, app, null)?.Configuration is not { } first) return ExitCodes.UsageOrConfiguration;
            using var store = Store.Open(dataDirectory ?? first.Gateway.Data ?? (app is null ? DefaultData() : "/data"), TimeProvider.System);
            var known = store.All(IdScope);
            if (Read(path, app, known) is not { Configuration: { } configuration } read) return ExitCodes.UsageOrConfiguration;
            store.Keep(IdScope, read.Ids.Where(i => !known.ContainsKey(i.Key)).Select(i => KeyValuePair.Create(i.Key, (string?)i.Value)).ToList());
            if (LoadCatalogue(path) is not { } catalogue) return ExitCodes.UsageOrConfiguration;
            var completed = app is null ? new CompletedConfiguration(configuration, null) : await app.CompleteAsync(configuration, cancellationToken);
            await using var broker = await StartBrokerAsync(completed.Configuration.Mqtt);
            using var host = GatewayHost.Build(completed.Configuration, catalogue, store, verbose ? LogLevel.Debug : LogLevel.Information);
            var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Gateway");
            RunLog.Starting(log, ProgramVersion.Text, path is null ? "no configuration file" : $"configuration {path}", completed.Configuration.Mqtt.DisplayUrl, store.Path);
            if (completed.Configuration.Mqtt is { Embedded: { } inside } mqtt)
            {
                var address = new HostAndPort(inside.Address.ToString(), inside.Port).ToString();
                RunLog.BrokerInside(log, address, mqtt.Username is null ? "no password" : "mqtt.username and mqtt.password");
            }

            foreach (var notice in store.Notices) RunLog.Notice(log, notice);
            store.Told += notice => RunLog.Notice(log, notice);
            if (completed.Problem is { } problem) RunLog.Notice(log, problem);
            var claim = host.Services.GetRequiredService<GatewayClaim>();
            await host.RunAsync(cancellationToken);
            return claim.Winner is null ? ExitCodes.Fine : ExitCodes.UsageOrConfiguration; // the log says why
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Fine; // stopped while starting
        }
        catch (Exception unusable) when (unusable is StorageException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync(unusable.Message);
            return ExitCodes.UsageOrConfiguration;
        }
    }

    /// <summary>Null: the broker is another's.</summary>
    /// <exception cref="InvalidDataException">It cannot listen there.</exception>
    private static async Task<EmbeddedBroker?> StartBrokerAsync(MqttSettings mqtt)
    {
        if (mqtt.Embedded is not { } place) return null;
        try
        {
            return await EmbeddedBroker.StartAsync(place, mqtt.Username, mqtt.Password, BrokerNotes.Default);
        }
        catch (SocketException no)
        {
            var at = new HostAndPort(place.Address.ToString(), place.Port);
            throw new InvalidDataException(no.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"The broker inside (mqtt.embedded) cannot listen on {at}: the port is in use, probably by a broker such as Mosquitto. Use that one: remove embedded: true and write mqtt.url: mqtt://127.0.0.1:{place.Port}. Or choose another port: mqtt.listen: {at with { Port = place.Port == 65535 ? 1883 : place.Port + 1 }}.",
                SocketError.AddressNotAvailable => $"The broker inside (mqtt.embedded) cannot listen on {at}: this machine has no such address. Write an address of this machine as mqtt.listen, or 0.0.0.0:{place.Port} for all of them.",
                SocketError.AccessDenied => $"The broker inside (mqtt.embedded) may not listen on {at}: ports below 1024 are root's. Choose a higher one: mqtt.listen: {at with { Port = 1883 }}.",
                _ => $"The broker inside (mqtt.embedded) cannot listen on {at}: {no.Message}. Choose another address: mqtt.listen.",
            }, no);
        }
    }

    private static ConfigurationResult? Read(string? path, SupervisorSetup? app, IReadOnlyDictionary<string, string>? knownIds)
    {
        var missing = path is not null && !File.Exists(path) && !Directory.Exists(path);
        if (missing && knownIds is null) Console.Error.WriteLine($"There is no {path}: going on with what is found on the air and on the bus.");
        var result = path is null || missing ? app?.Configuration(knownIds) ?? ConfigurationLoader.Parse("", "tutti.yaml", knownIds) : ConfigurationLoader.Load(path, knownIds);
        if (knownIds is null || !result.IsValid)
        {
            foreach (var problem in result.Errors) Console.Error.WriteLine(problem);
            foreach (var warning in result.Warnings) Console.Error.WriteLine($"warning: {warning}");
        }

        return result.IsValid ? result : null;
    }

    private static Engine.Catalogue? LoadCatalogue(string? path)
    {
        var result = CatalogueLoader.Load(path);
        foreach (var error in result.Errors) Console.Error.WriteLine(error);
        return result.Value;
    }

    internal static string DefaultData()
    {
        if (Environment.UserName == "root") return "/var/lib/tutti";
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return Path.Combine(state, "tutti");
    }
}

internal static partial class RunLog
{
    [LoggerMessage(1001, LogLevel.Information, "Tutti {Version} starts: {Configuration}, broker {Broker}, data {Data}")]
    public static partial void Starting(ILogger log, string version, string configuration, string broker, string data);

    [LoggerMessage(1003, LogLevel.Information, "The broker inside listens on {Address} ({Secret}). Point Home Assistant's MQTT integration at it.")]
    public static partial void BrokerInside(ILogger log, string address, string secret);

    [LoggerMessage(1002, LogLevel.Warning, "{Notice}")]
    public static partial void Notice(ILogger log, string notice);
}
