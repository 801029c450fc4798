using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Engine.Ports;
using Gateway.Native.Sbc;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// One life of one bluetoothd: from the moment its name is owned until the owner changes. Owns the mirror, which only <see cref="RunAsync"/>'s
/// loop touches; everything else here may be used from any thread.
/// </summary>
internal sealed class BlueZSession : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(20);

    private readonly BluetoothOptions _options;
    private readonly BlueZShared _shared;
    private readonly ILogger _logger;
    private readonly string _owner;
    private readonly Channel<BusEvent> _inbox = Channel.CreateBounded<BusEvent>(new BoundedChannelOptions(16_384) { SingleReader = true });
    private readonly ConcurrentDictionary<string, AdapterGate> _gates = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _over = new();
    private readonly Endpoints _endpoints;

    // The loop's own.
    private readonly BlueZMirror _mirror = new();
    private readonly Projection _projection;
    private readonly HashSet<string> _equipped = new(StringComparer.Ordinal);
    private readonly HashSet<string> _adopted = new(StringComparer.Ordinal);

    public BlueZSession(BlueZBus bus, string owner, BluetoothOptions options, BlueZShared shared, ILogger logger)
    {
        (Bus, _owner, _options, _shared, _logger) = (bus, owner, options, shared, logger);
        _projection = new Projection(options, shared.Facts, shared.Streams);
        _endpoints = new Endpoints(shared.Streams, () => Post(FactsChanged.Instance), logger);
    }

    public BlueZBus Bus { get; }

    public AdapterGate GateOf(string adapterName) =>
        _gates.GetOrAdd(adapterName, name => new AdapterGate(Bus, $"{BlueZNames.Root}/{name}", name, _shared.Time));

    /// <summary>Hands the loop something to take in. A full inbox means that signals are lost: the session ends, and the next one reads everything anew.</summary>
    public void Post(BusEvent? happened)
    {
        if (happened is not null && !_inbox.Writer.TryWrite(happened)) _over.Cancel();
    }

    /// <summary>Runs until bluetoothd goes (or <paramref name="cancellationToken"/> says so).</summary>
    public async Task RunAsync(Action<Shown> publish, Action ready, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        var token = linked.Token;
        var connection = Bus.Connection;
        var callbacks = new Callbacks(_owner, _shared.Agent, _endpoints);
        connection.AddMethodHandler(callbacks);
        var watches = new List<IDisposable>();
        try
        {
            // Subscribed before the objects are read: what changes in between is told twice, not never.
            watches.Add(await WatchAsync("InterfacesAdded", BlueZNames.ObjectManager, BusReader.Added));
            watches.Add(await WatchAsync("InterfacesRemoved", BlueZNames.ObjectManager, BusReader.Removed));
            watches.Add(await WatchAsync("PropertiesChanged", BlueZNames.Properties, BusReader.Changed));
            _mirror.Reset(await Bus.GetManagedObjectsAsync(token));
            _shared.Choose(AllowedAdapters().SelectMany(a => _mirror.Find(a, BlueZNames.Adapter)?.Texts("UUIDs") ?? []), SbcLibrary.IsAvailable);
            _shared.Agent.IsPaired = device => _shared.Shown.Snapshot.Devices.Any(d => d.Paired && PathOf(d) == device);
            _shared.Agent.AdapterAddress = path => _shared.Shown.Snapshot.Adapters.FirstOrDefault(a => $"{BlueZNames.Root}/{a.Name}" == path)?.Address;
            await RegisterAgentAsync(token);
            await EquipAsync(token);
            publish(Project());
            ready();
            await LoopAsync(publish, token);
        }
        finally
        {
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
        _over.Dispose();
    }

    private string PathOf(RadioDevice device)
    {
        var adapter = _shared.Shown.Snapshot.Adapters.FirstOrDefault(a => a.Address == device.Adapter)?.Name;
        return $"{BlueZNames.Root}/{adapter}/dev_{device.Address.Replace(':', '_')}";
    }

    private async Task LoopAsync(Action<Shown> publish, CancellationToken token)
    {
        while (true)
        {
            try
            {
                await _inbox.Reader.WaitToReadAsync(token).AsTask().WaitAsync(Tick, _shared.Time, token);
            }
            catch (TimeoutException)
            {
                // Old RSSI figures have to go although nobody says anything.
            }

            var adapters = false;
            while (_inbox.Reader.TryRead(out var happened))
            {
                _mirror.Apply(happened);
                NoteRssi(happened);
                adapters |= TouchesAdapter(happened);
            }

            if (adapters) await EquipAsync(token);
            publish(Project());
        }
    }

    private Shown Project()
    {
        var shown = _projection.Make(_mirror, _shared.OwnsAudio, _shared.Time.GetUtcNow());
        Adopt(shown);
        return shown;
    }

    private IEnumerable<string> AllowedAdapters() => _mirror.With(BlueZNames.Adapter)
        .Where(a => _options.Allows(Projection.NameOf(a.Path), a.Values.Text("Address") ?? ""))
        .Select(a => a.Path);

    private static bool TouchesAdapter(BusEvent happened) => happened switch
    {
        ObjectAdded added => added.Interfaces.ContainsKey(BlueZNames.Adapter) || added.Interfaces.ContainsKey(BlueZNames.Media),
        ObjectRemoved removed => removed.Interfaces.Contains(BlueZNames.Adapter),
        _ => false,
    };

    private async Task RegisterAgentAsync(CancellationToken token)
    {
        try
        {
            await Bus.RegisterAgentAsync(Callbacks.AgentPath, PairingAgent.Capability, token);
        }
        catch (PortException error)
        {
            BluetoothLog.AgentRefused(_logger, error.Message);
        }
    }

    /// <summary>Registers our endpoints on each adapter that has none of them yet.</summary>
    private async Task EquipAsync(CancellationToken token)
    {
        var there = AllowedAdapters().ToList();
        _equipped.IntersectWith(there);
        if (!_shared.OwnsAudio) return;
        foreach (var path in there)
        {
            if (_mirror.Find(path, BlueZNames.Media) is null || !_equipped.Add(path)) continue;
            var name = Projection.NameOf(path);
            var address = _mirror.Find(path, BlueZNames.Adapter)?.Text("Address") ?? "";
            try
            {
                var count = 0;
                foreach (var (endpoint, uuid) in Endpoints.Of(name, _options.StreamsOf(name, address), _options.RoleOf(name, address)))
                {
                    await Bus.RegisterEndpointAsync(path, endpoint, uuid, A2dp.SbcConfiguration.AllCapabilities.ToArray(), token);
                    count++;
                }

                BluetoothLog.EndpointsRegistered(_logger, count, name);
            }
            catch (PortException error)
            {
                BluetoothLog.EndpointsRefused(_logger, name, error.Message);
            }
        }
    }

    private void NoteRssi(BusEvent happened)
    {
        var told = happened switch
        {
            PropertiesChanged { Interface: BlueZNames.Device } changed => changed.Changed.ContainsKey("RSSI"),
            ObjectAdded added => added.Interfaces.TryGetValue(BlueZNames.Device, out var values) && values.ContainsKey("RSSI"),
            _ => false,
        };
        if (!told) return;
        var path = happened is ObjectAdded { Path: var a } ? a : ((PropertiesChanged)happened).Path;
        if (_mirror.Find(path, BlueZNames.Device) is not { } device || device.Text("Address") is not { } address) return;
        if (device.Text("Adapter") is not { } adapterPath || _mirror.Find(adapterPath, BlueZNames.Adapter)?.Text("Address") is not { } adapter) return;
        _shared.Facts.Of(adapter.ToUpperInvariant(), address.ToUpperInvariant()).RssiAt = _shared.Time.GetUtcNow();
    }

    // Paired by somebody else, or by itself in pairing mode: trusted, or BlueZ asks at each of its connects.
    private void Adopt(Shown shown)
    {
        foreach (var device in shown.Snapshot.Devices)
        {
            var path = PathOf(device);
            if (!device.Paired || !(device.IsSpeaker || device.IsSource)) _adopted.Remove(path);
            else if (_mirror.Find(path, BlueZNames.Device) is { } values && !values.Flag("Trusted") && _adopted.Add(path)) _ = TrustAsync(path, device.Name);
        }
    }

    private async Task TrustAsync(string path, string name)
    {
        try
        {
            await Bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {name}", CancellationToken.None);
            BluetoothLog.Adopted(_logger, name);
        }
        catch (PortException)
        {
            // Gone again; it is tried again when it shows up.
        }
    }
}
