using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// One life of one bluetoothd: from the moment its name is owned until the owner changes. Owns the mirror, which only <see cref="RunAsync"/>'s
/// loop touches; everything else here may be used from any thread.
/// </summary>
internal sealed partial class BlueZSession : IDisposable
{
    /// <summary>For what changes although nobody says anything: old RSSI figures go, endpoints that were refused are tried again.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    /// <summary>bluetoothd answers in milliseconds what is done before its adapters are shown first.</summary>
    private static readonly TimeSpan PrepareTime = TimeSpan.FromSeconds(2);

    private readonly BluetoothOptions _options;
    private readonly BlueZShared _shared;
    private readonly ILogger _logger;
    private readonly AgentRegistration _agent;
    private readonly string _owner;
    private readonly Channel<BusEvent> _inbox = Channel.CreateBounded<BusEvent>(new BoundedChannelOptions(16_384) { SingleReader = true });
    private readonly ConcurrentDictionary<string, AdapterGate> _gates = new(StringComparer.Ordinal);
    private readonly LinkRoles _roles;
    private readonly Endpoints _endpoints;
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _missed;
    private volatile bool _over;

    // The loop's own.
    private readonly BlueZMirror _mirror = new();
    private readonly UsableAdapters _usable;
    private readonly Projection _projection;
    private readonly EndpointRegistry _registry;
    private readonly SoundServerWatch _soundServers;
    private TimeSpan _equippedAt;
    private Task _reading = Task.CompletedTask;
    private readonly HashSet<string> _adopted = new(StringComparer.Ordinal);
    private readonly List<TaskCompletionSource> _waiting = [];

    public BlueZSession(BlueZBus bus, string owner, BluetoothOptions options, BlueZShared shared, ILogger logger)
    {
        (Bus, _owner, _options, _shared, _logger) = (bus, owner, options, shared, logger);
        _usable = new UsableAdapters(options, _mirror);
        _projection = new Projection(options, shared, _usable);
        _roles = new LinkRoles(shared, logger, ShownAsync);
        _endpoints = new Endpoints(shared.Streams, Handshakes, shared.Agent, _roles, shown => Post(new FactsChanged(shown)), logger);
        _agent = new AgentRegistration(bus, logger);
        _registry = new EndpointRegistry(bus, options, () => Post(EndpointsChanged.Instance), logger);
        _soundServers = new SoundServerWatch(_mirror, shared.Streams);
    }

    public BlueZBus Bus { get; }

    public Handshakes Handshakes { get; } = new();

    public AdapterGate GateOf(string adapterName) =>
        _gates.GetOrAdd(adapterName, name => new AdapterGate(Bus, ObjectPaths.OfAdapter(name), name, _shared.Time));

    /// <summary>Hands the loop something to take in. Where its inbox is full a signal is lost, and the loop reads everything anew.</summary>
    public void Post(BusEvent? happened)
    {
        _addresses.Note(happened);
        NotePairing(happened);
        // At once: its stream's place on the adapter is free.
        if (happened is ObjectRemoved removed && removed.Interfaces.Contains(BlueZNames.Transport) && _shared.Streams.Remove(removed.Path) is { } stream)
            Post(new FactsChanged(stream.End));
        if (happened is null || _inbox.Writer.TryWrite(happened)) return;
        _missed = true;
        (happened as FactsChanged)?.Shown?.TrySetResult();
    }

