using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

// Links: made one at a time on each adapter, and ended.
internal sealed partial class BlueZService
{
    /// <summary>How long a connect that its caller gave up goes on, for the next who may want it.</summary>
    private static readonly TimeSpan AbandonedTime = TimeSpan.FromSeconds(1);

    /// <summary>A device's own time, from its turn on: BlueZ pages for 5 s, twice where the first configuration did not suit, and a profile may take 20 s.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(30);

    /// <summary>A device that offers both roles, and with which BlueZ is busy, may come in the right one by itself within this.</summary>
    private static readonly TimeSpan BusyTime = TimeSpan.FromSeconds(2);

    public async Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        var known = target.Device ?? throw Unknown(target);
        if (known.LinkedAs is { } standing && standing != role) throw OtherWayRound(target, standing);
        if (known.Link == RadioLink.Connected) return;
        if (!known.Paired) throw new PortException(PortError.NotPaired, $"{target.Name} is not paired on {target.AdapterName}.", "Pair it first.");
        RequirePower(target);
        if (_shared.AudioProblem is { } missing) throw new PortException(PortError.PartMissing, missing.Text, missing.Remedy);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        facts.BeginAttempt();
        target.Session.Post(FactsChanged.Instance);
        try
        {
            await ConnectInTurnAsync(target, known, role, facts, cancellationToken);
            (facts.HeldAt, facts.FailedAt) = (null, 0);
        }
        catch (PortException error)
        {
            var now = time.Now();
            facts.HeldAt = error.Error == PortError.HeldElsewhere ? now : null;
            facts.FailedAt = now.Ticks;
            throw;
        }
        finally
        {
            facts.EndAttempt();
            // The caller finds the outcome in the view, and no attempt that is over.
            await target.Session.PublishedAsync();
        }
    }

    public void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress) => _shared.Roles = byAddress;

    public async Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        if (target.Device is null) throw Unknown(target);
        if (target.Device.HeldElsewhere)
        {
            _shared.Facts.Of(target.Adapter.Address, target.Address).HeldAt = null; // whoever has it may keep it
            target.Session.Post(FactsChanged.Instance);
        }

        // The whole link: a speaker shall be free for others, and may go to sleep.
        var end = await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "Disconnect", $"Disconnecting {target.Name}", BlueZBus.Short, cancellationToken);
        if (end.Reason == CallReason.NotConnected) return;
        end.ThrowUnlessDone();
        await WaitForAsync(() => Find(target)?.Link != RadioLink.Connected, $"Disconnecting {target.Name}", cancellationToken);
    }

    /// <summary>A stream of it stalled: show it as gone, and have BlueZ close the link, which would take 20 s by itself.</summary>
    internal void Suspect(BluetoothAddress adapter, BluetoothAddress device)
    {
        var facts = _shared.Facts.Of(adapter, device);
        facts.Vanished = true; // first: what was seen before is not held against it
        facts.FellSilent = true;
        if (_session is not { } session || _shared.View.PathOf(adapter, device) is not { } path) return;
        session.Post(FactsChanged.Instance);
        // If that fails, the link is gone already, or ends by its own time-out.
        _ = session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", $"Closing the link to {device}", BlueZBus.Short, CancellationToken.None);
    }

    // A caller that gives up returns at once. BlueZ is told a moment later, and only if nobody else wants the same link by then: a new plan often does.
    private async Task ConnectInTurnAsync(Target target, RadioDevice known, RadioRole role, DeviceFacts facts, CancellationToken cancellationToken)
    {
        var end = new CancellationTokenSource();
        var work = target.Session.GateOf(target.AdapterName).RunAsync(() => ConnectWithinTimeAsync(target, known, role, end.Token), cancellationToken, facts.FailedAt);
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
            await Task.WhenAny(work, Task.Delay(AbandonedTime, time));
            if (!facts.Connecting) await end.CancelAsync();
        }

        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        end.Dispose();
    }

    private Task ConnectWithinTimeAsync(Target target, RadioDevice known, RadioRole role, CancellationToken cancellationToken) => WithinAsync(
        ConnectTime, token => ConnectNowAsync(target, known, role, token),
        late => new PortException(PortError.TimedOut, $"{target.Name} did not answer within {ConnectTime.TotalSeconds:0} s.", "Is it on and within reach?", late), cancellationToken);

    /// <summary>Ends what takes longer than a device's own time, with an error of its own; the caller's cancellation stays one.</summary>
    private async Task WithinAsync(TimeSpan most, Func<CancellationToken, Task> work, Func<OperationCanceledException, PortException> late, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await work(both.Token);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw late(error);
        }
    }

    private async Task ConnectNowAsync(Target target, RadioDevice known, RadioRole role, CancellationToken cancellationToken)
    {
        if (Find(target)?.LinkedAs is { } standing)
        {
            if (standing == role) return; // it came by itself while we waited for our turn
            throw OtherWayRound(target, standing);
        }

        RequireRoom(target);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        if (facts.Vanished) await EndLinkAsync(target, cancellationToken);
        var plain = facts.Plain || options.PlainFirst(known);
        var attempt = target.Session.ConfigurationAttempts.Begin(target.AdapterName, plain);
        facts.ConnectingAs = role;
        try
        {
            await ConnectProfileAsync(target, known, role, cancellationToken);
        }
        catch (PortException error) when (!plain && attempt.Asked && MayBeTheConfiguration(error))
        {
            // S5: it was there and broke off over what was offered, as some models do with newer stacks.
            BluetoothLog.TryingPlain(logger, target.Name, error.Message);
            target.Session.ConfigurationAttempts.Begin(target.AdapterName, plain: true);
            await ConnectProfileAsync(target, known, role, cancellationToken);
            plain = true;
        }
        finally
        {
            target.Session.ConfigurationAttempts.End(target.AdapterName);
            if (Find(target)?.LinkedAs == role) facts.ConnectedAs = role; // before nobody wants it any more
            facts.ConnectingAs = null;
        }

        facts.Plain = plain;
    }

    private static PortException OtherWayRound(Target target, RadioRole standing) => new(
        PortError.Other, standing == RadioRole.Source ? $"{target.Name} is connected and plays to us, so we cannot play to it." : $"{target.Name} is connected and we play to it, so it cannot play to us.",
        "Disconnect it first.");

    private static bool MayBeTheConfiguration(PortException error) => error.Error is PortError.Other or PortError.TimedOut or PortError.PairingRejected;

    private async Task ConnectProfileAsync(Target target, RadioDevice known, RadioRole role, CancellationToken cancellationToken)
    {
        var what = $"Connecting to {target.Name}";
        if (await TryProfileAsync(target, known, role, what, cancellationToken)) return;
        // BlueZ is at the device's other role, that was turned away, and stays at it for the life of this link (bluez/bluez#2381): only a new one, that we begin, has the right role.
        BluetoothLog.OtherRoleInTheWay(logger, target.Name, RolePolicy.Doing(role));
        await EndAttemptAsync(target, what, cancellationToken);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        await ReachedAsync(() => !facts.Linked, SettleTime, cancellationToken);
        if (!await TryProfileAsync(target, known, role, what, cancellationToken)) throw BlueZErrors.OtherRole(what, role);
    }

    /// <summary>False: BlueZ was busy with a device that offers both roles, and this one did not come.</summary>
    private async Task<bool> TryProfileAsync(Target target, RadioDevice known, RadioRole role, string what, CancellationToken cancellationToken)
    {
        var both = known is { OffersSource: true, OffersSink: true };
        var end = await CallProfileAsync(target, role, what, cancellationToken);
        switch (end.Reason)
        {
            case CallReason.InProgress or CallReason.Busy when both:
                return await ReachedAsync(() => Find(target)?.LinkedAs == role, BusyTime, cancellationToken);
            case CallReason.InProgress: // the device is connecting by itself
                break;
            case CallReason.AlreadyConnected:
                await WaitOrEndLinkAsync(target, role, what, cancellationToken);
                return true;
            default:
                if (end.Kind == PortError.NoCapacity) LearnRoom(target);
                end.ThrowUnlessDone();
                break;
        }

        await WaitForAsync(() => Find(target)?.LinkedAs == role, what, cancellationToken);
        return true;
    }

    private async Task<CallOutcome> CallProfileAsync(Target target, RadioRole role, string what, CancellationToken cancellationToken)
    {
        var (bus, path, profile) = (target.Session.Bus, target.Path, BlueZNames.ProfileOf(role));
        try
        {
            return await PageAsync(target, role, bus.CallAsync(path, BlueZNames.Device, "ConnectProfile", "s", profile, what, BlueZBus.Long, cancellationToken), what, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // BlueZ would go on paging it, and no other device could be connected meanwhile.
            await bus.CallAsync(path, BlueZNames.Device, "DisconnectProfile", "s", profile, what, BlueZBus.Short, CancellationToken.None);
            throw;
        }
    }

    /// <summary>A link that BlueZ calls connected and that carries no sound would answer every further try in the same way: it is ended, and the next one begins anew.</summary>
    private async Task WaitOrEndLinkAsync(Target target, RadioRole role, string what, CancellationToken cancellationToken)
    {
        if (await ReachedAsync(() => Find(target)?.LinkedAs == role, SettleTime, cancellationToken)) return;
        await EndAttemptAsync(target, what, cancellationToken);
        throw BlueZErrors.Make(
            PortError.TimedOut, what, $"BlueZ holds a link with it that carried no sound within {SettleTime.TotalSeconds:0} s, and that was ended", "Try again; if it stays so, switch the device off and on.");
    }

    /// <summary>A speaker that was given up for gone, and whose link still stands.</summary>
    private async Task EndLinkAsync(Target target, CancellationToken cancellationToken)
    {
        var (what, path) = ($"Ending the dead link to {target.Name}", target.Path);
        await target.Session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        var gone = await ReachedAsync(() => !_shared.View.Transports.ContainsKey(path), SettleTime, cancellationToken);
        if (!gone) facts.Vanished = false; // BlueZ insists that it is there
    }

    // T4: say so before the radio does; what BlueZ says then is worse.
    private void RequireRoom(Target target)
    {
        if (!_shared.OwnsAudio) return;
        var (name, address) = (target.AdapterName, target.Adapter.Address);
        var carried = _shared.Streams.CountOn(target.AdapterPath);
        var learned = _shared.Limits.Of(name, address, carried, _shared.Version?.Version);
        var most = options.StreamsOf(name, address, learned?.Streams);
        if (carried < most) return;
        if (learned is null || most == options.StreamsOf(name, address))
        {
            throw new PortException(
                PortError.NoCapacity, $"{name} carries {most} stream(s) already, which is all it may, so {target.Name} finds no room.",
                "Disconnect a speaker, pair it on another adapter, or raise max_streams of this one.");
        }

        throw new PortException(
            PortError.NoCapacity, $"{name} carries {most} stream(s) already and could carry no more (learned on {LearnedLimits.Date(learned.At)}), so {target.Name} finds no room.",
            $"Disconnect a speaker or pair it on another adapter. {name} is tried anew from {LearnedLimits.Date(learned.Until)}, or as soon as its max_streams is changed.");
    }

    // BlueZ or the radio itself had no room: the planner need not run into that again.
    private void LearnRoom(Target target)
    {
        var carried = _shared.Streams.CountOn(target.AdapterPath);
        if (carried > 0) _shared.Limits.Learn(target.AdapterName, target.Adapter.Address, carried, _shared.Version?.Version); // else it is not the number
    }
}
