using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Accepts one role of a device and refuses the other, at the only places where BlueZ asks: an Echo offers both on every link and can do one (L4). What BlueZ
/// 5.72 and 5.86 pick by mistake (bluez/bluez#2494, #1922) ends here too. Any thread.
/// </summary>
internal sealed class RolePolicy(BlueZShared shared, ILogger logger, Func<Task> publishedAsync)
{
    /// <summary>BlueZ gives an endpoint 3 s to answer.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(2);

    /// <summary>What a device does in a role, as the end of a sentence.</summary>
    public static string Doing(RadioRole role) => role == RadioRole.Source ? "play to us" : "be played to";

    /// <summary>May it be linked in this role, as far as is known at this moment?</summary>
    public bool MayLink(string devicePath, RadioRole role) =>
        shared.Streams.OfDevice(devicePath, receives: role == RadioRole.Sink) is null
        && (Known(devicePath) is not { } device || shared.WantedRole(device.Adapter, device.Address, devicePath) is not { } wanted || wanted == role);

    /// <summary>
    /// The same, and a no is logged. A device that has just paired may have told its services a moment ago: before a no, the loop takes in what BlueZ has said until now.
    /// </summary>
    public async ValueTask<bool> DecideAsync(string devicePath, RadioRole role)
    {
        if (Known(devicePath) is not null && MayLink(devicePath, role)) return true;
        await Task.WhenAny(publishedAsync(), Task.Delay(s_longestWait, shared.Time));
        if (MayLink(devicePath, role)) return true;
        BluetoothLog.OtherRoleRefused(logger, NameOf(devicePath), Doing(role));
        return false;
    }

    /// <summary>As people know it; one that is not shown yet by its path.</summary>
    public string NameOf(string devicePath) => Known(devicePath)?.Name ?? devicePath;

    private RadioDevice? Known(string devicePath) => shared.View.Objects.GetValueOrDefault(devicePath);
}
