using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Engine.Ports;
using Gateway.Hosting;
using Gateway.IntegrationTests.Mqtt;
using Gateway.Simulation;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Playback;

/// <summary>
/// A simulated house, the whole gateway by the same clock, a real broker, and somebody who listens to both on it: the gateway's figures and the house's truth.
/// </summary>
internal sealed class SoundingHouse : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-sound-");
    private readonly Mosquitto _broker;
    private readonly SimulatedHouse _house;
    private readonly Store _store;
    private readonly IHost _host;
    private readonly string[] _speakers;
    private readonly TimeProvider _time;
    private readonly HouseClock? _clock;

    private SoundingHouse(TuttiConfiguration configuration, int seed, Mosquitto broker, Listener ear, Func<IMicrophone, IMicrophone>? microphone, double? speed)
    {
        (_broker, Ear) = (broker, ear);
        _clock = speed is { } most ? new HouseClock(most) : null;
        _time = (TimeProvider?)_clock ?? TimeProvider.System;
        _speakers = [.. configuration.House.Speakers.Select(s => s.Id)];
        var options = new SimulatedHouseOptions
        {
            Configuration = configuration.House, Catalogue = CatalogueLoader.BuiltIn, Seed = seed, Broker = new SimulatedBroker("127.0.0.1", broker.Port),
        };
        _house = new SimulatedHouse(options, _time, NullLoggerFactory.Instance);
        _store = Store.Open(_data.FullName, _time);
        _host = GatewayHost.Build(configuration, CatalogueLoader.BuiltIn, _store, LogLevel.Error, ports => ports
            .AddSingleton(_time).AddSingleton(_house.Bluetooth).AddSingleton(_house.Echo).AddSingleton(_house.Outputs).AddSingleton(_house.Sources)
            .AddSingleton(microphone?.Invoke(_house.Microphone) ?? _house.Microphone));
    }

    public Listener Ear { get; }

    public int BrokerPort => _broker.Port;

    /// <summary>The latest state of the group.</summary>
    public JsonNode Group => JsonNode.Parse(Ear.Last("tutti/group/all/state") ?? "{}")!;

    public string? Class => (string?)Group["sync"]?["class"];

    /// <param name="speed">Of the house's own clock, at most; null: it goes by the wall's, as whatever is real does.</param>
    public static async Task<SoundingHouse> StartAsync(
        int seed, int speakers, string audio = "audio: { microphone: simulated }", Func<IMicrophone, IMicrophone>? microphone = null, double? speed = null)
    {
        var names = Enumerable.Range(1, speakers).Select(i => $"s{i}").ToList();
        var yaml = $$"""
            gateway: { id: gw }
            {{audio}}
            speakers:
            {{string.Join('\n', names.Select((n, i) => $"  - {{ id: {n}, name: Speaker {i + 1}, address: \"AC:A9:B4:00:00:{i + 1:X2}\" }}"))}}
            groups:
              - { id: all, name: All, members: [{{string.Join(", ", names)}}], source: "pipe:test-signal" }
            """;
        var broker = await Mosquitto.StartAsync();
        var configuration = ConfigurationLoader.Parse(yaml, "test.yaml");
        Assert.Empty(configuration.Errors);
        var house = new SoundingHouse(
            configuration.Configuration! with { Mqtt = new MqttSettings { Port = broker.Port } }, seed, broker, await Listener.StartAsync(broker.Port), microphone, speed);
        await house._host.StartAsync();
        await house.Ear.HearsAsync("tutti/group/all/state", seconds: 20);
        return house;
    }

    public async Task PlayAsync()
    {
        await Ear.SendAsync("tutti/group/all/active/set", "ON");
        await UntilAsync("the group to play", () => (string?)Group["phase"] == "playing", 30);
    }

    /// <summary>Lets time pass in the house.</summary>
    public Task PassAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), _time);

    /// <summary>Presses a button of the group and returns the end's result and reason.</summary>
    public async Task<(string Result, string Reason)> PressAsync(string button)
    {
        var before = Ends(button).Count;
        await Ear.SendAsync($"tutti/group/all/{button}/set", "PRESS");
        await UntilAsync($"an end of {button}", () => Ends(button).Count > before, 75);
        var end = Ends(button)[^1];
        return ((string)end["result"]!, (string?)end["reason"] ?? "");
    }

    public Task ControlAsync(string what) => Ear.SendAsync("tutti-sim/control", what);

    public Task UntilAsync(string what, Func<bool> condition, double seconds) => Eventually.TrueAsync(() => $"{what}; the group: {Group.ToJsonString()}", condition, seconds);

    public bool HasHappened(string type, string? device = null) => Ear.On("tutti/event").Select(h => JsonNode.Parse(h.Text)!)
        .Any(e => (string?)e["event_type"] == type && (device is null || (string?)e["device"] == device || (string?)e["device"] == $"speaker/{device}"));

    /// <summary>
    /// Holds each offset that the gateway published against the house's truth, both relative to their own median, for a while: the
    /// largest difference in ms.
    /// </summary>
    public async Task<double> LargestErrorMsAsync(int rounds)
    {
        var worst = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            Ear.Forget();
            await UntilAsync("the gateway's figures and the truth", () => _speakers.All(s => Published(s) is not null && Truth(s) is not null), 40);
            var published = Relative(_speakers.Select(s => Published(s)!.Value));
            var truth = Relative(_speakers.Select(s => Truth(s)!.Value));
            worst = Math.Max(worst, published.Zip(truth, (p, t) => Math.Abs(p - t)).Max());
        }

        return worst;
    }

    /// <summary>What the house says of a speaker's hidden latency.</summary>
    public async Task<double> TrueLatencyMsAsync(string speaker)
    {
        await UntilAsync("the truth", () => Truths(speaker) is not null, 20);
        return (double)Truths(speaker)!["latency_ms"]!;
    }

    /// <summary>How far apart the speakers' sound really is.</summary>
    public async Task<double> TrueSpreadMsAsync()
    {
        Ear.Forget();
        await UntilAsync("the truth", () => _speakers.All(s => Truth(s) is not null), 20);
        return _speakers.Max(s => Truth(s)!.Value) - _speakers.Min(s => Truth(s)!.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await _house.DisposeAsync();
        await Ear.DisposeAsync();
        _clock?.Dispose();
        _store.Dispose();
        await _broker.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private double? Published(string speaker) => Ear.Last($"tutti/speaker/{speaker}/sync") is { } text ? (double?)JsonNode.Parse(text)!["offset_ms"] : null;

    private double? Truth(string speaker) => (double?)Truths(speaker)?["arrival_ms"];

    private JsonNode? Truths(string speaker) => Ear.On("tutti-sim/truth").Select(h => JsonNode.Parse(h.Text)!).LastOrDefault(t => (string?)t["speaker"] == speaker);

    private List<JsonNode> Ends(string command) => [.. Ear.On("tutti/response").Select(h => JsonNode.Parse(h.Text)!)
        .Where(r => (string?)r["command"] == command && (string?)r["result"] != "accepted")];

    private static List<double> Relative(IEnumerable<double> values)
    {
        var all = values.ToList();
        var sorted = all.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        return [.. all.Select(v => v - median)];
    }
}
