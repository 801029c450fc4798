using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// What the loop does about single devices: signal strength and volume.
internal sealed partial class BlueZSession
{
    /// <summary>Sets the volume that the device has itself.</summary>
    public async Task SetVolumeAsync(string transport, DeviceFacts facts, int percent, string name, CancellationToken cancellationToken)
    {
        facts.Volume.Set(percent, _shared.Time.GetUtcNow());
        try
        {
            await Bus.SetAsync(
                transport, BlueZNames.Transport, "Volume", VariantValue.UInt16((ushort)VolumeScale.ToAvrcp(percent)), $"Setting the volume of {name}", cancellationToken);
        }
        catch (PortException)
        {
            facts.Volume.Unset();
            throw;
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
        _shared.Facts.Of(named.Adapter, named.Address).Rssi = ((int)rssi, _shared.Time.GetUtcNow());
    }

    // AVRCP comes up a moment after the stream. From then on the speaker's own volume is the one gain stage: it takes over what ours was.
    private void HandVolumeOver(string devicePath, ShownTransport transport)
    {
        if (transport.Receives || transport.Volume is null || Named(devicePath) is not { } named || _shared.Facts.Find(named.Adapter, named.Address) is not { SoftwareVolume: >= 0 and var percent } facts) return;
        facts.SoftwareVolume = -1;
        _ = HandOverAsync();

        async Task HandOverAsync()
        {
            try
            {
                await SetVolumeAsync(transport.Path, facts, percent, named.Address, CancellationToken.None);
            }
            catch (PortException)
            {
                // What the device then reports is shown.
            }
        }
    }
}