    /// <summary>Ends when the loop has shown what is known now.</summary>
    public async Task ShownAsync()
    {
        var shown = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new FactsChanged(shown));
        if (_over) shown.TrySetResult();
        await shown.Task;
    }

    /// <summary>Runs until bluetoothd goes (or <paramref name="cancellationToken"/> says so).</summary>
    public async Task RunAsync(Action<Shown> publish, Action ready, CancellationToken cancellationToken)
    {
        var connection = Bus.Connection;
        var callbacks = new Callbacks(_owner, _shared.Agent, _endpoints);
        connection.AddMethodHandler(callbacks);
        var watches = new List<IDisposable>();
        _shared.Door.Clear();
        try
        {
            // Subscribed before the objects are read: what changes in between is told twice, not never.
            watches.Add(await WatchAsync("InterfacesAdded", BlueZNames.ObjectManager, BusReader.Added));
            watches.Add(await WatchAsync("InterfacesRemoved", BlueZNames.ObjectManager, BusReader.Removed));
            watches.Add(await WatchAsync("PropertiesChanged", BlueZNames.Properties, BusReader.Changed));
            ObjectsRead? all = null;
            await Bus.ReadObjectsAsync(objects => _addresses.Note(all = new ObjectsRead(objects)), cancellationToken).OrThrowAsync();
            _mirror.Apply(all!);
            MeetOldFriends();
            _shared.Agent.DeviceAddress = _addresses.Of;
            _shared.Agent.MayLink = _roles.MayLink;
            _shared.Agent.AdapterAddress = path => _shared.Shown.AdapterAt(path)?.Address;
            await PrepareAsync(cancellationToken);
            TakeAll(); // what was just closed is not to be shown open
            publish(Project());
            ready();
            await LoopAsync(publish, cancellationToken);
        }
        finally
        {
            _over = true;
            await _ended.CancelAsync();
            EndWaiting();
            foreach (var watch in watches) watch.Dispose();
            connection.RemoveMethodHandler(callbacks.Path);
        }

        async Task<IDisposable> WatchAsync(string member, string @interface, MessageValueReader<BusEvent?> reader) => await connection.AddMatchAsync(
            new MatchRule { Type = MessageType.Signal, Sender = _owner, Interface = @interface, Member = member },
            reader, notification => { if (notification.HasValue) Post(notification.Value); }, emitOnCapturedContext: false);
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values) gate.Dispose();
        _ended.Dispose();
    }

    /// <summary>Whoever sees the adapters first finds them closed and with our endpoints. A bluetoothd that stalls over that is shown all the same.</summary>
    private async Task PrepareAsync(CancellationToken token)
    {
        var closed = TakeAgentAndCloseAllAsync(_ended.Token);
        Equip();
        await Task.WhenAny(Task.WhenAll(closed, _registry.Settled), Task.Delay(PrepareTime, _shared.Time, token));
        token.ThrowIfCancellationRequested();
    }

    /// <summary>The loop waits for time and for what comes in, never for a call to bluetoothd: one that stalls would freeze all radios.</summary>

    private async Task LoopAsync(Action<Shown> publish, CancellationToken token)
    {
        await using var tick = _shared.Time.CreateTimer(_ => Post(FactsChanged.Instance), null, Tick, Tick);
        while (true)
        {
            await _inbox.Reader.WaitToReadAsync(token);
            var equip = TakeAll();
            if (_missed && _reading.IsCompleted) _reading = ReadAnewAsync();
            KeepDoor();
            // By the clock, not by the silence: a search that tells of somebody each second must not put it off.
            if (equip || _shared.Time.Now() - _equippedAt >= Tick) Equip();
            publish(Project());
            foreach (var waiting in _waiting) waiting.TrySetResult();
            _waiting.Clear();
        }
    }

    /// <summary>A signal was lost. What is read comes in at its place among the signals.</summary>
    private async Task ReadAnewAsync()
    {
        _missed = false;
        var end = await Bus.ReadObjectsAsync(objects => Post(new ObjectsRead(objects)), _ended.Token);
        if (!end.IsDone) _missed = true; // tried again at the next round
    }

    /// <summary>All that has come until now. True: some of it concerns our endpoints.</summary>
    private bool TakeAll()
    {
        var equip = false;
        while (_inbox.Reader.TryRead(out var happened)) equip |= Take(happened);
        return equip;
    }

    /// <summary>True: it concerns our endpoints.</summary>
    private bool Take(BusEvent happened)
    {
        if (happened is ObjectRemoved removed) Forget(removed);
        if (happened is ObjectsRead) _closing.Clear();
        _mirror.Apply(happened);
        NoteRssi(happened);
        if (happened is FactsChanged { Shown: { } waiting }) _waiting.Add(waiting);
        if (happened is PropertiesChanged { Interface: BlueZNames.Adapter } changed) NoteAdapter(changed);
        return happened switch
        {
            ObjectAdded added => added.Interfaces.ContainsKey(BlueZNames.Adapter) || added.Interfaces.ContainsKey(BlueZNames.Media),
            PropertiesChanged { Interface: BlueZNames.Adapter } told => told.Changed.ContainsKey("UUIDs"), // a sound server comes or goes
            ObjectsRead or EndpointsChanged => true,
            _ => false,
        };
    }

    /// <summary>What belongs to an object that goes; another one may come under its name.</summary>
    private void Forget(ObjectRemoved removed)
    {
        if (removed.Interfaces.Contains(BlueZNames.Adapter))
        {
            _registry.Forget(removed.Path);
            _shared.Door.Invite(removed.Path, false);
            _closes.Remove(removed.Path);
            if (_gates.TryRemove(ObjectPaths.NameOf(removed.Path), out var gate)) gate.Dispose();
        }

        if (removed.Interfaces.Contains(BlueZNames.Transport)) _closing.Remove(removed.Path);
        if (!removed.Interfaces.Contains(BlueZNames.Device)) return;
        _adopted.Remove(removed.Path);
        if (Named(removed.Path) is { } device) _shared.Facts.Forget(device.Adapter, device.Address);
    }

    private void NoteAdapter(PropertiesChanged changed)
    {
        if (changed.Changed.ContainsKey("Powered")) _ = GateOf(ObjectPaths.NameOf(changed.Path)).PowerChangedAsync(changed.Changed.Flag("Powered"));
        if (changed.Changed.ContainsKey("Discoverable") && !changed.Changed.Flag("Discoverable")) _shared.Door.Invite(changed.Path, false);
    }

    private void EndWaiting()
    {
        while (_inbox.Reader.TryRead(out var happened)) (happened as FactsChanged)?.Shown?.TrySetResult();
        foreach (var waiting in _waiting) waiting.TrySetResult();
    }

    private Shown Project()
    {
        if (_usable.All().Select(a => KnownFaults.VersionOf(a.Values.Text("Modalias"))).FirstOrDefault(v => v is not null) is { } version) _shared.Found(version);
        foreach (var adapter in _usable.All()) _shared.Limits.Expire(adapter.Name, adapter.Address, _shared.Streams.CountOn(adapter.Path), _shared.Version?.Version);
        var (shown, looks, players) = _projection.Make(_mirror);
        var now = _shared.Time.Now();
        foreach (var look in looks) _shared.Facts.Of(look.Adapter, look.Device).Take(look, now);
        foreach (var address in players) _shared.Players.Add(address);
        Adopt(shown);
        CloseSurplus(shown);
        foreach (var (path, transport) in shown.Transports) HandVolumeOver(path, transport);
        return shown;
    }

    /// <summary>Who carries the sound is decided when the first adapter is there, and anew as sound servers come and go.</summary>
    private void Equip()
    {
        _equippedAt = _shared.Time.Now();
        var adapters = _usable.All();
        if (adapters.Count > 0) _shared.Look(See([.. adapters.Select(a => a.Path)]));
        if (_shared.OwnsAudio) _registry.Register(adapters.Where(a => _mirror.Find(a.Path, BlueZNames.Media) is not null).Select(a => (a.Path, a.Address)), _ended.Token);
        else _registry.Withdraw(_ended.Token);
    }

    private AudioSight See(List<string> adapterPaths) => new(
        _soundServers.Sees(adapterPaths, _registry.IsOn),
        InUse: !_shared.Streams.IsEmpty || _soundServers.HasStreams(adapterPaths),
        _shared.Facts.AnyConnecting,
        Registered: adapterPaths.Exists(_registry.IsOn));

    // Of a device on an adapter that is used; one of its twin's, or of another program's adapter, is none.
    private (string Adapter, string Address)? Named(string devicePath) =>
        _mirror.Find(devicePath, BlueZNames.Device) is { } device && DeviceAddresses.In(device) is { } address && device.Text("Adapter") is { } adapterPath
        && _usable.All().FirstOrDefault(a => a.Path == adapterPath) is { } adapter
            ? (adapter.Address, address)
            : null;
}
