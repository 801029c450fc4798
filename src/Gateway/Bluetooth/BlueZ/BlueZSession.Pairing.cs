using System.Collections.Concurrent;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// The loop trusts devices, and keeps adapters from being pairable without need.
internal sealed partial class BlueZSession
{
    /// <summary>A new adapter brings the devices that are stored as paired on it. No other device is announced as paired at once.</summary>
    private static readonly TimeSpan s_arrivalTime = TimeSpan.FromSeconds(10);

    // Touched by the connection's read loop only.
    private readonly Dictionary<string, TimeSpan> _arrivals = new(StringComparer.Ordinal);

    /// <summary>Adapters that could not be hidden, and when that was tried; the loop tries again.</summary>
    private readonly ConcurrentDictionary<string, (string Name, TimeSpan At)> _toHide = new(StringComparer.Ordinal);

    // The loop's own.
    private readonly Dictionary<string, (TimeSpan At, Task Call)> _closes = new(StringComparer.Ordinal);
    private Task _givingBack = Task.CompletedTask;

    /// <summary>A device that pairs with us asks the default agent. Ours is the default while an adapter is in pairing mode; the loop gives that back.</summary>
    public Task<CallOutcome> BecomeDefaultAgentAsync(string what, CancellationToken cancellationToken) => _agent.BecomeDefaultAsync(what, cancellationToken);

    /// <summary>Is a device paired with a lasting key? BlueZ also calls a device paired that wanted no key, which is possible while the adapter is not pairable.</summary>
    public static bool IsBonded(IReadOnlyDictionary<string, VariantValue> device) => device.Flag("Paired") && device.Flag("Bonded");

    /// <summary>Closes the adapters that are pairable without need. BlueZ makes all pairable whenever an agent registers, and other programs may do so too.</summary>
    private void CloseIdleAdapters()
    {
        if (_agent.IsDefault && !_shared.Pairing.IsAnyInPairingMode && _givingBack.IsCompleted) _givingBack = _agent.GiveDefaultBackAsync(_ended.Token);
        var now = _shared.Time.Now();
        foreach (var (path, (name, at)) in _toHide)
        {
            if (now - at >= s_tick && _toHide.TryRemove(path, out _)) _ = HideAsync(path, name, _ended.Token);
        }

        foreach (var path in _usable.All().Select(a => a.Path))
        {
            if (_mirror.Find(path, BlueZNames.Adapter) is not { } adapter || !adapter.Flag("Pairable") || _shared.Pairing.MustBePairable(path)) continue;
            if (_closes.TryGetValue(path, out var last) && (!last.Call.IsCompleted || now - last.At < s_tick)) continue; // no race with a program that insists
            _closes[path] = (now, CloseAsync(path, _ended.Token));
        }
    }

    /// <summary>At the start of a session no adapter is in pairing mode, and registering the agent makes all pairable.</summary>
    private async Task TakeAgentAndCloseAllAsync(CancellationToken token)
    {
        var adapters = _usable.All().Select(a => (a.Path, a.Name, Discoverable: a.Values.Flag("Discoverable"))).ToList();
        await _agent.RegisterAsync(token);
        await Task.WhenAll(adapters.Select(a => CloseAndHideAsync(a.Path, a.Name, a.Discoverable, token)));
    }

    private async Task CloseAndHideAsync(string path, string name, bool discoverable, CancellationToken token)
    {
        await CloseAsync(path, token);
        if (discoverable) await HideAsync(path, name, token);
    }

