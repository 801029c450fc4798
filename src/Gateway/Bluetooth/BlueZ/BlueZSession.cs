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
internal sealed class BlueZSession : IDisposable
{
    /// <summary>The loop also runs without an event: old RSSI figures expire, and endpoints that were refused are tried again.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    /// <summary>The first view waits no longer than this for the calls that prepare the adapters. bluetoothd usually answers them in milliseconds.</summary>
    private static readonly TimeSpan s_prepareTime = TimeSpan.FromSeconds(2);

    private readonly BlueZShared _shared;
    private readonly string _owner;
    private readonly Channel<BusEvent> _inbox = Channel.CreateBounded<BusEvent>(new BoundedChannelOptions(16_384) { SingleReader = true });
    private readonly ConcurrentDictionary<string, AdapterGate> _gates = new(StringComparer.Ordinal);
    private readonly RolePolicy _roles;
    private readonly Endpoints _endpoints;
    private readonly DeviceAddresses _addresses = new();
    private readonly DeviceTrust _trust;
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _missed;
    private volatile bool _over;

    // The loop's own.
    private readonly SessionObjects _objects;
    private readonly Projection _projection;
    private readonly EndpointRegistry _registry;
    private readonly SoundServerWatch _soundServers;
    private TimeSpan _endpointsKeptAt;
    private Task _reading = Task.CompletedTask;
    private readonly List<TaskCompletionSource> _waiting = [];

    public BlueZSession(BlueZBus bus, string owner, BluetoothOptions options, BlueZShared shared, ILogger logger)
    {
        (Bus, _owner, _shared) = (bus, owner, shared);
        _objects = new SessionObjects(options);
        _projection = new Projection(options, shared, _objects.Usable);
        _roles = new RolePolicy(shared, logger, PublishedAsync);
        _endpoints = new Endpoints(shared.Streams, ConfigurationAttempts, shared.Agent, _roles, published => Post(new FactsChanged(published)), logger);
        _trust = new DeviceTrust(bus, shared, _objects, options, logger, _ended.Token);
        Adapters = new PairableAdapters(bus, shared, _objects, logger, _ended.Token);
        Upkeep = new StreamUpkeep(bus, shared, _objects, logger);
        _registry = new EndpointRegistry(bus, options, () => Post(EndpointsChanged.Instance), logger);
        _soundServers = new SoundServerWatch(_objects.Mirror, shared.Streams);
    }

    public BlueZBus Bus { get; }

    public PairableAdapters Adapters { get; }

    public StreamUpkeep Upkeep { get; }

    public ConfigurationAttempts ConfigurationAttempts { get; } = new();

    public AdapterGate GateOf(string adapterName) =>
        _gates.GetOrAdd(adapterName, name => new AdapterGate(Bus, ObjectPaths.OfAdapter(name), name, _shared.Time));

    /// <summary>Hands an event to the loop. If the inbox is full, the event is lost and the loop reads all objects again.</summary>
    public void Post(BusEvent? happened)
    {
        _addresses.Note(happened);
        _trust.Note(happened);
        // At once: its stream's place on the adapter is free.
        if (happened is ObjectRemoved removed && removed.Interfaces.Contains(BlueZNames.Transport) && _shared.Streams.Remove(removed.Path) is { } stream)
            Post(new FactsChanged(stream.End));
        if (happened is null || _inbox.Writer.TryWrite(happened)) return;
        _missed = true;
        (happened as FactsChanged)?.Published?.TrySetResult();
    }

