using System.Text;
using Gateway.Bluetooth;
using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Tmds.DBus.Protocol;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>
/// What bluetoothd, or a program in its place, says of its objects: events with properties of any type, through the mirror to what is shown. The wire's own
/// form is Tmds's to read and is not part of it.
/// </summary>
internal static class BusSurface
{
    private static readonly string[] s_names =
    [
        "Address", "Adapter", "Name", "Alias", "Paired", "Bonded", "Connected", "Trusted", "ServicesResolved", "UUIDs", "Class", "Modalias", "RSSI", "Powered", "Discoverable", "Discovering", "Pairable",
        "Device", "UUID", "State", "Volume", "Delay", "Codec", "Configuration", "Percentage", "Odd",
    ];

    private static readonly string[] s_texts =
    [
        "00:AA:01:00:00:00", "00:AA:01:00:00:01", "11:22:33:44:55:66", "/org/bluez/hci0", "/org/bluez/hci1", "/org/bluez/hci0/dev_11_22_33_44_55_66", "/org/bluez/hci0/dev_11_22_33_44_55_66/fd0", "",
        "0000110a-0000-1000-8000-00805f9b34fb", "0000110b-0000-1000-8000-00805f9b34fb", "0000184e-0000-1000-8000-00805f9b34fb", "idle", "pending", "active", "usb:v1D6Bp0246d0542", "bluetooth:v0171p0000d0000",
        "Echo Dot-4GF", "JBL Flip 6", "\uD83D\uDE00\u202E\0", "aa-bb-cc-dd-ee-ff",
    ];

    private static readonly string[] s_paths = ["/org/bluez/hci0", "/org/bluez/hci1", "/org/bluez/hci0/dev_11_22_33_44_55_66", "/org/bluez/hci1/dev_11_22_33_44_55_66", "/org/bluez/hci0/dev_11_22_33_44_55_66/fd0", "/", "/x"];
    private static readonly string[] s_interfaces = [BlueZNames.Adapter, BlueZNames.Device, BlueZNames.Transport, BlueZNames.Battery, "org.example.Odd"];

    public static Surface Open() => new("bus", [Adapter(0, 0, 0), [.. Adapter(0, 0, 0), .. Device(2)], [.. Adapter(0, 0, 0), .. Device(2), .. Transport(4)], [.. Adapter(0, 0, 0), .. Adapter(1, 0, 0), .. Device(3)]],
        [Adapter(1, 0, 1), Device(2), Device(3), Transport(4), Property("RSSI", 4, 200, 200), Property("UUIDs", 9, 2, 8, 9), Property("Percentage", 1, 255)], 2048, bytes =>
        {
            var options = new BluetoothOptions { Kernel = "/nowhere" };
            var mirror = new BlueZMirror();
            var shared = new BlueZShared(options, TimeProvider.System, NullLogger.Instance, null);
            var projection = new Projection(options, shared, new UsableAdapters(options, mirror));
            var input = new Input(bytes);
            for (var events = 0; events < 16 && !input.IsEmpty; events++)
            {
                var (kind, path) = (input.Next(), input.Of(s_paths));
                switch (kind % 4)
                {
                    case 0 or 1:
                        var interfaces = new Dictionary<string, Dictionary<string, VariantValue>> { [input.Of(s_interfaces)] = Properties(input) };
                        foreach (var values in interfaces.Values) ReadAll(values);
                        mirror.Apply(new ObjectAdded(path, interfaces));
                        break;
                    case 2:
                        mirror.Apply(new PropertiesChanged(path, input.Of(s_interfaces), Properties(input), [input.Of(s_names)]));
                        break;
                    default:
                        mirror.Apply(new ObjectRemoved(path, [input.Of(s_interfaces)]));
                        break;
                }

                var (shown, looks, _) = projection.Make(mirror);
                foreach (var look in looks) shared.Facts.Of(look.Adapter, look.Device).Take(look, TimeSpan.Zero);
                Surface.Must(shown.SameAs(projection.Make(mirror).Shown), "the same objects are shown the same way, and what is noted of them changes nothing");
                Surface.Must(shown.Snapshot.Devices.All(d => d.Name.Length > 0 && d.VolumePercent is null or >= 0 and <= 100 && d.BatteryPercent is null or >= 0 and <= 100), "what is shown of a device lies within its range");
            }
        });

