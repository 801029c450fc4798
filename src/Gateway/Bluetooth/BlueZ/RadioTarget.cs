using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>A device on an adapter, as a command names them.</summary>
internal sealed class RadioTarget(BlueZSession session, BlueZShared shared, RadioAdapter adapter, BluetoothAddress address)
{
    public BlueZSession Session => session;

    /// <summary>As it was shown when the command came.</summary>
    public RadioAdapter Adapter => adapter;

    public string AdapterName => adapter.Name;
    public string AdapterPath => ObjectPaths.OfAdapter(adapter.Name);
    public BluetoothAddress Address => address;

    /// <summary>As it was shown when the command came; null: not at all.</summary>
    public RadioDevice? Device { get; } = Find(shared.View, adapter, address);

    /// <summary>The same, for a command to a device that is known.</summary>
    public RadioDevice Known => Device ?? throw Unknown();

    /// <summary>As it is shown now.</summary>
    public RadioDevice? Now => Find(shared.View, adapter, address);

    public string Name => Device?.Name ?? address.Text;

    /// <summary>Its object, looked up at each use: BlueZ may show the device later, or again.</summary>
    public string Path => ShownPath ?? throw Unknown();

    /// <summary>Null: BlueZ does not show it now.</summary>
    public string? ShownPath => shared.View.PathOf(adapter.Address, address);

    public DeviceFacts Facts => shared.Facts.Of(adapter.Address, address);

    public bool IsLinkedAs(RadioRole role) => Now?.LinkedAs == role;

    public void RequirePower()
    {
        if (!adapter.Powered) throw NotPowered(adapter);
    }

    public static PortException NotPowered(RadioAdapter adapter) => new(PortError.NotPowered, $"The adapter {adapter.Name} is switched off.", "Switch it on.");

    private PortException Unknown() => new(PortError.UnknownDevice, $"{AdapterName} does not know {Name}.", "Search for it, then pair it.");

    private static RadioDevice? Find(BlueZView view, RadioAdapter adapter, BluetoothAddress address) =>
        view.Snapshot.Devices.FirstOrDefault(d => d.Address == address && d.Adapter == adapter.Address);
}

/// <summary>Finds what commands name in the life of bluetoothd that is now. Any thread.</summary>
internal sealed class RadioTargets(BlueZShared shared)
{
    private volatile BlueZSession? _session;

    /// <summary>Set by the service's loop; null: there is no bluetoothd, or nothing of it is shown yet.</summary>
    public BlueZSession? Session
    {
        get => _session;
        set => _session = value;
    }

    public RadioTarget Find(BluetoothAddress adapter, BluetoothAddress device)
    {
        var (session, found) = FindAdapter(adapter);
        return new RadioTarget(session, shared, found, device);
    }

    public (BlueZSession Session, RadioAdapter Adapter) FindAdapter(BluetoothAddress adapter)
    {
        var current = shared.View.Snapshot;
        if (_session is not { } session) throw new PortException(PortError.PartMissing, current.Problem ?? "The Bluetooth service is not there.", "Start it; it is being waited for.");
        var found = current.Adapters.FirstOrDefault(a => a.Address == adapter);
        return (session, found ?? throw new PortException(PortError.UnknownDevice, $"There is no Bluetooth adapter {adapter} here.", "Plug it in, or correct bluetooth.adapters."));
    }
}
