using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>BlueZ's answers in plain words. The name decides; where it is the catch-all <c>Failed</c>, BlueZ's own short reason does.</summary>
internal static class BlueZErrors
{
    private const string Prefix = "org.bluez.Error.";
    private const string BusPrefix = "org.freedesktop.DBus.Error.";

    private static readonly string[] s_busy = ["connection-busy", "In Progress", "Operation already in progress", "Device or resource busy"];

    /// <summary>What a call came to that ended with an exception; null: cancellation, or a fault of ours, which is nobody's answer.</summary>
    /// <param name="what">What was tried, beginning a sentence: <c>Connecting to Kitchen</c>.</param>
    public static CallOutcome? ToOutcome(Exception error, string what, TimeSpan limit) => error switch
    {
        DBusErrorReplyException no => ToOutcome(no, what),
        TimeoutException => CallOutcome.Refused(TimedOut(what, limit, error)),
        DBusExceptionBase or ObjectDisposedException or InvalidDataException => CallOutcome.Refused(Lost(what, error)),
        _ => null,
    };

    private static CallOutcome ToOutcome(DBusErrorReplyException error, string what)
    {
        var (name, detail) = (error.ErrorName, Detail(error));
        if (name.StartsWith(Prefix, StringComparison.Ordinal)) return FromBlueZ(name[Prefix.Length..], detail, what, error);
        if (name.StartsWith(BusPrefix, StringComparison.Ordinal)) return FromBus(name[BusPrefix.Length..], detail, what, error);
        return CallOutcome.Refused(Make(PortError.Other, what, $"BlueZ answered {name}{Said(detail)}", null, error));
    }

    public static PortException TimedOut(string what, TimeSpan after, Exception? inner = null) =>
        Make(PortError.TimedOut, what, $"no answer within {after.TotalSeconds:0} s", "Try again; if it stays so, restart the bluetooth service.", inner);

    /// <summary>The connection to bluetoothd broke while it was at it.</summary>
    public static PortException Lost(string what, Exception? inner = null) =>
        Make(PortError.PartMissing, what, "the Bluetooth service (bluetoothd) went away meanwhile", "It is being waited for; try again in a moment.", inner);

    /// <summary>BlueZ 5.72 and 5.86 take the wrong role of a device that offers both.</summary>
    public static PortException OtherRole(string what, RadioRole role) => Make(
        PortError.Other, what, $"BlueZ connects it the other way round, where it was asked to {RolePolicy.Doing(role)}",
        "Switch the device off and on and try again; BlueZ 5.72 and 5.86 are known for this, so update it if it stays so.");

    public static PortException Make(PortError kind, string what, string reason, string? remedy, Exception? inner = null) =>
        new(kind, $"{what} did not work: {reason}.", remedy, inner);

    private static CallOutcome FromBlueZ(string name, string detail, string what, Exception error) =>
        new(name == "DoesNotExist" ? CallEnd.Gone : CallEnd.Refused, ReasonOf(name, detail), Explain(name, detail, what, error));

    private static CallOutcome FromBus(string name, string detail, string what, Exception error) =>
        new(name is "UnknownObject" or "UnknownMethod" or "UnknownInterface" ? CallEnd.Gone : CallEnd.Refused, CallReason.Other, ExplainBus(name, detail, what, error));

    private static CallReason ReasonOf(string name, string detail) => name switch
    {
        "AlreadyExists" => CallReason.AlreadyExists,
        "AlreadyConnected" => CallReason.AlreadyConnected,
        "NotConnected" => CallReason.NotConnected,
        "InProgress" => CallReason.InProgress,
        _ when Says(detail, "already-connected") => CallReason.AlreadyConnected,
        "Failed" when Says(detail, s_busy) => CallReason.Busy,
        _ => CallReason.Other,
    };

    private static PortException Explain(string name, string detail, string what, Exception error) => name switch
    {
        "AuthenticationFailed" => Make(PortError.PairingRejected, what, "the device and this machine do not share a valid key", "Forget the device, put it into pairing mode and pair it again.", error),
        "AuthenticationRejected" or "Rejected" => Make(PortError.PairingRejected, what, "the device rejected it", "Put the device into pairing mode and try again.", error),
        "AuthenticationCanceled" or "Canceled" => Make(PortError.PairingRejected, what, "it was cancelled", "Try again.", error),
        "AuthenticationTimeout" => Make(PortError.TimedOut, what, "the device did not answer the pairing in time", "Put the device into pairing mode and try again.", error),
        "ConnectionAttemptFailed" => Make(PortError.NotReachable, what, "the device does not answer; it is off or out of range" + Said(detail), "Switch it on and bring it nearer.", error),
        "NotReady" => Make(PortError.NotPowered, what, "the Bluetooth adapter is switched off", "Switch the adapter on.", error),
        "Blocked" => Make(PortError.NotPowered, what, "the Bluetooth adapter is blocked by a switch or by software (rfkill)", "Unblock it: rfkill unblock bluetooth.", error),
        "NotAvailable" => NotAvailable(detail, what, error),
        "NotAuthorized" => Make(PortError.Other, what, "another program uses this stream", "Set bluetooth.audio to pulse, or stop the other Bluetooth audio program.", error),
        "NotPermitted" => Make(PortError.Other, what, "BlueZ does not permit it" + Said(detail), null, error),
        "NotSupported" => Make(PortError.PartMissing, what, "the device or this BlueZ does not support it" + Said(detail), null, error),
        "DoesNotExist" => Make(PortError.UnknownDevice, what, "BlueZ does not know the device" + Said(detail), "Pair it first.", error),
        "NotConnected" => Make(PortError.NotReachable, what, "the device is not connected", "Connect it first.", error),
        "AlreadyConnected" or "AlreadyExists" => Make(PortError.Other, what, "it is so already", null, error),
        "InProgress" => Make(PortError.Other, what, "BlueZ is busy with the same device", "Wait for a moment and try again.", error),
        "InvalidArguments" => Make(PortError.Other, what, "BlueZ refused the request as not valid" + Said(detail), null, error),
        "Failed" => Failed(detail, what, error),
        _ => Make(PortError.Other, what, $"BlueZ answered {name}{Said(detail)}", null, error),
    };