    private static Dictionary<string, VariantValue> Properties(Input input)
    {
        var values = new Dictionary<string, VariantValue>();
        for (var count = input.Next() % 12; count > 0; count--) values[input.Of(s_names)] = Value(input, 0);
        return values;
    }

    private static VariantValue Value(Input input, int depth) => (input.Next() % 14) switch
    {
        0 => input.Of(s_texts),
        1 => input.Next(),
        2 => input.Next() % 2 == 1,
        3 => (ushort)input.Wide(),
        4 => (short)input.Wide(),
        5 => (uint)input.Wide(),
        6 => (int)input.Wide(),
        7 => input.Wide(),
        8 => new ObjectPath(input.Of(s_paths)),
        9 => VariantValue.Array(Enumerable.Range(0, input.Next() % 6).Select(_ => input.Of(s_texts)).ToArray()),
        10 => VariantValue.Array(Enumerable.Range(0, input.Next() % 6).Select(_ => input.Next()).ToArray()),
        11 => BitConverter.Int64BitsToDouble(input.Wide()),
        12 when depth < 3 => VariantValue.Variant(Value(input, depth + 1)),
        _ => VariantValue.Struct(input.Of(s_texts), input.Next()),
    };

    /// <summary>Every property as every kind, as a caller may ask for any.</summary>
    private static void ReadAll(Dictionary<string, VariantValue> values)
    {
        foreach (var name in values.Keys)
        {
            _ = values.Text(name);
            _ = values.Flag(name);
            _ = values.Number(name);
            _ = values.Texts(name);
            _ = SbcConfiguration.Parse(values.Bytes(name), out _);
            _ = KnownFaults.VersionOf(values.Text(name));
        }
    }

    private static byte[] Adapter(byte path, byte address, byte name) => [0, path, 0, 4, .. Property("Address", 0, address), .. Property("Powered", 2, 1), .. Property("Name", 0, name), .. Property("UUIDs", 9, 2, 8, 10)];

    private static byte[] Device(byte path) =>
        [0, path, 1, 7, .. Property("Address", 0, 2), .. Property("Adapter", 8, (byte)(path - 2)), .. Property("Paired", 2, 1), .. Property("Bonded", 2, 1), .. Property("UUIDs", 9, 2, 8, 9), .. Property("Name", 0, 17), .. Property("Class", 5, 1, 2, 3, 4, 5, 6, 7, 8)];

    private static byte[] Transport(byte path) => [0, path, 2, 4, .. Property("Device", 8, 2), .. Property("State", 0, 13), .. Property("Volume", 3, 64, 0, 0, 0, 0, 0, 0, 0), .. Property("UUID", 0, 9)];

    private static byte[] Property(string name, byte type, params byte[] value) => [(byte)Array.IndexOf(s_names, name), type, .. value];

    /// <summary>Bytes as choices; after the last there are only zeros.</summary>
    private sealed class Input(byte[] bytes)
    {
        private int _at;

        public bool IsEmpty => _at >= bytes.Length;

        public byte Next() => IsEmpty ? (byte)0 : bytes[_at++];

        public long Wide()
        {
            var value = 0L;
            for (var i = 0; i < 8; i++) value |= (long)Next() << (8 * i);
            return value;
        }

        /// <summary>One of these; from 200 on, a text of the bytes that follow.</summary>
        public string Of(string[] known)
        {
            var choice = Next();
            if (choice < 200 || known != s_texts) return known[choice % known.Length];
            var length = Math.Min(choice - 200, bytes.Length - _at);
            _at += length;
            return Encoding.UTF8.GetString(bytes, _at - length, length);
        }
    }
}
