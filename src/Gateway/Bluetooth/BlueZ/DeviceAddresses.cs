using System.Collections.Concurrent;
using Gateway.Engine;
using Values = System.Collections.Generic.IReadOnlyDictionary<string, Tmds.DBus.Protocol.VariantValue>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>The addresses of all devices of BlueZ by their paths. Noted on the connection's read loop, so that who asks next has an address; asked by any thread.</summary>
internal sealed class DeviceAddresses
{
    private readonly ConcurrentDictionary<string, BluetoothAddress> _addresses = new(StringComparer.Ordinal);

    /// <summary>An object's own address (an adapter's or a device's); null: it tells none that is valid.</summary>
    public static BluetoothAddress? In(Values values) => BluetoothAddress.Read(values.Text("Address"));

    /// <summary>Null: BlueZ has not shown the device.</summary>
    public BluetoothAddress? Of(string devicePath) => _addresses.GetValueOrDefault(devicePath);

    public void Note(BusEvent? happened)
    {
        switch (happened)
        {
            case ObjectsRead read:
                foreach (var (path, interfaces) in read.Objects) NoteIn(path, interfaces);
                break;
            case ObjectAdded added:
                NoteIn(added.Path, added.Interfaces);
                break;
            case PropertiesChanged { Interface: BlueZNames.Device } changed:
                Note(changed.Path, changed.Changed);
                break;
            case ObjectRemoved removed when removed.Interfaces.Contains(BlueZNames.Device):
                _addresses.TryRemove(removed.Path, out _);
                break;
        }
    }

    private void NoteIn<T>(string path, IReadOnlyDictionary<string, T> interfaces) where T : Values
    {
        if (interfaces.TryGetValue(BlueZNames.Device, out var device)) Note(path, device);
    }

    private void Note(string path, Values values)
    {
        if (In(values) is { } address) _addresses[path] = address;
    }
}
