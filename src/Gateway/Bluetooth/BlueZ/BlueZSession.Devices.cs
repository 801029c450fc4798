using System.Collections.Concurrent;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// What the loop does about single devices: signal strength and volume.
internal sealed partial class BlueZSession
{
    // Of every device of BlueZ, by its path: a path tells no address.
    private readonly ConcurrentDictionary<string, string> _addresses = new(StringComparer.Ordinal);

    // The loop's own: the transports that it has asked to be closed. One that comes anew under the same path is another.
    private readonly HashSet<string> _closing = new(StringComparer.Ordinal);

    /// <summary>Sets the volume that the device has itself.</summary>
    public async Task SetVolumeAsync(string transport, DeviceFacts facts, int percent, string name, CancellationToken cancellationToken)
    {
        facts.Volume.Set(percent, _shared.Time.Now());
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

    // On the connection's read loop, so that who asks next has an address.
    private void NoteAddress(BusEvent? happened)
    {
        if (happened is ObjectAdded added && added.Interfaces.TryGetValue(BlueZNames.Device, out var device)) NoteAddress(added.Path, device);
        else if (happened is PropertiesChanged { Interface: BlueZNames.Device } changed) NoteAddress(changed.Path, changed.Changed);
        else if (happened is ObjectRemoved removed && removed.Interfaces.Contains(BlueZNames.Device)) _addresses.TryRemove(removed.Path, out _);
    }

    private void NoteAddress(string path, IReadOnlyDictionary<string, VariantValue> values)
    {
        if (Projection.AddressOf(values) is { } address) _addresses[path] = address;
    }

    // L4. What BlueZ, or a sound server's endpoint, let stand in the other role: once for each stream.
    private void CloseSurplus(Shown shown)
    {
        foreach (var surplus in shown.Surplus)
        {
            if (!_closing.Add(surplus.Transport) || !shown.Objects.TryGetValue(surplus.Device, out var device)) continue;
            BluetoothLog.OtherRoleClosed(_logger, device.Name, LinkRoles.Doing(surplus.Role));
            _ = CloseAsync(surplus, device.Name);
        }
    }

    private async Task CloseAsync(SurplusTransport surplus, string name)
    {
        try
        {
            await Bus.CallAsync(
                surplus.Device, BlueZNames.Device, "DisconnectProfile", "s", BlueZNames.ProfileOf(surplus.Role), $"Closing the other role of {name}", BlueZBus.Short, CancellationToken.None);
        }
        catch (PortException)
        {
            // It has ended by itself.
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
