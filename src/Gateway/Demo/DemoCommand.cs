using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Gateway.Cli;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Mqtt;
using Gateway.Mqtt.Broker;
using Gateway.Simulation;
using Gateway.Storage;
using Gateway.Timing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Demo;

/// <summary>What the demo was asked for.</summary>
internal sealed record DemoOptions(int Port, MqttSettings? Broker, double? ForSeconds, int Seed, string? House, bool Json, bool Story, bool Keep);

/// <summary><c>tutti demo</c>: a broker, a simulated house and the real gateway; the story sends ordinary commands and tells what comes back.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the demo's own broker on loopback; default: a free one." };
        var broker = new Option<string?>("--broker") { Description = "Use your broker: mqtt://[user:password@]host[:port]." };
        var seconds = new Option<double?>("--for") { Description = "End after so many seconds; default: at Ctrl-C." };
        var seed = new Option<int>("--seed") { Description = "The simulated house's hidden latencies and clocks; default: 12, whose Party is 130 ms apart.", DefaultValueFactory = _ => 12 };
        var house = new Option<string?>("--house") { Description = "A tutti.yaml to simulate; default: the demo's own house (config/demo.yaml)." };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var noStory = new Option<bool>("--no-story") { Description = "Send nothing: the house waits for your commands." };
        var keep = new Option<bool>("--keep") { Description = "With --broker: leave the demo's devices there at the end." };
        var command = new Command("demo", "Broker, simulated house and gateway in one: see the product do its job.") { port, broker, seconds, seed, house, json, noStory, keep };
        command.SetAction(async (result, cancellationToken) =>
        {
            var given = result.GetValue(broker);
            var settings = given is null ? null : MqttSection.ParseUrl(given);
            // Not quoted: a password may stand in it.
            if (given is not null && settings is not { Tls: false }) return Problem("--broker takes mqtt://[user:password@]host[:port]; the demo speaks no TLS.");
            if (result.GetValue(port) is < 0 or > 65535) return Problem("--port takes 1 to 65535.");
            if (result.GetValue(seconds) is { } length && !(length is > 0 and < 1e7)) return Problem("--for takes seconds above 0.");
            return await RunAsync(
                new DemoOptions(result.GetValue(port), settings, result.GetValue(seconds), result.GetValue(seed), result.GetValue(house), result.GetValue(json), !result.GetValue(noStory), result.GetValue(keep)),
                cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        if (ReadHouse(options.House) is not { } configured) return ExitCodes.UsageOrConfiguration;
        var catalogue = CatalogueLoader.BuiltIn;
        var teller = new Teller(Screen.OfConsole(), options.Json, configured.House, TimeProvider.System);
        EmbeddedBroker? embedded = null;
        try
        {
            if (options.Broker is null) embedded = await EmbeddedBroker.StartAsync(new EmbeddedBrokerSettings(IPAddress.Loopback, options.Port), username: null, password: null, BrokerNotes.Default);
        }
        catch (SocketException taken)
        {
            return Problem($"Port {options.Port} on 127.0.0.1 cannot be used: {taken.Message}. Choose another with --port, or leave it out.");
        }

        await using var ended = embedded;
        var settings = options.Broker ?? new MqttSettings { Port = embedded!.Port };
        if (await Watcher.ConnectAsync(settings, cancellationToken) is not { } watcher)
        {
            Console.Error.WriteLine($"The broker {settings.DisplayUrl} does not answer, or refuses this user. Start it, or leave --broker out: the demo brings its own.");
            return ExitCodes.PartMissing;
        }

        await using (watcher)
        {
            teller.Broker(settings);
            return await PlayAsync(options, configured with { Mqtt = settings }, catalogue, teller, watcher, cancellationToken);
        }
    }

    private static async Task<int> PlayAsync(
        DemoOptions options, TuttiConfiguration configuration, Engine.Catalogue catalogue, Teller teller, Watcher watcher, CancellationToken cancellationToken)
    {
        using var console = LoggerFactory.Create(log => log.SetMinimumLevel(LogLevel.Error).AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace));
        var data = Directory.CreateTempSubdirectory("tutti-demo-");
        try
        {
            var simulated = new SimulatedHouseOptions
            {
                Configuration = configuration.House,
                Catalogue = catalogue,
                Seed = options.Seed,
                Firmware = configuration.Simulation.Firmware,
                Off = configuration.Simulation.Off,
                Broker = new SimulatedBroker(configuration.Mqtt.Host, configuration.Mqtt.Port, configuration.Mqtt.Username, configuration.Mqtt.Password),
            };
            await using var house = new SimulatedHouse(simulated, TimeProvider.System, console);
            using var store = Store.Open(data.FullName, TimeProvider.System);
            using var host = GatewayHost.Build(configuration, catalogue, store, LogLevel.Error, ports => ports
                .AddSingleton(house.Bluetooth).AddSingleton(house.Echo).AddSingleton(house.Outputs).AddSingleton(house.Sources).AddSingleton(house.Microphone));
            await host.StartAsync(CancellationToken.None);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            await TellAsync(options, configuration, teller, watcher, end.Token);
            await host.StopAsync(CancellationToken.None);
            if (host.Services.GetRequiredService<GatewayClaim>().Winner is not null) return ExitCodes.UsageOrConfiguration; // the log says why; what is on the broker is the other's
            if (options.Broker is not null && !options.Keep) await TakeBackAsync(host.Services, store, teller, watcher);
            return ExitCodes.Fine;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task TakeBackAsync(IServiceProvider services, Store store, Teller teller, Watcher watcher)
    {
        if (await TakingBack.FromBrokerAsync(watcher, store, services.GetRequiredService<Topics>(), services.GetRequiredService<House.GatewayIdentity>())) teller.Say("its devices are gone from the broker");
        else Console.Error.WriteLine("The broker is gone; the demo's devices are still on it. Run the demo with this broker again: it takes them away at its end.");
    }

    /// <summary>Tells until the time is over or Ctrl-C; both end well.</summary>
    private static async Task TellAsync(DemoOptions options, TuttiConfiguration configuration, Teller teller, Watcher watcher, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource();
        if (options.ForSeconds is { } seconds) time.CancelAfter(TimeSpan.FromSeconds(seconds));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        var story = options.Story ? new Story(configuration, teller, watcher).TellAsync(end.Token) : Task.CompletedTask;
        var both = Task.WhenAll(story, teller.TellAsync(watcher.Messages, configuration.Mqtt.BaseTopic, end.Token));
        await both.Ended();
        if (both.IsCanceled && end.IsCancellationRequested) teller.End();
        else await both;
    }

    private static TuttiConfiguration? ReadHouse(string? path)
    {
        var result = path is null
            ? ConfigurationLoader.Parse(Resources.Text("demo.yaml"), "demo.yaml")
            : ConfigurationLoader.Load(path);
        foreach (var error in result.Errors) Console.Error.WriteLine(error);
        return result.Configuration;
    }

    private static int Problem(string text)
    {
        Console.Error.WriteLine(text);
        return ExitCodes.UsageOrConfiguration;
    }
}
