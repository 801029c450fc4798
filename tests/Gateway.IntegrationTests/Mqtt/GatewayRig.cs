using Gateway.Configuration;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>The gateway's MQTT side in a host of its own, with a hub that the test drives and a log that it can read.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    private readonly string _directory;
    private readonly bool _ownsDirectory;
    private readonly IHost _host;
    private readonly CapturedLog _log = new();

    private GatewayRig(MqttSettings settings, string? directory, MqttTimings? timings, string id, TimeProvider time)
    {
        _ownsDirectory = directory is null;
        _directory = directory ?? Directory.CreateTempSubdirectory("tutti-mqtt-").FullName;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log);
        builder.Services.AddSingleton(new MqttOptions { Broker = settings, Timings = timings ?? Quick });
        builder.Services.AddSingleton(new HomeAssistantOptions());
        builder.Services.AddSingleton(new GatewayIdentity(id, "Tutti", "0.1.0"));
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<HouseHub>();
        builder.Services.AddSingleton(_ => Store.Open(_directory, TimeProvider.System));
        builder.Services.AddMqtt();
        builder.Services.AddHomeAssistant();
        _host = builder.Build();
        Hub = _host.Services.GetRequiredService<HouseHub>();
        Connection = _host.Services.GetRequiredService<MqttConnection>();
    }

    /// <summary>Short waits, so that a test of a dead broker takes seconds.</summary>
    public static MqttTimings Quick { get; } = new()
    {
        Timeout = TimeSpan.FromSeconds(4), KeepAlive = TimeSpan.FromSeconds(2), FirstRetry = TimeSpan.FromSeconds(0.2), LongestRetry = TimeSpan.FromSeconds(0.5),
        TakenOverRetry = TimeSpan.FromSeconds(4),
    };

    public HouseHub Hub { get; }
    public MqttConnection Connection { get; }
    public Store Store => _host.Services.GetRequiredService<Store>();

    /// <summary>It asks for its own end.</summary>
    public bool IsStopping => _host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested;
    public IReadOnlyList<LogLine> Log => _log.Lines;

    public static Task<GatewayRig> StartAsync(Mosquitto broker, HouseSnapshot? house = null) => StartAsync(new MqttSettings { Port = broker.Port }, house);

    /// <summary>Starts the gateway; with a house, it is published at once.</summary>
    /// <param name="directory">Data directory to keep between two runs; null: an own one.</param>
    public static async Task<GatewayRig> StartAsync(MqttSettings settings, HouseSnapshot? house = null, string? directory = null, MqttTimings? timings = null, string id = "gw1", TimeProvider? time = null)
    {
        var rig = new GatewayRig(settings, directory, timings, id, time ?? TimeProvider.System);
        await rig._host.StartAsync();
        if (house is not null) rig.Hub.Publish(house);
        return rig;
    }

    public Task ConnectedAsync(double seconds = 15) => Eventually.TrueAsync($"the gateway is connected; its log: {string.Join(" | ", Log.Select(l => l.Text))}", () => Connection.IsConnected, seconds);

    /// <summary>The first warning, as the user would see it.</summary>
    public Task<LogLine> WarningAsync(string containing = "") => Eventually.SomeAsync(
        () => $"a warning containing \"{containing}\"; the log: {string.Join(" | ", Log.Select(l => l.Text))}", () => Log.FirstOrDefault(l => l.Level == LogLevel.Warning && l.Text.Contains(containing, StringComparison.Ordinal)));

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        if (_ownsDirectory) Directory.Delete(_directory, recursive: true);
    }
}

internal sealed record LogLine(LogLevel Level, string Text);

/// <summary>Keeps every log line.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly List<LogLine> _lines = [];

    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines) _lines.Add(new(logLevel, exception is null ? formatter(state, null) : $"{formatter(state, exception)} {exception}"));
    }

    public void Dispose()
    {
    }
}
