using System.Collections.Concurrent;
using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Keeps adapters from being pairable without need, in one life of bluetoothd, and takes our agent's part in that. The session's loop calls; what may be called by anyone says so.</summary>
/// <param name="ended">That life is over.</param>
internal sealed class PairableAdapters(BlueZBus bus, BlueZShared shared, SessionObjects objects, ILogger logger, CancellationToken ended)
{
    private readonly AgentRegistration _agent = new(bus, shared.Pairing, logger);

    /// <summary>Adapters that could not be hidden, and when that was tried; the loop tries again.</summary>
    private readonly ConcurrentDictionary<string, (string Name, TimeSpan At)> _toHide = new(StringComparer.Ordinal);

    // The loop's own.
    private readonly Dictionary<string, (TimeSpan At, Task Call)> _closes = new(StringComparer.Ordinal);
    private Task _givingBack = Task.CompletedTask;

    /// <summary>A device that pairs with us asks the default agent. Ours is the default while an adapter is in pairing mode; the loop gives that back. Any thread.</summary>
    public Task<CallOutcome> BecomeDefaultAgentAsync(string what, CancellationToken cancellationToken) => _agent.BecomeDefaultAsync(what, cancellationToken);

    /// <summary>At the start no adapter is in pairing mode, and registering the agent makes all pairable.</summary>
    public async Task TakeAgentAndCloseAllAsync()
    {
        var adapters = objects.Usable.All().Select(a => (a.Path, a.Name, Discoverable: a.Values.Flag("Discoverable"))).ToList();
        await _agent.RegisterAsync(ended);
        await Task.WhenAll(adapters.Select(a => CloseAndHideAsync(a.Path, a.Name, a.Discoverable)));
    }

    /// <summary>Closes the adapters that are pairable without need. BlueZ makes all pairable whenever an agent registers, and other programs may do so too.</summary>
    public void CloseIdle()
    {
        if (_agent.IsDefault && !shared.Pairing.IsAnyInPairingMode && _givingBack.IsCompleted) _givingBack = _agent.GiveDefaultBackAsync(ended);
        var now = shared.Time.Now();
        foreach (var (path, (name, at)) in _toHide)
        {
            if (now - at >= BlueZSession.Tick && _toHide.TryRemove(path, out _)) _ = HideAsync(path, name);
        }

        foreach (var path in objects.Usable.All().Select(a => a.Path))
        {
            if (objects.Mirror.Find(path, BlueZNames.Adapter) is not { } adapter || !adapter.Flag("Pairable") || shared.Pairing.MustBePairable(path)) continue;
            if (_closes.TryGetValue(path, out var last) && (!last.Call.IsCompleted || now - last.At < BlueZSession.Tick)) continue; // no race with a program that insists
            _closes[path] = (now, CloseAsync(path, ended));
        }
    }

    /// <summary>Ends being pairable, unless it is needed. Any thread.</summary>
    public async Task CloseAsync(string adapterPath, CancellationToken cancellationToken)
    {
        if (shared.Pairing.MustBePairable(adapterPath)) return;
        var name = ObjectPaths.NameOf(adapterPath);
        var end = await bus.SetAsync(adapterPath, BlueZNames.Adapter, "Pairable", VariantValue.Bool(false), $"Closing {name} for pairing", cancellationToken);
        if (end.Error is { } error) BluetoothLog.StaysPairable(logger, name, error.Message); // the loop tries again
    }

    /// <summary>The adapter is gone.</summary>
    public void Forget(string adapterPath)
    {
        shared.Pairing.SetPairingMode(adapterPath, false);
        _closes.Remove(adapterPath);
    }

    private async Task CloseAndHideAsync(string path, string name, bool discoverable)
    {
        await CloseAsync(path, ended);
        if (discoverable) await HideAsync(path, name);
    }

    /// <summary>Ends an earlier run's pairing mode, unless somebody has begun one meanwhile.</summary>
    private async Task HideAsync(string path, string name)
    {
        if (shared.Pairing.MustBePairable(path)) return;
        var end = await bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(false), $"Hiding {name}", ended);
        if (end.Error is not { } error) return;
        BluetoothLog.StaysVisible(logger, name, error.Message);
        _toHide[path] = (name, shared.Time.Now());
    }
}