    /// <summary>Ends when the loop has published what is known now.</summary>
    public async Task PublishedAsync()
    {
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new FactsChanged(published));
        if (_over) published.TrySetResult();
        await published.Task;
    }

    /// <summary>Runs until bluetoothd goes (or <paramref name="cancellationToken"/> says so).</summary>
    public async Task RunAsync(Action<BlueZView> publish, Action ready, CancellationToken cancellationToken)
    {
        var connection = Bus.Connection;
        var callbacks = new Callbacks(_owner, _shared.Agent, _endpoints);
        connection.AddMethodHandler(callbacks);
        var watches = new List<IDisposable>();
        _shared.Pairing.Clear();
        try
        {
            // Subscribed before the objects are read: what changes in between is told twice, not never.
            watches.Add(await WatchAsync("InterfacesAdded", BlueZNames.ObjectManager, BusReader.Added));
            watches.Add(await WatchAsync("InterfacesRemoved", BlueZNames.ObjectManager, BusReader.Removed));
            watches.Add(await WatchAsync("PropertiesChanged", BlueZNames.Properties, BusReader.Changed));
            ObjectsRead? all = null;
            await Bus.ReadObjectsAsync(objects => _addresses.Note(all = new ObjectsRead(objects)), cancellationToken).OrThrowAsync();
            _objects.Mirror.Apply(all!);
            _trust.AllowPaired();
            _shared.Agent.DeviceAddress = _addresses.Of;
            _shared.Agent.MayLink = _roles.MayLink;
            _shared.Agent.AdapterAddress = path => _shared.View.AdapterAt(path)?.Address;
            await PrepareAsync(cancellationToken);
            if (TakeAll()) KeepEndpoints(); // an adapter that was just closed is not shown open, and one that has just come gets endpoints
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

    /// <summary>The first view shows the adapters closed and with our endpoints. If bluetoothd stalls over that, they are shown all the same.</summary>
    private async Task PrepareAsync(CancellationToken token)
    {
        var closed = Adapters.TakeAgentAndCloseAllAsync();
        KeepEndpoints();
        await Task.WhenAny(Task.WhenAll(closed, _registry.Settled), Task.Delay(s_prepareTime, _shared.Time, token));
        token.ThrowIfCancellationRequested();
    }

    /// <summary>The loop waits for events only, never for a call to bluetoothd: a call that stalls would freeze the views and commands of all adapters.</summary>
    private async Task LoopAsync(Action<BlueZView> publish, CancellationToken token)
    {
        await using var tick = _shared.Time.CreateTimer(_ => Post(FactsChanged.Instance), null, Tick, Tick);
        while (true)
        {
            await _inbox.Reader.WaitToReadAsync(token);
            var endpoints = TakeAll();
            if (_missed && _reading.IsCompleted) _reading = ReadAnewAsync();
            Adapters.CloseIdle();
            // This goes by the clock: events may come each second during a search, and must not put it off.
            if (endpoints || _shared.Time.Now() - _endpointsKeptAt >= Tick) KeepEndpoints();
            publish(Project());
            foreach (var waiting in _waiting) waiting.TrySetResult();
            _waiting.Clear();
        }
    }

    /// <summary>A signal was lost. The objects come in as an event, at their place among the signals.</summary>
    private async Task ReadAnewAsync()
    {
        _missed = false;
        var end = await Bus.ReadObjectsAsync(objects => Post(new ObjectsRead(objects)), _ended.Token);
        if (!end.IsDone) _missed = true; // tried again at the next round
    }

    /// <summary>Takes all events that have come until now. True: one of them concerns our endpoints.</summary>
    private bool TakeAll()
    {
        var endpoints = false;
        while (_inbox.Reader.TryRead(out var happened)) endpoints |= Take(happened);
        return endpoints;
    }

    /// <summary>True: the event concerns our endpoints.</summary>
    private bool Take(BusEvent happened)
    {
        if (happened is ObjectRemoved removed) Forget(removed);
        if (happened is ObjectsRead) Upkeep.ForgetAll();
        _objects.Mirror.Apply(happened);
        NoteRssi(happened);
        if (happened is FactsChanged { Published: { } waiting }) _waiting.Add(waiting);
        if (happened is PropertiesChanged { Interface: BlueZNames.Adapter } changed) NoteAdapter(changed);
        return happened switch
        {
            ObjectAdded added => added.Interfaces.ContainsKey(BlueZNames.Adapter) || added.Interfaces.ContainsKey(BlueZNames.Media),
            PropertiesChanged { Interface: BlueZNames.Adapter } told => told.Changed.ContainsKey("UUIDs"), // a sound server comes or goes
            ObjectsRead or EndpointsChanged => true,
            _ => false,
        };
    }

    /// <summary>Drops what belongs to an object that is gone. Another one may come under its name.</summary>
    private void Forget(ObjectRemoved removed)
    {
        if (removed.Interfaces.Contains(BlueZNames.Adapter))
        {
            _registry.Forget(removed.Path);
            Adapters.Forget(removed.Path);
            if (_gates.TryRemove(ObjectPaths.NameOf(removed.Path), out var gate)) gate.Dispose();
        }

        if (removed.Interfaces.Contains(BlueZNames.Transport)) Upkeep.Forget(removed.Path);
        if (!removed.Interfaces.Contains(BlueZNames.Device)) return;
        _trust.Forget(removed.Path);
        if (_objects.Named(removed.Path) is { } device) _shared.Facts.Forget(device.Adapter, device.Address);
    }

    private void NoteAdapter(PropertiesChanged changed)
    {
        if (changed.Changed.ContainsKey("Powered")) _ = GateOf(ObjectPaths.NameOf(changed.Path)).PowerChangedAsync(changed.Changed.Flag("Powered"));
        if (changed.Changed.ContainsKey("Discoverable") && !changed.Changed.Flag("Discoverable")) _shared.Pairing.SetPairingMode(changed.Path, false);
    }

    private void EndWaiting()
    {
        while (_inbox.Reader.TryRead(out var happened)) (happened as FactsChanged)?.Published?.TrySetResult();
        foreach (var waiting in _waiting) waiting.TrySetResult();
    }

    private BlueZView Project()
    {
        if (_objects.Usable.All().Select(a => KnownFaults.VersionOf(a.Values.Text("Modalias"))).FirstOrDefault(v => v is not null) is { } version) _shared.Found(version);
        foreach (var adapter in _objects.Usable.All()) _shared.Limits.Expire(adapter.Name, adapter.Address, _shared.Streams.CountOn(adapter.Path), _shared.Version?.Version);
        var (view, observations, sources) = _projection.Make(_objects.Mirror);
        var now = _shared.Time.Now();
        foreach (var observed in observations) _shared.Facts.Of(observed.Adapter, observed.Device).Apply(observed, now);
        foreach (var address in sources) _shared.KnownSources.Add(address);
        _trust.Adopt(view);
        Upkeep.Keep(view);
        return view;
    }

    /// <summary>Decides who carries the sound when the first adapter is there, and again as sound servers come and go; then registers or withdraws our endpoints.</summary>
    private void KeepEndpoints()
    {
        _endpointsKeptAt = _shared.Time.Now();
        var adapters = _objects.Usable.All();
        if (adapters.Count > 0) _shared.DecideAudio(ObserveAudio([.. adapters.Select(a => a.Path)]));
        if (_shared.OwnsAudio) _registry.Register(adapters.Where(a => _objects.Mirror.Find(a.Path, BlueZNames.Media) is not null).Select(a => (a.Path, a.Address)), _ended.Token);
        else _registry.Withdraw(_ended.Token);
    }

    private AudioObservation ObserveAudio(List<string> adapterPaths) => new(
        _soundServers.Sees(adapterPaths, _registry.IsOn),
        InUse: !_shared.Streams.IsEmpty || _soundServers.HasStreams(adapterPaths),
        _shared.Facts.AnyConnecting,
        Registered: adapterPaths.Exists(_registry.IsOn));

    private void NoteRssi(BusEvent happened)
    {
        var path = happened switch
        {
            PropertiesChanged { Interface: BlueZNames.Device } changed when changed.Changed.ContainsKey("RSSI") => changed.Path,
            ObjectAdded added when added.Interfaces.ContainsKey(BlueZNames.Device) => added.Path,
            _ => null,
        };
        if (path is null || _objects.Named(path) is not { } named || _objects.Mirror.Find(path, BlueZNames.Device)?.Number("RSSI") is not { } rssi) return;
#pragma warning disable RS0030 // shown
        _shared.Facts.Of(named.Adapter, named.Address).Rssi = ((int)rssi, _shared.Time.GetUtcNow(), _shared.Time.Now());
#pragma warning restore RS0030
    }
}
