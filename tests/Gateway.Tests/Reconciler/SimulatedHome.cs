using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Gateway.Reconciler;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Hosting;
using Gateway.House;
using Gateway.Playback;
using Gateway.Simulation;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Reconciler;

/// <summary>The reconciler over a simulated house, whose time goes on only while somebody waits for the house, and only when nothing is to be done in it.</summary>
internal sealed class SimulatedHome : IAsyncDisposable
{
    /// <summary>In the house: what has not come by then does not come.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(30);

    private readonly DirectoryInfo _data;
    private readonly bool _ownsData;
    private readonly HouseTime _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Command, Task<Answer>> _ends = new(ReferenceEqualityComparer.Instance);
    private readonly SimulatedHouse _house;
    private readonly Store _store;
    private readonly PlaybackEngine _playback;
    private readonly Gateway.Reconciler.Reconciler _reconciler;
    private Task _loops = Task.CompletedTask;

    private SimulatedHome(TuttiConfiguration configuration, DirectoryInfo? data, HouseTime time, Func<IEchoControl, IEchoControl>? echo, Catalogue catalogue)
    {
        _time = time;
        Configuration = configuration;
        _ownsData = data is null;
        _data = data ?? Directory.CreateTempSubdirectory("tutti-test-");
        _house = new SimulatedHouse(
            new SimulatedHouseOptions { Configuration = configuration.House, Catalogue = catalogue, Off = configuration.Simulation.Off, Firmware = configuration.Simulation.Firmware },
            _time, NullLoggerFactory.Instance);
        _store = Store.Open(_data.FullName, _time);
        _playback = new PlaybackEngine(FeatureOptions.ForPlayback(configuration), SimulatedSound.Of(_house, configuration, _time), _store, _time, NullLogger<PlaybackEngine>.Instance);
        Hub.Answered += Answers.Enqueue;
        Hub.Happened += Events.Enqueue;
        _reconciler = new Gateway.Reconciler.Reconciler(
            FeatureOptions.ForReconciler(configuration, catalogue, new GatewayIdentity("gw", "Tutti", "0")),
            Hub, _store, new HousePorts(_house.Bluetooth, echo?.Invoke(_house.Echo) ?? _house.Echo, _playback, PairingQuestions: null), _time, NullLogger<Gateway.Reconciler.Reconciler>.Instance);
    }

    public TuttiConfiguration Configuration { get; }
    public HouseHub Hub { get; } = new();
    public ConcurrentQueue<Answer> Answers { get; } = new();
    public ConcurrentQueue<HouseEvent> Events { get; } = new();

