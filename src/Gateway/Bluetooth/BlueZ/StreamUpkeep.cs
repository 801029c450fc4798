using Gateway.Timing;
using Microsoft.Extensions.Logging;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What is done about streams that stand, in one life of bluetoothd: roles that are not wanted are closed, volumes handed over. The session's loop calls.</summary>
internal sealed class StreamUpkeep(BlueZBus bus, BlueZShared shared, SessionObjects objects, ILogger logger)
{
    // The transports that BlueZ was asked to close. A new transport may have the path of an old one.
    private readonly HashSet<string> _closing = new(StringComparer.Ordinal);

    /// <summary>Sets the volume that the device has itself. Any thread.</summary>
    public async Task<CallOutcome> SetVolumeAsync(string transport, DeviceFacts facts, int percent, string name, CancellationToken cancellationToken)
    {
        facts.Volume.Set(percent, shared.Time.Now());
        var end = await bus.SetAsync(
            transport, BlueZNames.Transport, "Volume", VariantValue.UInt16((ushort)VolumeScale.ToAvrcp(percent)), $"Setting the volume of {name}", cancellationToken);
        if (!end.IsDone) facts.Volume.Unset();
        return end;
    }

    public void Keep(BlueZView view)
    {
        CloseUnwanted(view);
        foreach (var (path, transport) in view.Transports) HandVolumeOver(path, transport);
    }

    /// <summary>The transport is gone.</summary>
    public void Forget(string transportPath) => _closing.Remove(transportPath);

    public void ForgetAll() => _closing.Clear();

    // L4: BlueZ or a sound server's endpoint may have accepted the other role. Each such stream is closed once.
    private void CloseUnwanted(BlueZView view)
    {
        foreach (var unwanted in view.Unwanted)
        {
            if (!_closing.Add(unwanted.Transport) || !view.Objects.TryGetValue(unwanted.Device, out var device)) continue;
            BluetoothLog.OtherRoleClosed(logger, device.Name, RolePolicy.Doing(unwanted.Role));
            _ = bus.CallAsync( // if it fails, the stream has ended by itself
                unwanted.Device, BlueZNames.Device, "DisconnectProfile", "s", BlueZNames.ProfileOf(unwanted.Role), $"Closing the other role of {device.Name}", BlueZBus.Short, CancellationToken.None);
        }
    }

    // AVRCP comes up a moment after the stream. From then on the speaker's own volume is the only gain stage, and takes our gain over.
    private void HandVolumeOver(string devicePath, TransportView transport)
    {
        if (transport.Receives || transport.Volume is null || objects.Named(devicePath) is not { } named || shared.Facts.Find(named.Adapter, named.Address) is not { SoftwareVolume: >= 0 and var percent } facts) return;
        facts.SoftwareVolume = -1;
        _ = SetVolumeAsync(transport.Path, facts, percent, named.Address, CancellationToken.None); // if it fails, the view shows what the device reports
    }
}
