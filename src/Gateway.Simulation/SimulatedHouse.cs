using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Simulation;

/// <summary>
/// A whole house that is not there: Echos and their cloud, Bluetooth speakers, two radios, a room with a microphone. The
/// program reaches it through its ports only; what is really so goes to <c>tutti-sim/truth</c> and nowhere else.
/// Deterministic from the seed. Thread-safe.
/// </summary>
public sealed class SimulatedHouse : IAsyncDisposable
{
    private readonly World _world;
    private readonly People _people;
    private readonly ArrivalTracker _tracker;
    private readonly Lock _measuring = new();
    private readonly ILogger _logger;
    private readonly SimulationClient? _client;

    public SimulatedHouse(SimulatedHouseOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        _logger = loggers.CreateLogger("Gateway.Simulation");
        _world = new World(options.Seed, options.Configuration.Limits, time, _logger);
        _people = new People(_world);
        _world.Do(() => HouseBuilder.Furnish(_world, options));
        _world.Every(TimeSpan.FromSeconds(1), () => Habits.Tick(_world));
        var acoustics = new Acoustics(options.Seed);
        Bluetooth = new SimulatedBluetooth(_world);
        Echo = new SimulatedEchoCloud(_world);
        Audio = new SimulatedAudio(_world, acoustics, Bluetooth);
        _tracker = new ArrivalTracker(_world, acoustics);
        if (options.Broker is { } broker) _client = new SimulationClient(broker, Truth, Control, time, _logger);
    }

    public IBluetooth Bluetooth { get; }
    public IEchoControl Echo { get; }
    public IOutputProvider Outputs => Audio;
    public ISourceProvider Sources => Audio;
    public IMicrophone Microphone => Audio;

    /// <summary>All three, for tests.</summary>
    internal SimulatedAudio Audio { get; }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        await _world.DisposeAsync();
    }

    /// <summary>Obeys a message of <c>tutti-sim/control</c>; throws <see cref="ControlException"/> where it cannot.</summary>
    internal void Control(ReadOnlyMemory<byte> message)
    {
        var request = ControlRequest.Parse(message);
        _people.Do(request);
        SimulationLog.Obeyed(_logger, request.ToString());
    }

    /// <summary>What is really so now: one message per speaker, and per Echo that is played to.</summary>
    internal IReadOnlyList<TruthMessage> Truth()
    {
        lock (_measuring)
        {
            var arrivals = _tracker.Measure(); // tens of milliseconds: not under the world's gate
            return _world.Do(() => _world.Sinks
                .Where(s => s is Speaker || _world.LinkOf(s)?.To == s)
                .Select(s => new TruthMessage(_world.Now, s.Id, arrivals.TryGetValue(s.Id, out var ms) ? ms : null, s.LatencyMs, s.ClockPpm))
                .ToList());
        }
    }
}
