using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Which devices may come in without a question, in one life of bluetoothd: those that paired while they were allowed to are trusted, of others somebody is asked.</summary>
/// <param name="ended">That life is over.</param>
internal sealed class DeviceTrust(BlueZBus bus, BlueZShared shared, SessionObjects objects, BluetoothOptions options, ILogger logger, CancellationToken ended)
{
    /// <summary>A new adapter brings the devices that are stored as paired on it. No other device is announced as paired at once.</summary>
    private static readonly TimeSpan s_arrivalTime = TimeSpan.FromSeconds(10);

    // Touched by the connection's read loop only.
    private readonly Dictionary<string, TimeSpan> _arrivals = new(StringComparer.Ordinal);

    // The session's loop's own.
    private readonly HashSet<string> _adopted = new(StringComparer.Ordinal);

    /// <summary>Allows all devices that are paired when the session begins, except those that still await consent from an earlier life of bluetoothd.</summary>
    public void AllowPaired()
    {
        foreach (var (path, values) in objects.Mirror.With(BlueZNames.Device))
        {
            var mayStay = values.IsBonded() && objects.Named(path) is { } named && !shared.Pairing.IsAwaitingConsent(named.Adapter, named.Address);
            if (mayStay || values.Flag("Trusted")) shared.Pairing.SetAllowed(path, true);
        }
    }

    // On the connection's read loop, so that it is known before BlueZ's next call.
    /// <summary>A device that pairs from now on is allowed if we expected it, or if another program on this machine trusts it.</summary>
    public void Note(BusEvent? happened)
    {
        var policy = shared.Pairing;
        switch (happened)
        {
            case ObjectAdded added when added.Interfaces.ContainsKey(BlueZNames.Adapter):
                _arrivals[added.Path] = shared.Time.Now();
                break;
            case ObjectAdded added when added.Interfaces.TryGetValue(BlueZNames.Device, out var device):
                if (device.IsBonded() && !HasJustCome(ObjectPaths.AdapterOf(added.Path))) policy.NotePaired(added.Path);
                if (device.Flag("Trusted") || (device.IsBonded() && (HasJustCome(ObjectPaths.AdapterOf(added.Path)) || policy.MayPair(added.Path)))) policy.SetAllowed(added.Path, true);
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

    /// <summary>BlueZ asks at each connect of a device that is not trusted: those that may are trusted, and of the others somebody is asked. On the session's loop.</summary>
    public void Adopt(BlueZView view)
    {
        foreach (var (path, device) in view.Objects)
        {
            if (!device.Paired || !(device.IsSpeaker || device.IsSource || options.Configured(device.Address) is not null)) _adopted.Remove(path);
            else if (objects.Mirror.Find(path, BlueZNames.Device) is { } values && !values.Flag("Trusted") && _adopted.Add(path)) _ = shared.Pairing.IsAllowed(path) ? TrustAsync(path, device.Name) : AskToStayAsync(path, device);
        }
    }

    /// <summary>The device is gone. On the session's loop.</summary>
    public void Forget(string devicePath) => _adopted.Remove(devicePath);

    private bool HasJustCome(string adapterPath) => _arrivals.TryGetValue(adapterPath, out var at) && shared.Time.Now() - at < s_arrivalTime;

    /// <summary>If it fails, the device is gone again. It is tried again when the device shows up.</summary>
    private async Task TrustAsync(string path, string name)
    {
        var end = await bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {name}", CancellationToken.None);
        if (end.IsDone) BluetoothLog.Adopted(logger, name);
    }

    // The device is removed after a no: at the next start of the gateway all paired devices are allowed.
    private async Task AskToStayAsync(string path, RadioDevice device)
    {
        shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, true);
        if (await shared.Agent.AskToStayAsync(path, device.Adapter, device.Name, ended))
        {
            shared.Pairing.SetAllowed(path, true);
            shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, false);
            await TrustAsync(path, device.Name);
            return;
        }

        if (ended.IsCancellationRequested) return; // bluetoothd went: asked again when it is back
        BluetoothLog.TurnedAway(logger, device.Name);
        var end = await bus.CallAsync(ObjectPaths.AdapterOf(path), BlueZNames.Adapter, "RemoveDevice", "o", path, $"Forgetting {device.Name}", BlueZBus.Short, CancellationToken.None);
        if (end.IsDone || end.End == CallEnd.Gone) shared.Pairing.SetAwaitingConsent(device.Adapter, device.Address, false);
    }
}
