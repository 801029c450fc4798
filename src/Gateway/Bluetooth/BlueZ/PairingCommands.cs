using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Pairing, from our side and from theirs. On the callers' threads.</summary>
internal sealed class PairingCommands(RadioTargets targets, BlueZShared shared, ILogger logger)
{
    private static readonly TimeSpan s_searchTime = TimeSpan.FromSeconds(30);

    /// <summary>BlueZ reads what a device offers right after pairing, in a second or two; a link that ends meanwhile leaves it unread.</summary>
    private static readonly TimeSpan s_resolveTime = TimeSpan.FromSeconds(4);

    /// <summary>A device's own time, from its turn on.</summary>
    private static readonly TimeSpan s_pairTime = TimeSpan.FromSeconds(55);

    public async Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = targets.Find(adapter, device);
        target.RequirePower();
        if (target.Device is { Paired: true }) return;
        var gate = target.Session.GateOf(target.AdapterName);
        if (target.Device is null) await SearchAsync(target, gate, cancellationToken);
        await gate.RunAsync(() => PairExpectedAsync(target, cancellationToken), cancellationToken);
    }

    public async Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = targets.Find(adapter, device);
        if (target.Device is null) return;
        var what = $"Forgetting {target.Name}";
        var end = await target.Session.Bus.CallAsync(target.AdapterPath, BlueZNames.Adapter, "RemoveDevice", "o", target.Path, what, BlueZBus.Short, cancellationToken);
        if (end.End != CallEnd.Gone) end.ThrowUnlessDone();
        shared.Facts.Forget(target.Adapter.Address, target.Address);
        shared.KnownSources.Forget(target.Address);
        await shared.Views.WaitAsync(() => target.Now?.Paired != true, what, BlueZViews.SettleTime, cancellationToken).OrThrowAsync();
    }

    public async Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken)
    {
        var (session, found) = targets.FindAdapter(adapter);
        if (on && !found.Powered) throw RadioTarget.NotPowered(found);
        var path = ObjectPaths.OfAdapter(found.Name);
        var what = on ? $"Opening {found.Name} for pairing" : $"Closing {found.Name} for pairing";
        shared.Pairing.SetPairingMode(path, on);
        var calls = on ? OpenAsync(session, path, what, cancellationToken) : CloseAsync(session, path, what, found.Discoverable, cancellationToken);
        await calls.Ended();
        if (!calls.IsCompletedSuccessfully) shared.Pairing.SetPairingMode(path, false);
        await calls;
        await shared.Views.WaitAsync(() => Shown()?.Discoverable == on, what, BlueZViews.SettleTime, cancellationToken).OrThrowAsync();
        if (on && Shown()?.Advice is { } advice) BluetoothLog.AdapterAdvice(logger, advice);

        RadioAdapter? Shown() => shared.View.Snapshot.Adapters.FirstOrDefault(a => a.Address == found.Address);
    }

    private static async Task OpenAsync(BlueZSession session, string path, string what, CancellationToken cancellationToken)
    {
        var seconds = VariantValue.UInt32((uint)PairingPolicy.PairingModeTime.TotalSeconds);
        await session.Adapters.BecomeDefaultAgentAsync(what, cancellationToken).OrThrowAsync();
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "DiscoverableTimeout", seconds, what, cancellationToken).OrThrowAsync();
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "PairableTimeout", seconds, what, cancellationToken).OrThrowAsync();
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Pairable", VariantValue.Bool(true), what, cancellationToken).OrThrowAsync();
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(true), what, cancellationToken).OrThrowAsync();
    }

    private static async Task CloseAsync(BlueZSession session, string path, string what, bool discoverable, CancellationToken cancellationToken)
    {
        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Pairable", VariantValue.Bool(false), what, cancellationToken).OrThrowAsync();
        // An adapter that is switched off is hidden already, and BlueZ refuses to hide it.
        if (discoverable) await session.Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(false), what, cancellationToken).OrThrowAsync();
    }

    // While an adapter is not pairable, BlueZ makes no lasting key, for our own pairings either (the kernel then asks for "no bonding").
    private async Task PairExpectedAsync(RadioTarget target, CancellationToken cancellationToken)
    {
        var what = $"Pairing with {target.Name}";
        var path = target.Path;
        shared.Pairing.Expect(path, true);
        try
        {
            await target.Session.Bus.SetAsync(target.AdapterPath, BlueZNames.Adapter, "Pairable", VariantValue.Bool(true), what, cancellationToken).OrThrowAsync();
            await PairWithinTimeAsync(target, what, cancellationToken);
        }
        finally
        {
            shared.Pairing.Expect(path, false);
            await target.Session.Adapters.CloseAsync(target.AdapterPath, CancellationToken.None);
        }
    }

    private Task PairWithinTimeAsync(RadioTarget target, string what, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        s_pairTime, shared.Time, token => PairNowAsync(target, what, token),
        () => BlueZErrors.Make(PortError.TimedOut, what, $"it did not end within {s_pairTime.TotalSeconds:0} s", "Put the device into pairing mode, bring it nearer and try again."),
        cancellationToken);

    private async Task PairNowAsync(RadioTarget target, string what, CancellationToken cancellationToken)
    {
        var (bus, path) = (target.Session.Bus, target.Path);
        var end = await bus.CallAsync(path, BlueZNames.Device, "Pair", what, BlueZBus.Long, cancellationToken)
            .OrTakeBackAsync(() => bus.CallAsync(path, BlueZNames.Device, "CancelPairing", what, BlueZBus.Short, CancellationToken.None));
        if (end.Reason != CallReason.AlreadyExists) end.ThrowUnlessDone(); // else it is paired already: adopted
        await bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {target.Name}", cancellationToken).OrThrowAsync();
        await shared.Views.WaitAsync(() => target.Now?.Paired == true, what, BlueZViews.SettleTime, cancellationToken).OrThrowAsync();
        // BlueZ reads now what the device offers. If that takes longer, its class decides what it is.
        shared.KnownSources.Forget(target.Address);
        var facts = target.Facts;
        await shared.Views.ReachedAsync(() => facts.Resolved, s_resolveTime, cancellationToken);
    }

    private async Task SearchAsync(RadioTarget target, AdapterGate gate, CancellationToken cancellationToken)
    {
        await gate.StartAsync(cancellationToken).OrThrowAsync();
        try
        {
            if (await shared.Views.ReachedAsync(() => target.Now is not null, s_searchTime, cancellationToken)) return;
            throw new PortException(PortError.NotReachable, $"{target.Name} was not found by {target.AdapterName} within {s_searchTime.TotalSeconds:0} s.", "Put it into pairing mode and bring it nearer.");
        }
        finally
        {
            await gate.StopAsync(CancellationToken.None);
        }
    }
}
