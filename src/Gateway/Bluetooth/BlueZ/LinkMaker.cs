using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What follows BlueZ's answer to a connect.</summary>
internal enum AfterConnect
{
    /// <summary>The link is made, or on its way: it is waited for.</summary>
    Wait,

    /// <summary>BlueZ is busy with a device that offers both roles: it may come in the right one by itself, or stay in the other for good.</summary>
    WaitBriefly,

    /// <summary>BlueZ calls it connected: either it sounds soon, or its link has to end.</summary>
    WaitOrEnd,

    /// <summary>It did not work.</summary>
    Fail,
}

/// <summary>Makes a device's link in one role, when its turn on the adapter has come.</summary>
internal sealed class LinkMaker(BluetoothOptions options, BlueZShared shared, AdapterRoom room, ILogger logger)
{
    /// <summary>A device that offers both roles, and with which BlueZ is busy, may come in the right one by itself within this.</summary>
    private static readonly TimeSpan s_busyTime = TimeSpan.FromSeconds(2);

    private readonly Paging _paging = new(shared);

    /// <exception cref="PortException">It cannot be made.</exception>
    public async Task ConnectAsync(RadioTarget target, RadioRole role, CancellationToken cancellationToken)
    {
        if (target.Now?.LinkedAs is { } standing)
        {
            if (standing == role) return; // it came by itself while we waited for our turn
            throw OtherWayRound(target, standing);
        }

        room.Require(target.Adapter, target.Name);
        var facts = target.Facts;
        if (facts.Vanished) await EndDeadLinkAsync(target, cancellationToken);
        var plain = facts.Plain || options.PlainFirst(target.Known);
        var attempts = target.Session.ConfigurationAttempts;
        var attempt = attempts.Begin(target.AdapterName, plain);
        facts.ConnectingAs = role;
        try
        {
            var end = await ConnectProfileAsync(target, role, cancellationToken);
            if (end.Error is { } error && !plain && attempt.Asked && MayBeTheConfiguration(error))
            {
                // S5: it was there and broke off over what was offered, as some models do with newer stacks.
                BluetoothLog.TryingPlain(logger, target.Name, error.Message);
                plain = attempts.Begin(target.AdapterName, plain: true).Plain;
                end = await ConnectProfileAsync(target, role, cancellationToken);
            }

            end.ThrowUnlessDone();
            facts.Plain = plain;
        }
        finally
        {
            attempts.End(target.AdapterName);
            if (target.IsLinkedAs(role)) facts.ConnectedAs = role; // before nobody wants it any more
            facts.ConnectingAs = null;
        }
    }

    public static PortException OtherWayRound(RadioTarget target, RadioRole standing) => new(
        PortError.Other, standing == RadioRole.Source ? $"{target.Name} is connected and plays to us, so we cannot play to it." : $"{target.Name} is connected and we play to it, so it cannot play to us.",
        "Disconnect it first.");

    public static AfterConnect After(CallOutcome answer, bool offersBothRoles) => answer.Reason switch
    {
        CallReason.InProgress or CallReason.Busy when offersBothRoles => AfterConnect.WaitBriefly,
        CallReason.InProgress => AfterConnect.Wait, // the device is connecting by itself
        CallReason.AlreadyConnected => AfterConnect.WaitOrEnd,
        _ => answer.IsDone ? AfterConnect.Wait : AfterConnect.Fail,
    };

    private static bool MayBeTheConfiguration(PortException error) => error.Error is PortError.Other or PortError.TimedOut or PortError.PairingRejected;

    private async Task<CallOutcome> ConnectProfileAsync(RadioTarget target, RadioRole role, CancellationToken cancellationToken)
    {
        var what = $"Connecting to {target.Name}";
        if (await TryProfileAsync(target, role, what, cancellationToken) is { } end) return end;
        // BlueZ is at the device's other role, that was turned away, and stays at it for the life of this link (bluez/bluez#2381): only a new one, that we begin, has the right role.
        BluetoothLog.OtherRoleInTheWay(logger, target.Name, RolePolicy.Doing(role));
        await Paging.EndAttemptAsync(target, what, cancellationToken);
        var facts = target.Facts;
        await shared.Views.ReachedAsync(() => !facts.Linked, BlueZViews.SettleTime, cancellationToken);
        return await TryProfileAsync(target, role, what, cancellationToken) ?? CallOutcome.Refused(BlueZErrors.OtherRole(what, role));
    }

    /// <summary>Null: BlueZ was busy with a device that offers both roles, and this one did not come.</summary>
    private async Task<CallOutcome?> TryProfileAsync(RadioTarget target, RadioRole role, string what, CancellationToken cancellationToken)
    {
        var answer = await CallProfileAsync(target, role, what, cancellationToken);
        switch (After(answer, target.Known is { OffersSource: true, OffersSink: true }))
        {
            case AfterConnect.Wait:
                return await shared.Views.WaitAsync(() => target.IsLinkedAs(role), what, BlueZViews.SettleTime, cancellationToken);
            case AfterConnect.WaitBriefly:
                return await shared.Views.ReachedAsync(() => target.IsLinkedAs(role), s_busyTime, cancellationToken) ? CallOutcome.Done : null;
            case AfterConnect.WaitOrEnd:
                return await WaitOrEndLinkAsync(target, role, what, cancellationToken);
            default:
                if (answer.Kind == PortError.NoCapacity) room.Learn(target.Adapter);
                return answer;
        }
    }

    private Task<CallOutcome> CallProfileAsync(RadioTarget target, RadioRole role, string what, CancellationToken cancellationToken)
    {
        var (bus, path, profile) = (target.Session.Bus, target.Path, BlueZNames.ProfileOf(role));
        var connect = bus.CallAsync(path, BlueZNames.Device, "ConnectProfile", "s", profile, what, BlueZBus.Long, cancellationToken);
        // BlueZ would go on paging it, and no other device could be connected meanwhile.
        return _paging.WaitAsync(target, role, connect, what, cancellationToken)
            .OrTakeBackAsync(() => bus.CallAsync(path, BlueZNames.Device, "DisconnectProfile", "s", profile, what, BlueZBus.Short, CancellationToken.None));
    }

    /// <summary>A link that BlueZ calls connected and that carries no sound would answer every further try in the same way: it is ended, and the next one begins anew.</summary>
    private async Task<CallOutcome> WaitOrEndLinkAsync(RadioTarget target, RadioRole role, string what, CancellationToken cancellationToken)
    {
        if (await shared.Views.ReachedAsync(() => target.IsLinkedAs(role), BlueZViews.SettleTime, cancellationToken)) return CallOutcome.Done;
        await Paging.EndAttemptAsync(target, what, cancellationToken);
        return CallOutcome.Refused(BlueZErrors.Make(
            PortError.TimedOut, what, $"BlueZ holds a link with it that carried no sound within {BlueZViews.SettleTime.TotalSeconds:0} s, and that was ended", "Try again; if it stays so, switch the device off and on."));
    }

    /// <summary>A speaker that was given up for gone, and whose link still stands.</summary>
    private async Task EndDeadLinkAsync(RadioTarget target, CancellationToken cancellationToken)
    {
        var (what, path) = ($"Ending the dead link to {target.Name}", target.Path);
        await target.Session.Bus.CallAsync(path, BlueZNames.Device, "Disconnect", what, BlueZBus.Short, cancellationToken);
        var gone = await shared.Views.ReachedAsync(() => !shared.View.Transports.ContainsKey(path), BlueZViews.SettleTime, cancellationToken);
        if (!gone) target.Facts.Vanished = false; // BlueZ insists that it is there
    }
}
