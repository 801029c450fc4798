using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

// Connecting to a device that may not be there.
internal sealed partial class BlueZService
{
    /// <summary>
    /// Without a radio link by then the device did not answer: Linux pages for 5.12 s (HCI's default page timeout, 0x2000 slots of 0.625 ms). Seen
    /// with BlueZ 5.66: a device that also speaks Low Energy is tried over that next, for over half a minute, in which BlueZ says nothing, a device
    /// that is switched on meanwhile is not paged again, and no other device is connected.
    /// </summary>
    private static readonly TimeSpan PageTime = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Waits for BlueZ's answer to a connect as long as there is anything to wait for: until the device is shown as connected, which may be 20 s
    /// before BlueZ says so (seen after a try that was ended), or until it clearly does not answer.
    /// </summary>
    private async Task<CallOutcome> PageAsync(Target target, RadioRole role, Task<CallOutcome> connect, string what, CancellationToken cancellationToken)
    {
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var shown = WaitForAsync(() => Find(target)?.LinkedAs == role, what, over.Token, BlueZBus.Long);
        await Task.WhenAny(connect, shown, Task.Delay(PageTime, time, cancellationToken));
        if (facts.Linked || cancellationToken.IsCancellationRequested) await Task.WhenAny(connect, shown);
        if (shown.IsCompletedSuccessfully) return CallOutcome.Done;
        if (connect.IsCompleted || cancellationToken.IsCancellationRequested) return await connect;
        await over.CancelAsync();
        await EndAttemptAsync(target, what, cancellationToken);
        return (await connect).IsDone ? CallOutcome.Done : CallOutcome.Refused(BlueZErrors.Make(
            PortError.NotReachable, what, "the device does not answer; it is off, out of range, or another phone or computer holds it",
            "Switch it on, bring it nearer, and end its other Bluetooth connection."));
    }

    /// <summary>Where it fails, the attempt has ended by itself meanwhile.</summary>
    private async Task EndAttemptAsync(Target target, string what, CancellationToken cancellationToken)
    {
        if (_shared.Shown.PathOf(target.Adapter.Address, target.Address) is not { } path) return;
        await target.Session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken);
    }
}
