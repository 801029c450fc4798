using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What the streams ask of BlueZ. Any thread.</summary>
internal sealed class StreamCalls(RadioTargets targets, BlueZShared shared, LinkCommands links)
{
    public BlueZShared Shared => shared;

    public RadioTarget Find(BluetoothAddress adapter, BluetoothAddress device) => targets.Find(adapter, device);

    public OwnStream? OwnStreamOf(BluetoothAddress adapter, BluetoothAddress device, bool receives) =>
        shared.View.PathOf(adapter, device) is { } path ? shared.Streams.OfDevice(path, receives) : null;

    public TransportView? TransportOf(BluetoothAddress adapter, BluetoothAddress device) =>
        shared.View is var view && view.PathOf(adapter, device) is { } path ? view.Transports.GetValueOrDefault(path) : null;

    public async Task<AcquiredStream> AcquireAsync(string transport, string member, CancellationToken cancellationToken) =>
        targets.Session is { } session
            ? await session.Bus.AcquireAsync(transport, member, cancellationToken)
            : throw new PortException(PortError.PartMissing, shared.View.Snapshot.Problem ?? "The Bluetooth service is not there.");

    public async Task ReleaseAsync(string transport)
    {
        if (targets.Session is not { } session || shared.Streams.Find(transport) is null) return;
        // If it fails, the stream was closed already, by the other end or with the link.
        await session.Bus.CallAsync(transport, BlueZNames.Transport, "Release", "Closing the stream", BlueZBus.Short, CancellationToken.None);
    }

    /// <inheritdoc cref="LinkCommands.Suspect"/>
    public void Suspect(BluetoothAddress adapter, BluetoothAddress device) => links.Suspect(adapter, device);

    /// <summary>Makes the link from a device that plays to us anew.</summary>
    public async Task ReconnectSourceAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken)
    {
        var target = targets.Find(adapter, device);
        var (what, path, facts) = ($"Reconnecting {target.Name}", target.Path, target.Facts);
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
