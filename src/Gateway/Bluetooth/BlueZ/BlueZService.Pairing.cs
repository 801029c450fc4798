using Gateway.Engine;
using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// Pairing, from our side and from theirs.
internal sealed partial class BlueZService
{
    private static readonly TimeSpan SearchTime = TimeSpan.FromSeconds(30);

    /// <summary>BlueZ reads what a device offers right after pairing, in a second or two; a link that ends meanwhile leaves it unread.</summary>
    private static readonly TimeSpan ResolveTime = TimeSpan.FromSeconds(4);

    /// <summary>A device's own time, from its turn on.</summary>
    private static readonly TimeSpan PairTime = TimeSpan.FromSeconds(55);

    public async Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        RequirePower(target);
        if (target.Device is { Paired: true }) return;
        var gate = target.Session.GateOf(target.AdapterName);
        if (target.Device is null) await SearchAsync(target, gate, cancellationToken);
        await gate.RunAsync(() => PairExpectedAsync(target, cancellationToken), cancellationToken);
    }

    // While an adapter is not pairable, BlueZ makes no lasting key, for our own pairings either (the kernel then asks for "no bonding").
    private async Task PairExpectedAsync(Target target, CancellationToken cancellationToken)
    {
        var what = $"Pairing with {target.Name}";
        var path = target.Path;
        _shared.Pairing.Expect(path, true);
        try
        {
            await target.Session.Bus.SetAsync(target.AdapterPath, BlueZNames.Adapter, "Pairable", VariantValue.Bool(true), what, cancellationToken).OrThrowAsync();
            await PairWithinTimeAsync(target, cancellationToken);
        }
        finally
        {
            _shared.Pairing.Expect(path, false);
            await target.Session.CloseAsync(target.AdapterPath, CancellationToken.None);
        }
    }

    public async Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        if (target.Device is null) return;
        var end = await target.Session.Bus.CallAsync(
            target.AdapterPath, BlueZNames.Adapter, "RemoveDevice", "o", target.Path, $"Forgetting {target.Name}", BlueZBus.Short, cancellationToken);
        if (end.End != CallEnd.Gone) end.ThrowUnlessDone();
        _shared.Facts.Forget(target.Adapter.Address, target.Address);
        _shared.KnownSources.Forget(target.Address);
        await WaitForAsync(() => Find(target)?.Paired != true, $"Forgetting {target.Name}", cancellationToken);
    }

    public async Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        if (on && !found.Powered) throw NotPowered(found);
        var path = ObjectPaths.OfAdapter(found.Name);
        var what = on ? $"Opening {found.Name} for pairing" : $"Closing {found.Name} for pairing";
        _shared.Pairing.SetPairingMode(path, on);
        try
        {
            await OpenForPairingAsync(session, path, on, what, found.Discoverable, cancellationToken);
        }
        catch
        {
            _shared.Pairing.SetPairingMode(path, false);
            throw;
        }

        await WaitForAsync(() => Current.Adapters.Any(a => a.Address == found.Address && a.Discoverable == on), what, cancellationToken);
        if (on && Current.Adapters.FirstOrDefault(a => a.Address == found.Address)?.Advice is { } advice) BluetoothLog.AdapterAdvice(logger, advice);
    }

    private static async Task OpenForPairingAsync(BlueZSession session, string path, bool on, string what, bool discoverable, CancellationToken cancellationToken)
    {
        if (on)
        {
            var seconds = VariantValue.UInt32((uint)PairingPolicy.PairingModeTime.TotalSeconds);
            await session.BecomeDefaultAgentAsync(what, cancellationToken).OrThrowAsync();
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "DiscoverableTimeout", seconds, what, cancellationToken).OrThrowAsync();
            await session.Bus.SetAsync(path, BlueZNames.Adapter, "PairableTimeout", seconds, what, cancellationToken).OrThrowAsync();
        }

        await session.Bus.SetAsync(path, BlueZNames.Adapter, "Pairable", VariantValue.Bool(on), what, cancellationToken).OrThrowAsync();
        // An adapter that is switched off is hidden already, and BlueZ refuses to hide it.
        if (on || discoverable) await session.Bus.SetAsync(path, BlueZNames.Adapter, "Discoverable", VariantValue.Bool(on), what, cancellationToken).OrThrowAsync();
    }

    private Task PairWithinTimeAsync(Target target, CancellationToken cancellationToken) => WithinAsync(
        PairTime, token => PairNowAsync(target, token),
        late => BlueZErrors.Make(
            PortError.TimedOut, $"Pairing with {target.Name}", $"it did not end within {PairTime.TotalSeconds:0} s", "Put the device into pairing mode, bring it nearer and try again.", late),
        cancellationToken);

    private async Task PairNowAsync(Target target, CancellationToken cancellationToken)
    {
        var (what, path) = ($"Pairing with {target.Name}", target.Path);
        try
        {
            var end = await target.Session.Bus.CallAsync(path, BlueZNames.Device, "Pair", what, BlueZBus.Long, cancellationToken);
            if (end.Reason != CallReason.AlreadyExists) end.ThrowUnlessDone(); // else it is paired already: adopted
        }
        catch (OperationCanceledException)
        {
            await target.Session.Bus.CallAsync(path, BlueZNames.Device, "CancelPairing", what, BlueZBus.Short, CancellationToken.None);
            throw;
        }

        await target.Session.Bus.SetAsync(path, BlueZNames.Device, "Trusted", VariantValue.Bool(true), $"Trusting {target.Name}", cancellationToken).OrThrowAsync();
        await WaitForAsync(() => Find(target)?.Paired == true, what, cancellationToken);
        // BlueZ reads now what the device offers. If that takes longer, its class decides what it is.
        _shared.KnownSources.Forget(target.Address);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        await ReachedAsync(() => facts.Resolved, ResolveTime, cancellationToken);
    }

    private async Task SearchAsync(Target target, AdapterGate gate, CancellationToken cancellationToken)
    {
        await gate.StartAsync(cancellationToken).OrThrowAsync();
        try
        {
            if (await ReachedAsync(() => Find(target) is not null, SearchTime, cancellationToken)) return;
            throw new PortException(PortError.NotReachable, $"{target.Name} was not found by {target.AdapterName} within {SearchTime.TotalSeconds:0} s.", "Put it into pairing mode and bring it nearer.");
        }
        finally
        {
            await gate.StopAsync(CancellationToken.None);
        }
    }
}
