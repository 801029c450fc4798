using System.Collections.Concurrent;
using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Files;
using Gateway.Hosting;
using Gateway.House;
using Gateway.Playback;
using Gateway.PulseAudio;
using Gateway.Reconciler;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>The gateway but for MQTT, on BlueZ-shaped objects and a scripted Echo side.</summary>
internal sealed class BlueZHouse : IAsyncDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-house-");
    private readonly PrivateBus _bus = new();
    private readonly Store _store;
    private readonly PlaybackEngine _playback;
    private readonly BlueZService _service;
    private readonly Gateway.Reconciler.Reconciler _reconciler;

    private const string Nowhere = "unix:/nowhere/socket";
    private readonly PulseLink _link;
    private readonly PulseOutputs _pulse;

    private BlueZHouse(TuttiConfiguration configuration, string pulse)
    {
        _store = Store.Open(_data.FullName, TimeProvider.System);
        _service = new BlueZService(
            BluetoothOptions.From(configuration.House, configuration.BluetoothAudio, CatalogueLoader.BuiltIn) with { BusAddress = _bus.Address }, TimeProvider.System, NullLogger<BlueZService>.Instance, _store);
        var sound = new BluetoothAudioPort(_service, NullLogger<BluetoothAudioPort>.Instance);
        var options = FeatureOptions.ForPulseAudio(configuration) with { Server = pulse };
        _link = new PulseLink(_service, options, TimeProvider.System, NullLogger<PulseLink>.Instance);
        _pulse = new PulseOutputs(_link, _service, options, TimeProvider.System);
        var files = new FileSources(new MediaFolder(configuration.Audio.MediaDirectory).Open, TimeProvider.System);
        _playback = new PlaybackEngine(
            FeatureOptions.ForPlayback(configuration), new SoundProviders([sound, _pulse], [sound, new PulseSources(_link, _service, TimeProvider.System), files], new PulseMicrophones()), _store, TimeProvider.System, NullLogger<PlaybackEngine>.Instance);
        _reconciler = new Gateway.Reconciler.Reconciler(
            FeatureOptions.ForReconciler(configuration, CatalogueLoader.BuiltIn, new GatewayIdentity("gw", "Tutti", "0")),
            Hub, _store, new HousePorts(_service, Echo, _playback, _service), TimeProvider.System, NullLogger<Gateway.Reconciler.Reconciler>.Instance);
        Hub.Answered += Answers.Enqueue;
        Hub.Happened += Events.Enqueue;
    }

    public HouseHub Hub { get; } = new();
    public ScriptedEcho Echo { get; } = new();
    public FakeBlueZ BlueZ { get; private set; } = null!;
    public ConcurrentQueue<Answer> Answers { get; } = new();
    public ConcurrentQueue<HouseEvent> Events { get; } = new();

    public int SpeakersRemembered => _reconciler.SpeakersRemembered;

    public SpeakerDocument Speaker => Hub.Current!.Speakers.Single(s => s.Id == "kitchen");

    /// <param name="audio"><c>bluetooth.audio</c>.</param>
    /// <param name="yaml">Another configuration than the one with the speaker <c>kitchen</c>.</param>
    /// <param name="pulse">Where the sound server is; nobody is there by itself.</param>
    public static async Task<BlueZHouse> StartAsync(string audio = "own", Action<FakeBlueZ>? prepare = null, string? yaml = null, string pulse = Nowhere)
    {
        var loaded = ConfigurationLoader.Parse(yaml ?? $$"""
            bluetooth: {audio: {{audio}}}
            audio: {media_dir: "{{Path.GetTempPath()}}"}
            echoes: [{id: dot, name: Dot, serial: G0001}]
            speakers: [{id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}"}]
            groups: [{id: party, name: Party, members: [kitchen], source: "file:/nowhere.wav"}]
            """, "test.yaml");
        Assert.Empty(loaded.Errors);
        var house = new BlueZHouse(loaded.Configuration!, pulse);
        await house.StartBlueZAsync(prepare);
        await house._playback.StartAsync(CancellationToken.None);
        await house._service.StartAsync(CancellationToken.None);
        await house._link.StartAsync(CancellationToken.None);
        await house._reconciler.StartAsync(CancellationToken.None);
        await house.UntilAsync("the speaker is seen", s => s.Adapters.Count > 0 && s.Speakers.All(x => x.Sink is not null || x.Paired is not null));
        if (audio == "pulse" && pulse == Nowhere) await Eventually.TrueAsync("no sound server is found", () => house._pulse.Current.Refusal is not null);
        return house;
    }

    public async Task StartBlueZAsync(Action<FakeBlueZ>? prepare = null) => BlueZ = await FakeBlueZ.StartAsync(_bus.Address, prepare);

    public void Send(string target, string value) => Assert.True(Hub.TrySubmit(CommandTo(target, value)));

    /// <summary>Sends a command and waits for its end.</summary>
    public async Task<Answer> AskAsync(string target, string value)
    {
        var end = Hub.AskAsync(CommandTo(target, value)).LastAsync().AsTask();
        await Eventually.TrueAsync(
            () => $"an end of {target} {value}; answers: {string.Join("; ", Answers.Select(a => $"{a.Command.Device}/{a.Command.Property} {a.Result} {a.Reason}"))}", () => end.IsCompleted, 30);
        return await end;
    }

    private static Command CommandTo(string target, string value)
    {
        var parts = target.Split('/');
        return new Command { Kind = parts[0], Id = parts[1], Property = parts[2], Value = value };
    }

    public Task UntilAsync(string what, Func<HouseSnapshot, bool> reached) => Eventually.TrueAsync(
        () => $"{what}; now: {string.Join("; ", Hub.Current?.Speakers ?? [])}", () => Hub.Current is { } current && reached(current), 30);

    public Task<HouseEvent> EventAsync(HouseEventType type) => Eventually.SomeAsync(
        () => $"the event {type}; events: {string.Join("; ", Events.Select(e => $"{e.EventType} {e.Text}"))}", () => Events.FirstOrDefault(e => e.EventType == type), 30);

    public async ValueTask DisposeAsync()
    {
        await _reconciler.StopAsync(CancellationToken.None);
        await _playback.StopAsync(CancellationToken.None);
        await _link.StopAsync(CancellationToken.None);
        await _service.StopAsync(CancellationToken.None);
        await BlueZ.DisposeAsync();
        _reconciler.Dispose();
        _playback.Dispose();
        _link.Dispose();
        _service.Dispose();
        _store.Dispose();
        _bus.Dispose();
        _data.Delete(recursive: true);
    }
}

/// <summary>An Echo side that shows what it is told to show.</summary>
internal sealed class ScriptedEcho : IEchoControl
{
    public EchoSnapshot Current { get; private set; } = EchoSnapshot.Empty;

    public event Action<EchoSnapshot>? Changed;

    public void Show(EchoPeer? link)
    {
        Current = new EchoSnapshot([new EchoDevice { Serial = "G0001", Name = "Dot", Online = true, Link = Fact.Of(link) }], null, null, null);
        Changed?.Invoke(Current);
    }

    public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) => Task.FromResult("group");

    public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;
}
