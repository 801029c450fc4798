using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Reconciler;
using Gateway.Configuration;
using Gateway.Engine.Ports;
using Gateway.Hosting;
using Gateway.House;
using Gateway.Playback;
using Gateway.Simulation;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reconciler;

/// <summary>A radio side that shows what a test says, in its order, and where nobody answers a call.</summary>
internal sealed class ScriptedRadio : IBluetooth
{
    public BluetoothSnapshot Current { get; private set; } = BluetoothSnapshot.Empty with { Problem = "Bluetooth has not answered yet." };

    public event Action<BluetoothSnapshot>? Changed;

    /// <summary>It says that pairing mode is off, and shows it later.</summary>
    public bool ClosesLate { get; set; }

    public void Show(BluetoothSnapshot snapshot) => Changed?.Invoke(Current = snapshot);

    public Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken) =>
        Task.FromException(new PortException(PortError.NotReachable, $"{device} does not answer."));

    public void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress)
    {
    }

    public Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken)
    {
        if (on || !ClosesLate) Show(Current with { Adapters = [.. Current.Adapters.Select(a => a.Address == adapter ? a with { Discoverable = on } : a)] });
        return Task.CompletedTask;
    }

    public Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What a <see cref="ScriptedRadio"/> shows as linked can sound, as far as anybody knows.</summary>
internal sealed class ScriptedOutputs(ScriptedRadio radio) : IOutputProvider
{
    public string Scheme => BluetoothLinks.Scheme;
    public OutputsSnapshot Current => BluetoothLinks.OutputsIn(radio.Current);

    public IAudioOutput Open(OutputRef output) => throw new PortException(PortError.NotReachable, "Nothing is really there.");
}

/// <summary>The reconciler on a <see cref="ScriptedRadio"/>, with no Echo's cloud and a clock that stands.</summary>
internal sealed class ScriptedHome : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-test-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SimulatedHouse _nobody;
    private readonly Store _store;
    private readonly PlaybackEngine _playback;
    private readonly Gateway.Reconciler.Reconciler _reconciler;
    private readonly HouseHub _hub = new();
    private readonly ConcurrentQueue<HouseEvent> _events = new();

    private ScriptedHome(TuttiConfiguration configuration, Action<Store>? earlier)
    {
        _nobody = new SimulatedHouse(new SimulatedHouseOptions { Configuration = new(), Catalogue = CatalogueLoader.BuiltIn }, _time, NullLoggerFactory.Instance);
        _store = Store.Open(_data.FullName, _time);
        earlier?.Invoke(_store);
        _playback = new PlaybackEngine(FeatureOptions.ForPlayback(configuration), new SoundProviders([new ScriptedOutputs(Radio)], [], _nobody.Microphone), _store, _time, NullLogger<PlaybackEngine>.Instance);
        _hub.Happened += _events.Enqueue;
        _reconciler = new Gateway.Reconciler.Reconciler(
            FeatureOptions.ForReconciler(configuration, CatalogueLoader.BuiltIn, new GatewayIdentity("gw", "Tutti", "0")),
            _hub, _store, new HousePorts(Radio, _nobody.Echo, _playback, PairingQuestions: null), _time, NullLogger<Gateway.Reconciler.Reconciler>.Instance);
    }

    public ScriptedRadio Radio { get; } = new();

    /// <summary>What was told so far.</summary>
    public IReadOnlyList<string> Told => [.. _events.Select(e => e.Text)];

    public HouseSnapshot House => _hub.Current!;

    public static async Task<ScriptedHome> StartAsync(string yaml, Action<Store>? earlier = null)
    {
        var configuration = ConfigurationLoader.Parse(yaml, "test.yaml");
        Assert.Empty(configuration.Errors);
        var home = new ScriptedHome(configuration.Configuration!, earlier);
        await home._reconciler.StartAsync(CancellationToken.None);
        await home.TakenInAsync();
        return home;
    }

    /// <summary>Shows it, and waits until it is taken in.</summary>
    public async Task SeesAsync(BluetoothSnapshot snapshot)
    {
        Radio.Show(snapshot);
        await TakenInAsync();
    }

    /// <summary>Sends a command; the task is its end.</summary>
    public Task<Answer> Send(string target, string value)
    {
        var parts = target.Split('/');
        return _hub.AskAsync(new Command { Kind = parts[0], Id = parts[1], Property = parts[2], Value = value }).LastAsync().AsTask();
    }

    /// <summary>Sends a command and waits for its end.</summary>
    public async Task<Answer> AskAsync(string target, string value)
    {
        var end = Send(target, value);
        var patience = new Patience(30);
        while (!end.IsCompleted)
        {
            Assert.False(patience.IsOver(), $"No end of {target} {value}. Told: {string.Join(" | ", Told)}");
            await Task.Delay(2);
        }

        return await end;
    }

    public async ValueTask DisposeAsync()
    {
        await _reconciler.StopAsync(CancellationToken.None);
        await _nobody.DisposeAsync();
        _reconciler.Dispose();
        _playback.Dispose();
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    // Messages come before commands in each round of the loop, and the second command is of a later round.
    private async Task TakenInAsync()
    {
        for (var i = 0; i < 2; i++) await AskAsync("gateway/gw/rescan", "nothing");
    }
}
