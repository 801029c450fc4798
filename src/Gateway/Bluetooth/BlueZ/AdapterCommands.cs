using Gateway.Engine;
using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Commands to adapters, and volumes. On their callers' threads.</summary>
internal sealed class AdapterCommands(RadioTargets targets, BlueZShared shared)
{
    public async Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken)
    {
        var (session, found) = targets.FindAdapter(adapter);
        var what = $"Switching {found.Name} {(powered ? "on" : "off")}";
        await session.Bus.SetAsync(ObjectPaths.OfAdapter(found.Name), BlueZNames.Adapter, "Powered", VariantValue.Bool(powered), what, cancellationToken).OrThrowAsync();
        await shared.Views.WaitAsync(() => shared.View.Snapshot.Adapters.Any(a => a.Address == found.Address && a.Powered == powered), what, BlueZViews.SettleTime, cancellationToken).OrThrowAsync();
    }

    public async Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken)
    {
        var (session, found) = targets.FindAdapter(adapter);
        if (discovering && !found.Powered) throw RadioTarget.NotPowered(found);
        await session.GateOf(found.Name).SetUserSearchAsync(discovering, cancellationToken).OrThrowAsync();
    }

    public async Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken)
    {
        if (percent is < 0 or > 100) throw new ArgumentOutOfRangeException(nameof(percent), percent, "A volume is 0 to 100.");
        var target = targets.Find(adapter, device);
        if (target.Known.Link != RadioLink.Connected) throw new PortException(PortError.NotReachable, $"{target.Name} is not connected.", "Connect it first.");
        if (shared.View.Transports.GetValueOrDefault(target.Path) is { Volume: not null } transport)
        {
            await target.Session.Upkeep.SetVolumeAsync(transport.Path, target.Facts, percent, target.Name, cancellationToken).OrThrowAsync();
        }
        else if (shared.OwnsAudio)
        {
            target.Facts.SoftwareVolume = percent;
        }
        else
        {
            throw new PortException(PortError.PartMissing, $"{target.Name} has no volume over Bluetooth.", "Set it at the speaker, or in the sound server.");
        }

        target.Session.Post(FactsChanged.Instance);
    }
}