    /// <summary>Ends an earlier run's pairing mode, unless somebody has begun one meanwhile.</summary>
    private async Task HideAsync(string path, string name, CancellationToken token)
    {
        if (_shared.Pairing.MustBePairable(path)) return;
        var end = await Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(false), $"Hiding {name}", token);
        if (end.Error is not { } error) return;
        BluetoothLog.StaysVisible(_logger, name, error.Message);
        _toHide[path] = (name, _shared.Time.Now());
    }

    /// <summary>Ends being pairable, unless it is needed.</summary>
    public async Task CloseAsync(string adapterPath, CancellationToken cancellationToken)
    {
        if (_shared.Pairing.MustBePairable(adapterPath)) return;
        var name = ObjectPaths.NameOf(adapterPath);
        var end = await Bus.SetAsync(adapterPath, BlueZNames.Adapter, "Pairable", VariantValue.Bool(false), $"Closing {name} for pairing", cancellationToken);
        if (end.Error is { } error) BluetoothLog.StaysPairable(_logger, name, error.Message); // the loop tries again
    }

    /// <summary>Allows all devices that are paired when the session begins, except those that still await consent from an earlier life of bluetoothd.</summary>
    private void AllowPaired()
    {
        foreach (var (path, values) in _mirror.With(BlueZNames.Device))
        {
            var mayStay = IsBonded(values) && Named(path) is { } named && !_shared.Pairing.IsAwaitingConsent(named.Adapter, named.Address);
            if (mayStay || values.Flag("Trusted")) _shared.Pairing.SetAllowed(path, true);
        }
    }

    // Runs on the connection's read loop, so that it is known before BlueZ's next call. A device that pairs from now on is allowed if we expected it, or if
    // another program on this machine trusts it.
    private void NotePairing(BusEvent? happened)
    {
        var policy = _shared.Pairing;
        switch (happened)
        {
            case ObjectAdded added when added.Interfaces.ContainsKey(BlueZNames.Adapter):
                _arrivals[added.Path] = _shared.Time.Now();
                break;
            case ObjectAdded added when added.Interfaces.TryGetValue(BlueZNames.Device, out var device):
                if (IsBonded(device) && !HasJustCome(ObjectPaths.AdapterOf(added.Path))) policy.NotePaired(added.Path);
                if (device.Flag("Trusted") || (IsBonded(device) && (HasJustCome(ObjectPaths.AdapterOf(added.Path)) || policy.MayPair(added.Path)))) policy.SetAllowed(added.Path, true);
                break;
            case ObjectRemoved removed when removed.Interfaces.Contains(BlueZNames.Device):
                policy.SetAllowed(removed.Path, false);
                break;
            case PropertiesChanged { Interface: BlueZNames.Device } changed:
                if (changed.Changed.ContainsKey("Paired") && !changed.Changed.Flag("Paired")) policy.SetAllowed(changed.Path, false);
                if (changed.Changed.Flag("Paired") || changed.Changed.Flag("Bonded")) policy.NotePaired(changed.Path);
                if (changed.Changed.Flag("Trusted") || ((changed.Changed.Flag("Paired") || changed.Changed.Flag("Bonded")) && policy.MayPair(changed.Path))) policy.SetAllowed(changed.Path, true);
                break;
        }
    }

    private bool HasJustCome(string adapterPath) => _arrivals.TryGetValue(adapterPath, out var at) && _shared.Time.Now() - at < s_arrivalTime;

    // BlueZ asks at each connect of a device that is not trusted.
    private void Adopt(BlueZView view)
    {
        foreach (var (path, device) in view.Objects)
        {
            if (!device.Paired || !(device.IsSpeaker || device.IsSource || _options.Configured(device.Address) is not null)) _adopted.Remove(path);
            else if (_mirror.Find(path, BlueZNames.Device) is { } values && !values.Flag("Trusted") && _adopted.Add(path)) _ = _shared.Pairing.IsAllowed(path) ? TrustAsync(path, device.Name) : AskToStayAsync(path, device);
        }
    }

    /// <summary>If it fails, the device is gone again. It is tried again when the device shows up.</summary>
    private async Task TrustAsync(string path, string name)
    {
        var end = await Bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {name}", CancellationToken.None);
        if (end.IsDone) BluetoothLog.Adopted(_logger, name);
    }

    // The device is removed after a no: at the next start of the gateway all paired devices are allowed.
    private async Task AskToStayAsync(string path, RadioDevice device)
    {
        _shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, true);
        if (await _shared.Agent.AskToStayAsync(path, device.Adapter, device.Name, _ended.Token))
        {
            _shared.Pairing.SetAllowed(path, true);
            _shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, false);
            await TrustAsync(path, device.Name);
            return;
        }

        if (_ended.IsCancellationRequested) return; // bluetoothd went: asked again when it is back
        BluetoothLog.TurnedAway(_logger, device.Name);
        var end = await Bus.CallAsync(ObjectPaths.AdapterOf(path), BlueZNames.Adapter, "RemoveDevice", "o", path, $"Forgetting {device.Name}", BlueZBus.Short, CancellationToken.None);
        if (end.IsDone || end.End == CallEnd.Gone) _shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, false);
    }
}
