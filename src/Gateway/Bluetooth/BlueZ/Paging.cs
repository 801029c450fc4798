using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Connecting to a device that may not be there.</summary>
internal sealed class Paging(BlueZShared shared)
{
    /// <summary>
    /// Without a radio link by then the device did not answer: Linux pages for 5.12 s (HCI's default page timeout, 0x2000 slots of 0.625 ms). Seen
    /// with BlueZ 5.66: a device that also speaks Low Energy is tried over that next, for over half a minute, in which BlueZ says nothing, a device
    /// that is switched on meanwhile is not paged again, and no other device is connected.
    /// </summary>
    private static readonly TimeSpan s_pageTime = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Waits for BlueZ's answer to a connect as long as there is anything to wait for: until the device is shown as connected, which may be 20 s
    /// before BlueZ says so (seen after a try that was ended), or until it clearly does not answer.
    /// </summary>
    public async Task<CallOutcome> WaitAsync(RadioTarget target, RadioRole role, Task<CallOutcome> connect, string what, CancellationToken cancellationToken)
    {
        var facts = target.Facts;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var shown = shared.Views.ReachedAsync(() => target.IsLinkedAs(role), BlueZBus.Long, over.Token);
        await Task.WhenAny(connect, shown, Task.Delay(s_pageTime, shared.Time, cancellationToken));
        if (facts.Linked || cancellationToken.IsCancellationRequested) await Task.WhenAny(connect, shown);
        if (shown.IsCompletedSuccessfully && await shown) return CallOutcome.Done;
        if (connect.IsCompleted || cancellationToken.IsCancellationRequested) return await connect;
        await over.CancelAsync();
        await EndAttemptAsync(target, what, cancellationToken);
        return (await connect).IsDone ? CallOutcome.Done : CallOutcome.Refused(BlueZErrors.Make(
            PortError.NotReachable, what, "the device does not answer; it is off, out of range, or another phone or computer holds it",
            "Switch it on, bring it nearer, and end its other Bluetooth connection."));
    }

    /// <summary>If it fails, the attempt has ended by itself meanwhile.</summary>
    public static async Task EndAttemptAsync(RadioTarget target, string what, CancellationToken cancellationToken)
    {
        if (target.ShownPath is not { } path) return;
        await target.Session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken);
    }
}
