using Gateway.Bluetooth.A2dp;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

// What the streams need.
internal sealed partial class BlueZService
{
    internal (RadioAdapter Adapter, string Name, string Address) Identify(string adapter, string device)
    {
        var target = Find(adapter, device);
        return (target.Adapter, target.Name, target.Address);
    }

    internal OwnStream? OwnStreamOf(RadioAdapter adapter, string address, bool receives) =>
        _shared.Streams.OfDevice(PathOf(adapter.Name, address), receives);

    internal ShownTransport? TransportOf(string adapter, string device) =>
        Current.Adapters.FirstOrDefault(a => a.Address == adapter) is { } found ? _shared.Shown.Transports.GetValueOrDefault(PathOf(found.Name, device)) : null;

    internal Task<AcquiredStream> AcquireAsync(string transport, string member, CancellationToken cancellationToken) =>
        _session is { } session
            ? session.Bus.AcquireAsync(transport, member, cancellationToken)
            : throw new PortException(PortError.PartMissing, Current.Problem ?? "The Bluetooth service is not there.");

    internal async Task ReleaseAsync(string transport)
    {
        if (_session is not { } session || _shared.Streams.Find(transport) is null) return;
        try
        {
            await session.Bus.CallAsync(transport, BlueZNames.Transport, "Release", "Closing the stream", BlueZBus.Short, CancellationToken.None);
        }
        catch (PortException)
        {
            // It was closed already, from the other end or with the link.
        }
    }

    /// <summary>Makes the link from a device that plays to us anew.</summary>
    internal async Task ReconnectSourceAsync(string adapter, string device, CancellationToken cancellationToken)
    {
        var target = Find(adapter, device);
        var what = $"Reconnecting {target.Name}";
        await target.Session.GateOf(target.AdapterName).RunAsync(
            async () =>
            {
                await TryAsync(target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "DisconnectProfile", "s", BlueZNames.AudioSource, what, BlueZBus.Short, cancellationToken));
                await target.Session.Bus.CallAsync(target.Path, BlueZNames.Device, "ConnectProfile", "s", BlueZNames.AudioSource, what, BlueZBus.Long, cancellationToken);
            },
            cancellationToken);
    }
}
