using System.Globalization;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.Simulation;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>The process that the campaign torments: the whole gateway with its own data directory, over the demo's simulated house instead of radios.</summary>
internal static class SimulatedGateway
{
    public const string Name = "faults-gateway";

    /// <param name="args">The broker's port for the gateway, the one for the house, the data directory, and the version of MQTT.</param>
    public static int Run(string[] args)
    {
        var parsed = ConfigurationLoader.Parse(Resources.Text("demo.yaml"), "demo.yaml").Configuration!;
        var configuration = parsed with { Mqtt = new MqttSettings { Port = int.Parse(args[0], CultureInfo.InvariantCulture), Protocol = Enum.Parse<MqttProtocol>(args[3]) } };
        var time = new SteppedTime(TimeProvider.System);
        new Thread(() => ListenForTheTime(time)) { IsBackground = true, Name = "clock" }.Start();
        try
        {
            using var store = Store.Open(args[2], time);
            foreach (var notice in store.Notices) Console.Error.WriteLine(notice);
            var options = new SimulatedHouseOptions
            {
                Configuration = configuration.House, Catalogue = CatalogueLoader.BuiltIn, Firmware = configuration.Simulation.Firmware, Off = configuration.Simulation.Off,
                Broker = new SimulatedBroker("127.0.0.1", int.Parse(args[1], CultureInfo.InvariantCulture)),
            };
            var house = new SimulatedHouse(options, time, NullLoggerFactory.Instance);
            using var host = GatewayHost.Build(configuration, CatalogueLoader.BuiltIn, store, LogLevel.Warning, ports => ports
                .AddSingleton<TimeProvider>(time).AddSingleton(house.Bluetooth).AddSingleton(house.Echo).AddSingleton(house.Outputs).AddSingleton(house.Sources).AddSingleton(house.Microphone));
            host.RunAsync().GetAwaiter().GetResult();
            house.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return 0;
        }
        catch (StorageException no)
        {
            Console.Error.WriteLine(no.Message);
            return 2;
        }
    }

    /// <summary>Each line sets the wall's clock.</summary>
    private static void ListenForTheTime(SteppedTime time)
    {
        while (Console.In.ReadLine() is { } line) time.Set(DateTimeOffset.Parse(line, CultureInfo.InvariantCulture));
    }
}
