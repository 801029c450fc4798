using Gateway.Engine;
using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.Bluetooth.BlueZ;

// Commands to adapters and volumes, and what all commands share.
internal sealed partial class BlueZService
{
    /// <summary>After BlueZ said yes, its signals need a moment to say the same.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(8);

    public async Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        var what = $"Switching {found.Name} {(powered ? "on" : "off")}";
        await session.Bus.SetAsync(ObjectPaths.OfAdapter(found.Name), BlueZNames.Adapter, "Powered", VariantValue.Bool(powered), what, cancellationToken).OrThrowAsync();
        await WaitForAsync(() => Current.Adapters.Any(a => a.Address == found.Address && a.Powered == powered), what, cancellationToken);
    }

    public async Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken)
    {
        var (session, found) = FindAdapter(adapter);
        if (discovering && !found.Powered) throw NotPowered(found);
        await session.GateOf(found.Name).SetUserSearchAsync(discovering, cancellationToken).OrThrowAsync();
    }

    public async Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken)
    {
        if (percent is < 0 or > 100) throw new ArgumentOutOfRangeException(nameof(percent), percent, "A volume is 0 to 100.");
        var target = Find(adapter, device);
        if (target.Device is null) throw Unknown(target);
        if (target.Device.Link != RadioLink.Connected) throw new PortException(PortError.NotReachable, $"{target.Name} is not connected.", "Connect it first.");
        var facts = _shared.Facts.Of(target.Adapter.Address, target.Address);
        if (_shared.View.Transports.GetValueOrDefault(target.Path) is { Volume: not null } transport)
        {
            await target.Session.SetVolumeAsync(transport.Path, facts, percent, target.Name, cancellationToken).OrThrowAsync();
        }
        else if (_shared.OwnsAudio)
        {
            facts.SoftwareVolume = percent;
        }
        else
        {
            throw new PortException(PortError.PartMissing, $"{target.Name} has no volume over Bluetooth.", "Set it at the speaker, or in the sound server.");
        }

        target.Session.Post(FactsChanged.Instance);
    }

    private static void RequirePower(Target target)
    {
        if (!target.Adapter.Powered) throw NotPowered(target.Adapter);
    }

    private static PortException NotPowered(RadioAdapter adapter) => new(PortError.NotPowered, $"The adapter {adapter.Name} is switched off.", "Switch it on.");

    private static PortException Unknown(Target target) =>
        new(PortError.UnknownDevice, $"{target.AdapterName} does not know {target.Name}.", "Search for it, then pair it.");

    /// <summary>A device on an adapter, as a command names them.</summary>
    /// <param name="View">The latest view: the object's path is looked up at each use, as BlueZ may show the device later, or again.</param>
    private sealed record Target(BlueZSession Session, RadioAdapter Adapter, BluetoothAddress Address, RadioDevice? Device, Func<BlueZView> View)
    {
        public string AdapterName => Adapter.Name;
        public string AdapterPath => ObjectPaths.OfAdapter(Adapter.Name);
        public string Path => View().PathOf(Adapter.Address, Address) ?? throw Unknown(this);
        public string Name => Device?.Name ?? Address.Text;
    }

    private Target Find(BluetoothAddress adapter, BluetoothAddress device)
    {
        var (session, found) = FindAdapter(adapter);
        return new Target(session, found, device, Current.Devices.FirstOrDefault(d => d.Address == device && d.Adapter == found.Address), () => _shared.View);
    }

    private RadioDevice? Find(Target target) =>
        Current.Devices.FirstOrDefault(d => d.Address == target.Address && d.Adapter == target.Adapter.Address);

    private (BlueZSession Session, RadioAdapter Adapter) FindAdapter(BluetoothAddress adapter)
    {
        var current = Current;
        if (_session is not { } session) throw new PortException(PortError.PartMissing, current.Problem ?? "The Bluetooth service is not there.", "Start it; it is being waited for.");
        var found = current.Adapters.FirstOrDefault(a => a.Address == adapter);
        return (session, found ?? throw new PortException(PortError.UnknownDevice, $"There is no Bluetooth adapter {adapter} here.", "Plug it in, or correct bluetooth.adapters."));
    }

    private async Task WaitForAsync(Func<bool> reached, string what, CancellationToken cancellationToken, TimeSpan? limit = null)
    {
        if (!await ReachedAsync(reached, limit ?? SettleTime, cancellationToken)) throw BlueZErrors.TimedOut(what, limit ?? SettleTime);
    }

    /// <summary>False: not within the limit.</summary>
    private async Task<bool> ReachedAsync(Func<bool> reached, TimeSpan limit, CancellationToken cancellationToken)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check(BlueZView _)
        {
            if (reached()) signal.TrySetResult();
        }

        ViewChanged += Check;
        try
        {
            Check(_shared.View);
            await signal.Task.WaitAsync(limit, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            ViewChanged -= Check;
        }
    }
}
