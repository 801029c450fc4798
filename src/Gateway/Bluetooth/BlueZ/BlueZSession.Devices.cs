using Gateway.Timing;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// What the loop does about single devices: signal strength and volume.
internal sealed partial class BlueZSession
{
    private readonly DeviceAddresses _addresses = new();

    // The loop's own: the transports that it has asked to be closed. One that comes anew under the same path is another.
    private readonly HashSet<string> _closing = new(StringComparer.Ordinal);

    /// <summary>Sets the volume that the device has itself.</summary>
    public async Task<CallOutcome> SetVolumeAsync(string transport, DeviceFacts facts, int percent, string name, CancellationToken cancellationToken)
    {
        facts.Volume.Set(percent, _shared.Time.Now());
        var end = await Bus.SetAsync(
            transport, BlueZNames.Transport, "Volume", VariantValue.UInt16((ushort)VolumeScale.ToAvrcp(percent)), $"Setting the volume of {name}", cancellationToken);
        if (!end.IsDone) facts.Volume.Unset();
        return end;
    }

    // L4. What BlueZ, or a sound server's endpoint, let stand in the other role: once for each stream.
    private void CloseSurplus(Shown shown)
    {
        foreach (var surplus in shown.Surplus)
        {
            if (!_closing.Add(surplus.Transport) || !shown.Objects.TryGetValue(surplus.Device, out var device)) continue;
            BluetoothLog.OtherRoleClosed(_logger, device.Name, LinkRoles.Doing(surplus.Role));
            _ = Bus.CallAsync( // where it fails, it has ended by itself
                surplus.Device, BlueZNames.Device, "DisconnectProfile", "s", BlueZNames.ProfileOf(surplus.Role), $"Closing the other role of {device.Name}", BlueZBus.Short, CancellationToken.None);
        }
    }

    private void NoteRssi(BusEvent happened)
    {
        var path = happened switch
        {
            PropertiesChanged { Interface: BlueZNames.Device } changed when changed.Changed.ContainsKey("RSSI") => changed.Path,
            ObjectAdded added when added.Interfaces.ContainsKey(BlueZNames.Device) => added.Path,
            _ => null,
        };
        if (path is null || Named(path) is not { } named || _mirror.Find(path, BlueZNames.Device)?.Number("RSSI") is not { } rssi) return;
#pragma warning disable RS0030 // shown
        _shared.Facts.Of(named.Adapter, named.Address).Rssi = ((int)rssi, _shared.Time.GetUtcNow(), _shared.Time.Now());
#pragma warning restore RS0030
    }

    // AVRCP comes up a moment after the stream. From then on the speaker's own volume is the one gain stage: it takes over what ours was.
    private void HandVolumeOver(string devicePath, ShownTransport transport)
    {
        if (transport.Receives || transport.Volume is null || Named(devicePath) is not { } named || _shared.Facts.Find(named.Adapter, named.Address) is not { SoftwareVolume: >= 0 and var percent } facts) return;
        facts.SoftwareVolume = -1;
        _ = SetVolumeAsync(transport.Path, facts, percent, named.Address, CancellationToken.None); // where it fails, what the device then reports is shown
    }
}
