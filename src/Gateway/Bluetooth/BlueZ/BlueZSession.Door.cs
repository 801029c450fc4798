using Gateway.Engine.Ports;
using Gateway.Timing;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// Whom the loop trusts, and that the adapters are pairable only as long as the door is open.
internal sealed partial class BlueZSession
{
    /// <summary>An adapter that comes brings the devices that are stored as paired on it; none other is announced as paired at once.</summary>
    private static readonly TimeSpan ArrivalTime = TimeSpan.FromSeconds(10);

    // Touched by the connection's read loop only.
    private readonly Dictionary<string, TimeSpan> _arrivals = new(StringComparer.Ordinal);

    // The loop's own.
    private readonly Dictionary<string, (TimeSpan At, Task Call)> _closes = new(StringComparer.Ordinal);

    /// <summary>Whoever pairs with us asks the default agent: ours, while an adapter is in pairing mode. The loop gives it back.</summary>
    public Task<CallOutcome> BecomeDefaultAgentAsync(string what, CancellationToken cancellationToken) => _agent.BecomeDefaultAsync(what, cancellationToken);

    /// <summary>Is a device paired with a lasting key? BlueZ calls one paired, too, that came without wanting a key, which it may while the adapter is not pairable.</summary>
    public static bool IsBonded(IReadOnlyDictionary<string, VariantValue> device) => device.Flag("Paired") && device.Flag("Bonded");

    /// <summary>Closes the adapters that are pairable without need: any agent that registers makes BlueZ open all, and other programs may.</summary>
    private void KeepDoor()
    {
        if (_agent.IsDefault && !_shared.Door.IsInviting) _ = _agent.GiveDefaultBackAsync(_ended.Token);
        var now = _shared.Time.Now();
        foreach (var path in _usable.All().Select(a => a.Path))
        {
            if (_mirror.Find(path, BlueZNames.Adapter) is not { } adapter || !adapter.Flag("Pairable") || _shared.Door.IsOpen(path)) continue;
            if (_closes.TryGetValue(path, out var last) && (!last.Call.IsCompleted || now - last.At < Tick)) continue; // no race with a program that insists
            _closes[path] = (now, CloseAsync(path, _ended.Token));
        }
    }

    /// <summary>At the start of a session: nobody is invited yet, and registering the agent has opened all.</summary>
    private async Task TakeAgentAndCloseAllAsync(CancellationToken token)
    {
        var adapters = _usable.All().Select(a => (a.Path, a.Name, Shown: a.Values.Flag("Discoverable"))).ToList();
        await _agent.RegisterAsync(token);
        await Task.WhenAll(adapters.Select(a => CloseAndHideAsync(a.Path, a.Name, a.Shown, token)));
    }

