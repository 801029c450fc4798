using Gateway.Engine;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>BlueZ's objects in one life of bluetoothd, and which of its adapters are used. Owned by the session's loop.</summary>
internal sealed class SessionObjects
{
    public SessionObjects(BluetoothOptions options) => Usable = new UsableAdapters(options, Mirror);

    public BlueZMirror Mirror { get; } = new();

    public UsableAdapters Usable { get; }

    /// <summary>Whose object it is, by addresses; null: it is on an adapter that is not used (a twin, or another program's).</summary>
    public (BluetoothAddress Adapter, BluetoothAddress Address)? Named(string devicePath) =>
        Mirror.Find(devicePath, BlueZNames.Device) is { } device && DeviceAddresses.In(device) is { } address && device.Text("Adapter") is { } adapterPath
        && Usable.All().FirstOrDefault(a => a.Path == adapterPath) is { } adapter
            ? (adapter.Address, address)
            : null;
}