    private static PortException ExplainBus(string name, string detail, string what, Exception error) => name switch
    {
        "ServiceUnknown" or "NameHasNoOwner" or "Disconnected" or "NoServer" => Lost(what, error),
        "NoReply" when Says(detail, "disconnected") => Lost(what, error), // the bus knows no other word for a peer that went before it answered
        "NoReply" or "Timeout" or "TimedOut" => Make(PortError.TimedOut, what, "the Bluetooth service did not answer", "Try again; if it stays so, restart the bluetooth service.", error),
        "UnknownObject" or "UnknownMethod" or "UnknownInterface" => Make(PortError.UnknownDevice, what, "BlueZ no longer knows the device", "Search again, or pair it again.", error),
        "AccessDenied" => Make(PortError.Other, what, "the system bus denies access to BlueZ", "Run the gateway as root or as a member of the group bluetooth.", error),
        _ => Make(PortError.Other, what, $"the system bus answered {name}{Said(detail)}", null, error),
    };

    // BlueZ 5.63 and later give short codes (src/error.h), older ones the kernel's words.
    private static PortException Failed(string detail, string what, Exception error)
    {
        if (Says(detail, "key-missing", "bad-socket-key")) return Make(PortError.NotPaired, what, "the device has forgotten this machine", "Forget the device, put it into pairing mode and pair it again.", error);
        if (Says(detail, "page-timeout", "connection-timeout", "Host is down", "Page Timeout", "No route to host", "timed out"))
            return Make(PortError.NotReachable, what, "the device does not answer; it is off, out of range, or another phone or computer holds it", "Switch it on, bring it nearer, and end its other Bluetooth connection.", error);
        // The kernel's EMLINK: this machine's controller has no link left, not the device.
        if (Says(detail, "concurrent-connection-limit", "Too many links"))
            return Make(PortError.NoCapacity, what, "the adapter has no room for another link", "Disconnect a device, or pair it on another adapter.", error);
        if (Says(detail, "Unable to select SEP", "select-sep")) return Make(PortError.NoCapacity, what, "no free stream end point is left on this adapter", "Disconnect a speaker, use another adapter, or raise max_streams.", error);
        if (Says(detail, "refused", "aborted-by-remote", "abort-by-remote", "Connection reset"))
            return Make(PortError.HeldElsewhere, what, "the device is there but refuses; another phone or computer probably holds it", "Disconnect it there, then try again.", error);
        if (Says(detail, "not-powered", "rfkill")) return Make(PortError.NotPowered, what, "the Bluetooth adapter is switched off or blocked", "Switch it on (rfkill unblock bluetooth).", error);
        if (Says(detail, "profile-unavailable", "Protocol not available", "not-supported")) return Make(PortError.PartMissing, what, "the device offers no A2DP audio", "Check that it is a loudspeaker, and that no other program owns Bluetooth audio here.", error);
        if (Says(detail, s_busy)) return Make(PortError.Other, what, "BlueZ is busy with another connection", "Wait for a moment and try again.", error);
        if (Says(detail, "sdp-search")) return Make(PortError.NotReachable, what, "the device does not say what it can do (its service record cannot be read)", "Bring it nearer, switch it off and on, and try again.", error);
        if (Says(detail, "lmp-protocol-error", "Protocol error")) return Make(PortError.Other, what, "the radios of both ends do not agree (a link protocol error)", "Switch the device off and on; if it stays so, forget it and pair it again.", error);
        if (Says(detail, "canceled", "cancelled", "aborted-by-local")) return Make(PortError.Other, what, "it was cancelled", "Try again.", error);
        return Make(PortError.Other, what, "BlueZ reports a failure" + Said(detail), "Try again; see the log of bluetoothd for more.", error);
    }

    private static bool Says(string detail, params ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            if (detail.Contains(part, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static PortException NotAvailable(string detail, string what, Exception error) =>
        detail.Contains("profile", StringComparison.OrdinalIgnoreCase)
            ? Failed("br-connection-profile-unavailable", what, error)
            : Make(PortError.NotReachable, what, "it is not available now" + Said(detail), "Connect the device first.", error);

    private static string Said(string detail) => detail.Length == 0 ? "" : $" ({detail})";

    // Tmds' message repeats the name; foreign text is cut and kept on one line.
    private static string Detail(DBusErrorReplyException error)
    {
        var text = new string([.. (error.ErrorMessage ?? "").Where(c => !char.IsControl(c))]).Trim();
        return text.Length <= 160 ? text : text[..160] + "…";
    }
}
