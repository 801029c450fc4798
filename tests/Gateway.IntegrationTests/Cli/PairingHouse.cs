using Gateway.Bluetooth;
using Gateway.Cli.Client;
using Gateway.Cli.Devices;
using Gateway.Cli.Pair;
using Gateway.Configuration;
using Gateway.Hosting;
using Gateway.IntegrationTests.Bluetooth;
using Gateway.IntegrationTests.Mqtt;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Cli;

internal sealed record Ran(int Exit, string Output, string Error);

/// <summary>The whole gateway on a real Mosquitto and BlueZ-shaped objects, and the subcommands that ask it.</summary>
internal sealed class PairingHouse : IAsyncDisposable
{
    private static string House { get; } = $$"""
        gateway: { id: gw }
        bluetooth: { audio: own }
        echoes: [{ id: dot, name: Dot, serial: G0001 }]
        speakers: [{ id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}" }]
        """;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-pair-");
    private readonly PrivateBus _bus;
    private readonly Mosquitto _broker;
    private readonly Store _store;
    private readonly IHost _host;

    private PairingHouse(Mosquitto broker, FakeBlueZ bluez, PrivateBus bus, Listener ear, string? yaml, Action<Store>? earlier)
    {
        (_broker, BlueZ, _bus, Ear) = (broker, bluez, bus, ear);
        Config = Configure(_data.FullName, broker.Port, yaml);
        var configuration = ConfigurationLoader.Load(Config).Configuration!;
        _store = Store.Open(_data.FullName, TimeProvider.System);
        earlier?.Invoke(_store);
        _host = GatewayHost.Build(configuration, CatalogueLoader.BuiltIn, _store, LogLevel.Error, services => services.AddBluetooth()
            .AddSingleton(BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, CatalogueLoader.BuiltIn) with { BusAddress = bus.Address }));
    }

    public FakeBlueZ BlueZ { get; }
    public Listener Ear { get; }
    public string Config { get; }

    /// <param name="paired">Is the configured speaker paired?</param>
    /// <param name="yaml">Another house than the one with the Echo <c>dot</c>; it has the speaker <c>kitchen</c> too.</param>
    /// <param name="prepare">Puts more on the air before the gateway looks.</param>
    /// <param name="earlier">What an earlier run has kept.</param>
    public static async Task<PairingHouse> StartAsync(bool paired = false, string? yaml = null, Action<FakeBlueZ>? prepare = null, Action<Store>? earlier = null)
    {
        var bus = new PrivateBus();
        var bluez = await FakeBlueZ.StartAsync(bus.Address, fake =>
        {
            fake.Put(FakeBlueZ.DevicePath, "org.bluez.Device1", FakeBlueZ.Speaker(paired));
            prepare?.Invoke(fake);
        });
        var broker = await Mosquitto.StartAsync();
        var house = new PairingHouse(broker, bluez, bus, await Listener.StartAsync(broker.Port), yaml, earlier);
        await house._host.StartAsync();
        await house.Ear.HearsAsync("tutti/gateway/gw/availability", "online", 30);
        await Eventually.TrueAsync("the adapter and the speaker to be published", () => house.Ear.All.Any(h => h.Topic.StartsWith("tutti/adapter/", StringComparison.Ordinal))
            && house.Ear.Last("tutti/speaker/kitchen/state")?.Contains("\"paired\":null", StringComparison.Ordinal) == false, 30);
        return house;
    }

    public static string Configure(string folder, int port, string? yaml = null)
    {
        var path = Path.Combine(folder, "tutti.yaml");
        File.WriteAllText(path, $"{yaml ?? House}\nmqtt: {{ url: \"mqtt://127.0.0.1:{port}\" }}\n");
        return path;
    }

    public Task<Ran> PairAsync(string? speaker, Func<PairCommand.Request, PairCommand.Request>? change = null, TextReader? typed = null, CancellationToken cancellationToken = default)
    {
        var request = new PairCommand.Request(speaker) { Config = Config, Seconds = 20 };
        return RunAsync(terminal => PairCommand.RunAsync(change?.Invoke(request) ?? request, terminal, cancellationToken), typed);
    }

    public Task<Ran> DevicesAsync(bool json = false, bool scan = false, CancellationToken cancellationToken = default) =>
        RunAsync(terminal => DevicesCommand.RunAsync(new DevicesCommand.Request(scan, 60, Config, json), terminal, cancellationToken));

    /// <summary>Runs a search until the speaker of <see cref="AppearsInSearch"/> was found, then ends it as Ctrl-C does.</summary>
    public async Task<Ran> UntilFoundAsync(Func<CancellationToken, Task<Ran>> search)
    {
        using var stop = new CancellationTokenSource();
        var running = search(stop.Token);
        await Ear.HearsAsync("tutti/speaker/00aa01010009/state", h => h.Text.Contains("-61", StringComparison.Ordinal), 30);
        // The end of the search is answered on the same connection, after the state that was heard.
        await stop.CancelAsync();
        return await running;
    }

    public static async Task<Ran> RunAsync(Func<Terminal, Task<int>> run, TextReader? typed = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await run(new Terminal(output, error, typed));
        return new Ran(exit, output.ToString(), error.ToString());
    }

    /// <summary>A speaker that shows itself when the air is searched first.</summary>
    public void AppearsInSearch(string alias)
    {
        const string Path = FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_09";
        BlueZ.On("StartDiscovery", _ =>
        {
            BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discovering", VariantValue.Bool(true));
            if (BlueZ.Value(Path, "org.bluez.Device1", "Paired") is not null) return;
            BlueZ.Add(Path, "org.bluez.Device1", new(FakeBlueZ.Speaker(paired: false, address: "00:AA:01:01:00:09", alias: alias)) { ["RSSI"] = VariantValue.Int16(-61) });
        });
    }

    public Task HearsAsync(string what, Func<Heard, bool> heard) => Eventually.TrueAsync(what, () => Ear.All.Any(heard), 30);

    public Task StopGatewayAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _store.Dispose();
        await Ear.DisposeAsync();
        await _broker.DisposeAsync();
        await BlueZ.DisposeAsync();
        _bus.Dispose();
        _data.Delete(recursive: true);
    }
}