    /// <param name="prepare">Runs before the gateway sees anything.</param>
    /// <param name="late">The clock begins so much later.</param>
    /// <param name="echo">The way to the Echos, made of the simulated cloud; null: that cloud itself.</param>
    /// <param name="catalogue">The models' habits; null: the built-in ones.</param>
    public static async Task<SimulatedHome> StartAsync(
        string? yaml = null, DirectoryInfo? data = null, Func<SimulatedHome, Task>? prepare = null, TimeSpan late = default, Func<IEchoControl, IEchoControl>? echo = null, Catalogue? catalogue = null)
    {
        var configuration = yaml is null ? ConfigurationLoader.Parse(Resources.Text("demo.yaml"), "demo.yaml") : ConfigurationLoader.Parse(yaml, "test.yaml");
        Assert.Empty(configuration.Errors);
        var time = new HouseTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + late);
        var home = time.Do(() => new SimulatedHome(configuration.Configuration!, data, time, echo, catalogue ?? CatalogueLoader.BuiltIn));
        if (prepare is not null) await prepare(home);
        home._loops = time.Do(() => Task.WhenAll(RunAsync(home._playback, home._stop.Token), RunAsync(home._reconciler, home._stop.Token))); // a host would run them on the pool
        await home.UntilAsync("the first snapshot", _ => true);
        return home;
    }

    public SpeakerDocument Speaker(string id) => Hub.Current!.Speakers.Single(s => s.Id == id);

    public GroupDocument Group(string id) => Hub.Current!.Groups.Single(g => g.Id == id);

    public EchoDocument Echo(string id) => Hub.Current!.Echoes.Single(e => e.Id == id);

    public Command Send(string target, string value)
    {
        var parts = target.Split('/');
        var command = new Command { Kind = parts[0], Id = parts[1], Property = parts.ElementAtOrDefault(2) ?? "run", Value = value };
        _ends[command] = _time.Do(() => Hub.AskAsync(command).LastAsync().AsTask());
        return command;
    }

    /// <summary>Sends a command and waits for its end.</summary>
    public Task<Answer> AskAsync(string target, string value) => EndOfAsync(Send(target, value));

    public async Task<Answer> EndOfAsync(Command command)
    {
        var end = _ends[command];
        await WaitAsync($"an end of {command.Device}/{command.Property} {command.Value}", () => end.IsCompleted);
        return await end;
    }

    public IReadOnlyList<Answer> AnswersTo(Command command) => [.. Answers.Where(a => ReferenceEquals(a.Command, command))];

    /// <summary>Somebody in the house does something, as <c>tutti-sim/control</c> has it.</summary>
    public void Control(string json) => _time.Do(() => _house.Control(Encoding.UTF8.GetBytes(json)));

    /// <summary>Something that takes time in the house, done by nobody's command.</summary>
    public async Task DoAsync(string what, Func<Task> work)
    {
        var done = _time.Do(work);
        await WaitAsync(what, () => done.IsCompleted);
        await done;
    }

    /// <summary>Somebody lets an Echo play to a speaker.</summary>
    public Task LinkAsync(string echo, string speaker)
    {
        Control($$"""{"echo":"{{echo}}","do":"link","value":"{{speaker}}"}""");
        var serial = Configuration.House.Echoes.Single(e => e.Id == echo).Serial;
        var address = Configuration.House.Speakers.Single(s => s.Id == speaker).Address;
        return WaitAsync($"{echo} to play to {speaker}", () => _house.Echo.Current.Echoes.Any(e => e.Serial == serial && e.Link.IsKnown && e.Link.Value?.Address == address));
    }

    public Task UntilAsync(string what, Func<HouseSnapshot, bool> condition) => WaitAsync(what, () => Hub.Current is { } current && condition(current));

    public Task UntilEventAsync(HouseEventType type, string? device = null) =>
        WaitAsync($"the event {type} {device}", () => Events.Any(e => e.EventType == type && (device is null || e.Device == device)));

    /// <summary>Sets the wall's clock; time itself goes on as before.</summary>
    public void SetWallClock(DateTimeOffset now) => _time.SetWall(now);

    /// <summary>What the wall's clock shows.</summary>
    public DateTimeOffset WallClock => _time.GetUtcNow();

    /// <summary>How long it takes in the house.</summary>
    public async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var begun = _time.GetTimestamp();
        await work();
        return _time.GetElapsedTime(begun);
    }

    /// <summary>Lets time pass in the house.</summary>
    public Task PassAsync(TimeSpan time)
    {
        var begun = _time.GetTimestamp();
        return WaitAsync($"{time.TotalSeconds:0} s to pass in the house", () => _time.GetElapsedTime(begun) >= time);
    }

    public async ValueTask DisposeAsync()
    {
        _time.Do(_stop.Cancel);
        await EndAsync("the loops to end", _loops);
        await EndAsync("the house to be closed", _time.Do(() => _house.DisposeAsync().AsTask()));
        _store.Dispose();
        _reconciler.Dispose();
        _playback.Dispose();
        _stop.Dispose();
        _time.Dispose();
        if (_ownsData) _data.Delete(recursive: true);
    }

    private Task WaitAsync(string what, Func<bool> condition)
    {
        var begun = _time.GetTimestamp();
        for (_time.Settle(); !condition(); _time.Settle())
        {
            if (_time.GetElapsedTime(begun) > s_longestWait)
                Assert.Fail($"Waited in vain for {what}. Last answers: {string.Join(" | ", Answers.TakeLast(3).Select(a => $"{a.Command.Device}/{a.Command.Property} {a.Command.Value} {a.Result} {a.Reason}"))}");
            _time.Step();
        }

        return Task.CompletedTask;
    }

    /// <summary>Awaits the end of what does not wait for time.</summary>
    private Task EndAsync(string what, Task work) => Eventually.TrueAsync(what, () =>
    {
        _time.Settle();
        return work.IsCompleted;
    });

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task RunAsync(PlaybackEngine playback, CancellationToken stopping);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "ExecuteAsync")]
    private static extern Task RunAsync(Gateway.Reconciler.Reconciler reconciler, CancellationToken stopping);
}
