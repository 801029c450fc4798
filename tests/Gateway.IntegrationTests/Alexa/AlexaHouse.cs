using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Echo.Alexa;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Alexa;

/// <summary>The simulated cloud, over real TLS on loopback, and the client that the gateway has for Amazon's.</summary>
internal sealed class AlexaHouse : IAsyncDisposable
{
    public const string Kitchen = "G0EXAMPLE0000001";
    public const string Office = "G0EXAMPLE0000002";
    public static readonly BluetoothAddress Ours = BluetoothAddress.Parse("00:1A:7D:DA:71:01");
    public static readonly BluetoothAddress Terrace = BluetoothAddress.Parse("00:1A:7D:DA:71:02");
    public static readonly BluetoothAddress Phone = BluetoothAddress.Parse("00:1A:7D:DA:71:03");
    private readonly SimulatedAlexa _cloud;
    private readonly HttpClient _people;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-test-");

    private readonly CancellationTokenSource _end = new();
    private Task? _running;

    private AlexaHouse(SimulatedAlexa cloud, WaitedTime time, string? token)
    {
        (_cloud, Time) = (cloud, time);
        _people = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }) { BaseAddress = cloud.Url };
        Options = new AlexaOptions(token ?? cloud.RefreshToken, null, _data.FullName) { Url = cloud.Url, AuthorityFile = cloud.AuthorityFile };
        Echoes = new AlexaEchoes(Options, time, new Lines(Log), () => 0.5);
    }

    public WaitedTime Time { get; }
    public AlexaOptions Options { get; }
    public AlexaEchoes Echoes { get; private set; }
    public ConcurrentQueue<string> Log { get; } = new();
    public string SessionFile => Path.Combine(_data.FullName, "tutti.alexa.json");
    public string RefreshToken => _cloud.RefreshToken;

    public static async Task<AlexaHouse> StartAsync(SimulatedAccount? account = null, string? token = null, TimeSpan clientIsOff = default) =>
        new(await SimulatedAlexa.StartAsync(account ?? SimulatedAccount.Example, CatalogueLoader.BuiltIn, 0, new FastTime()), new WaitedTime(clientIsOff), token);

    /// <summary>Started, looked at once, and what was asked until then forgotten.</summary>
    public static async Task<AlexaHouse> SeenAsync(SimulatedAccount? account = null)
    {
        var house = await StartAsync(account);
        await house.LookAsync();
        Assert.Null(house.Echoes.Current.Problem);
        return house;
    }

    public Task<TimeSpan> LookAsync() => Echoes.LookAsync(AlexaParts.All, CancellationToken.None);

    /// <summary>Looks and listens from now on, until the house is left.</summary>
    public void Run() => _running = Echoes.RunAsync(_end.Token);

    public EchoDevice Echo(string serial = Kitchen) => Echoes.Current.Echoes.Single(e => e.Serial == serial);

    /// <summary>The gateway starts anew with the same data directory.</summary>
    public void Restart()
    {
        Echoes.Dispose();
        Echoes = new AlexaEchoes(Options, Time, new Lines(Log), () => 0.5);
    }

    public Task SaysAsync(string words) => Eventually.TrueAsync(() => $"it says \"{words}\": {string.Join('\n', Log)}", () => Log.Any(line => line.Contains(words, StringComparison.Ordinal)), 60);

    public async Task IsAskedAsync(string request, int times)
    {
        var patience = new Patience(60);
        while ((await RequestsAsync()).Count(r => r == request) < times)
        {
            Assert.False(patience.IsOver(), $"{request} did not come {times} times.");
            await Task.Delay(50);
        }
    }

    public Task FaultAsync(object fault) => PostAsync("/_sim/faults", fault);

    public Task LinkAsync(string echo, string? peer) => PostAsync("/_sim/link", new { echo, peer });

    public async Task<JsonNode> StateAsync(string serial = Kitchen) => (await _people.GetFromJsonAsync<JsonNode>("/_sim/state"))!["echoes"]!.AsArray().Single(e => (string?)e!["serial"] == serial)!;

    public async Task<IReadOnlyList<string>> RequestsAsync() =>
        [.. (await _people.GetFromJsonAsync<JsonNode>("/_sim/requests"))!["requests"]!.AsArray().Select(r => $"{r!["method"]} {r["path"]}")];

    public async Task<int> MostAtOnceAsync() => (int)(await _people.GetFromJsonAsync<JsonNode>("/_sim/requests"))!["most_at_once"]!;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_running is not null) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _end.Dispose();
        Echoes.Dispose();
        _people.Dispose();
        await _cloud.DisposeAsync();
        _data.Delete(recursive: true);
    }

    private async Task PostAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body));
        using var answer = await _people.PostAsync(path, content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
    }
}
