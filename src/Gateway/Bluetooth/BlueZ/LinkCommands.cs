using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Links, made one at a time on each adapter, and ended. On their callers' threads.</summary>
internal sealed class LinkCommands(RadioTargets targets, BlueZShared shared, LinkMaker maker)
{
    /// <summary>How long a connect that its caller gave up goes on, for the next who may want it.</summary>
    private static readonly TimeSpan s_abandonedTime = TimeSpan.FromSeconds(1);

    /// <summary>A device's own time, from its turn on: BlueZ pages for 5 s, twice where the first configuration did not suit, and a profile may take 20 s.</summary>
    private static readonly TimeSpan s_connectTime = TimeSpan.FromSeconds(30);

    public async Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken)
    {
        var target = targets.Find(adapter, device);
        if (target.Known.LinkedAs is { } standing && standing != role) throw LinkMaker.OtherWayRound(target, standing);
        if (target.Known.Link == RadioLink.Connected) return;
        if (!target.Known.Paired) throw new PortException(PortError.NotPaired, $"{target.Name} is not paired on {target.AdapterName}.", "Pair it first.");
        target.RequirePower();
        if (shared.AudioProblem is { } missing) throw new PortException(PortError.PartMissing, missing.Text, missing.Remedy);
        var facts = target.Facts;
        facts.BeginAttempt();
        target.Session.Post(FactsChanged.Instance);
        var attempt = ConnectInTurnAsync(target, role, facts, cancellationToken);
        await attempt.Ended();
        if (attempt.IsCompletedSuccessfully) facts.AttemptWorked();
        else if (attempt.Failure() is PortException no) facts.AttemptFailed(no.Error, shared.Time.Now());
        facts.EndAttempt();
        await target.Session.PublishedAsync(); // the caller finds the outcome in the view, and no attempt that is over
        await attempt;
    }

    public async Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = targets.Find(adapter, device);
        if (target.Known.HeldElsewhere)
        {
            target.Facts.HeldAt = null; // whoever has it may keep it
            target.Session.Post(FactsChanged.Instance);
        }

        // The whole link: a speaker shall be free for others, and may go to sleep.
        var what = $"Disconnecting {target.Name}";
        var end = await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken);
        if (end.Reason == CallReason.NotConnected) return;
        end.ThrowUnlessDone();
        await shared.Views.WaitAsync(() => target.Now?.Link != RadioLink.Connected, what, BlueZViews.SettleTime, cancellationToken).OrThrowAsync();
    }

    /// <summary>A stream of it stalled: show it as gone, and have BlueZ close the link, which would take 20 s by itself.</summary>
    public void Suspect(BluetoothAddress adapter, BluetoothAddress device)
    {
        var facts = shared.Facts.Of(adapter, device);
        facts.Vanished = true; // first: what was seen before is not held against it
        facts.FellSilent = true;
        if (targets.Session is not { } session || shared.View.PathOf(adapter, device) is not { } path) return;
        session.Post(FactsChanged.Instance);
        // If that fails, the link is gone already, or ends by its own time-out.
        _ = session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", $"Closing the link to {device}", BlueZBus.Short, CancellationToken.None);
    }

    // A caller that gives up returns at once. BlueZ is told a moment later, and only if nobody else wants the same link by then: a new plan often does.
    private async Task ConnectInTurnAsync(RadioTarget target, RadioRole role, DeviceFacts facts, CancellationToken cancellationToken)
    {
        var end = new CancellationTokenSource();
        var work = target.Session.GateOf(target.AdapterName).RunAsync(() => ConnectWithinTimeAsync(target, role, end.Token), cancellationToken, facts.FailedAt);
        try
        {
            await work.WaitAsync(cancellationToken);
        }
        finally
        {
            _ = EndUnlessWantedAsync(work, facts, end);
        }
    }

    private async Task EndUnlessWantedAsync(Task work, DeviceFacts facts, CancellationTokenSource end)
    {
        while (!work.IsCompleted && !end.IsCancellationRequested)
        {
            await Task.WhenAny(work, Task.Delay(s_abandonedTime, shared.Time));
            if (!facts.Connecting) await end.CancelAsync();
        }

        await work.Ended();
        end.Dispose();
    }

    private Task ConnectWithinTimeAsync(RadioTarget target, RadioRole role, CancellationToken cancellationToken) => TimeLimit.RunAsync(
        s_connectTime, shared.Time, token => maker.ConnectAsync(target, role, token),
        () => new PortException(PortError.TimedOut, $"{target.Name} did not answer within {s_connectTime.TotalSeconds:0} s.", "Is it on and within reach?"), cancellationToken);
}
