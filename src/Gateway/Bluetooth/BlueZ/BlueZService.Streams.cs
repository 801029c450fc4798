using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

// What the streams need.
internal sealed partial class BlueZService
{
    internal (RadioAdapter Adapter, string Name, BluetoothAddress Address) Identify(BluetoothAddress adapter, BluetoothAddress device)
    {
        var target = Find(adapter, device);
        return (target.Adapter, target.Name, target.Address);
    }

    internal OwnStream? OwnStreamOf(RadioAdapter adapter, BluetoothAddress address, bool receives) =>
        _shared.View.PathOf(adapter.Address, address) is { } path ? _shared.Streams.OfDevice(path, receives) : null;

    internal TransportView? TransportOf(BluetoothAddress adapter, BluetoothAddress device) =>
        _shared.View is var view && view.PathOf(adapter, device) is { } path ? view.Transports.GetValueOrDefault(path) : null;

    internal Task<AcquiredStream> AcquireAsync(string transport, string member, CancellationToken cancellationToken) =>
        _session is { } session
            ? session.Bus.AcquireAsync(transport, member, cancellationToken)
            : throw new PortException(PortError.PartMissing, Current.Problem ?? "The Bluetooth service is not there.");

    internal async Task ReleaseAsync(string transport)
    {
        if (_session is not { } session || _shared.Streams.Find(transport) is null) return;
        // If it fails, the stream was closed already, by the other end or with the link.
        await session.Bus.CallAsync(transport, BlueZNames.Transport, "Release", "Closing the stream", BlueZBus.Short, CancellationToken.None);
    }

    /// <summary>Makes the link from a device that plays to us anew.</summary>
    internal async Task ReconnectSourceAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        var (what, path) = ($"Reconnecting {target.Name}", target.Path);
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        await target.Session.GateOf(target.AdapterName).RunAsync(
            async () =>
            {
                facts.ConnectingAs = RadioRole.Source; // between the two its other role would find the way free
                try
                {
                    await target.Session.Bus.CallAsync(path, BlueZNames.Device, "DisconnectProfile", "s", BlueZNames.AudioSource, what, BlueZBus.Short, cancellationToken);
                    await target.Session.Bus.CallAsync(path, BlueZNames.Device, "ConnectProfile", "s", BlueZNames.AudioSource, what, BlueZBus.Long, cancellationToken).OrThrowAsync();
                }
                finally
                {
                    facts.ConnectingAs = null;
                }
            },
            cancellationToken);
    }
}