    private async Task CloseAndHideAsync(string path, string name, bool shown, CancellationToken token)
    {
        await CloseAsync(path, token);
        if (!shown) return;
        var end = await Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(false), $"Hiding {name}", token); // an earlier run's pairing mode
        if (end.Error is { } error) BluetoothLog.DoorStaysOpen(_logger, name, error.Message);
    }

    /// <summary>Ends being pairable, unless it is needed.</summary>
    public async Task CloseAsync(string adapterPath, CancellationToken cancellationToken)
    {
        if (_shared.Door.IsOpen(adapterPath)) return;
        var name = ObjectPaths.NameOf(adapterPath);
        var end = await Bus.SetAsync(adapterPath, BlueZNames.Adapter, "Pairable", VariantValue.Bool(false), $"Closing {name} for pairing", cancellationToken);
        if (end.Error is { } error) BluetoothLog.DoorStaysOpen(_logger, name, error.Message); // the loop tries again
    }

    /// <summary>Who is paired already when the service is met is an old friend, but for those who came unawaited in an earlier life of it.</summary>
    private void MeetOldFriends()
    {
        foreach (var (path, values) in _mirror.With(BlueZNames.Device))
        {
            var friend = IsBonded(values) && Named(path) is { } named && !_shared.Door.IsStranger(named.Adapter, named.Address);
            if (friend || values.Flag("Trusted")) _shared.Door.SetWelcome(path, true);
        }
    }

    // On the connection's read loop, so that it is known before BlueZ's next call. Who is paired from now on: did we await it? To trust it is the yes of another program here.
    private void NotePairing(BusEvent? happened)
    {
        var door = _shared.Door;
        switch (happened)
        {
            case ObjectAdded added when added.Interfaces.ContainsKey(BlueZNames.Adapter):
                _arrivals[added.Path] = _shared.Time.Now();
                break;
            case ObjectAdded added when added.Interfaces.TryGetValue(BlueZNames.Device, out var device):
                if (IsBonded(device) && !HasJustCome(ObjectPaths.AdapterOf(added.Path))) door.NotePaired(added.Path);
                if (device.Flag("Trusted") || (IsBonded(device) && (HasJustCome(ObjectPaths.AdapterOf(added.Path)) || door.MayEnter(added.Path)))) door.SetWelcome(added.Path, true);
                break;
            case ObjectRemoved removed when removed.Interfaces.Contains(BlueZNames.Device):
                door.SetWelcome(removed.Path, false);
                break;
            case PropertiesChanged { Interface: BlueZNames.Device } changed:
                if (changed.Changed.ContainsKey("Paired") && !changed.Changed.Flag("Paired")) door.SetWelcome(changed.Path, false);
                if (changed.Changed.Flag("Paired") || changed.Changed.Flag("Bonded")) door.NotePaired(changed.Path);
                if (changed.Changed.Flag("Trusted") || ((changed.Changed.Flag("Paired") || changed.Changed.Flag("Bonded")) && door.MayEnter(changed.Path))) door.SetWelcome(changed.Path, true);
                break;
        }
    }

    private bool HasJustCome(string adapterPath) => _arrivals.TryGetValue(adapterPath, out var at) && _shared.Time.Now() - at < ArrivalTime;

    // Untrusted, BlueZ would ask at each of their connects.
    private void Adopt(Shown shown)
    {
        foreach (var (path, device) in shown.Objects)
        {
            if (!device.Paired || !(device.IsSpeaker || device.IsSource || _options.Configured(device.Address) is not null)) _adopted.Remove(path);
            else if (_mirror.Find(path, BlueZNames.Device) is { } values && !values.Flag("Trusted") && _adopted.Add(path)) _ = _shared.Door.IsWelcome(path) ? TrustAsync(path, device.Name) : AskToStayAsync(path, device);
        }
    }

    /// <summary>Where it fails, the device is gone again; it is tried again when it shows up.</summary>
    private async Task TrustAsync(string path, string name)
    {
        var end = await Bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {name}", CancellationToken.None);
        if (end.IsDone) BluetoothLog.Adopted(_logger, name);
    }

    // A no must last: at the next start of the gateway, what is paired is an old friend.
    private async Task AskToStayAsync(string path, RadioDevice device)
    {
        _shared.Door.SetStranger(device.Adapter, device.Address, true);
        if (await _shared.Agent.AskToStayAsync(path, device.Adapter, device.Name, _ended.Token))
        {
            _shared.Door.SetWelcome(path, true);
            _shared.Door.SetStranger(device.Adapter, device.Address, false);
            await TrustAsync(path, device.Name);
            return;
        }

        if (_ended.IsCancellationRequested) return; // bluetoothd went: asked again when it is back
        BluetoothLog.TurnedAway(_logger, device.Name);
        var end = await Bus.CallAsync(ObjectPaths.AdapterOf(path), BlueZNames.Adapter, "RemoveDevice", "o", path, $"Forgetting {device.Name}", BlueZBus.Short, CancellationToken.None);
        if (end.IsDone) _shared.Door.SetStranger(device.Adapter, device.Address, false);
    }
}
