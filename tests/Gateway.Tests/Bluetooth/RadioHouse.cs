using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.Tests.Bluetooth;

/// <summary>One adapter and one speaker as they are shown, with a session that nobody answers: for the parts that command them.</summary>
internal sealed class RadioHouse : IDisposable
{
    public const string AdapterPath = "/org/bluez/hci0";
    public const string DevicePath = AdapterPath + "/dev_00_AA_01_01_00_01";

    private readonly BlueZSession _session;

    public RadioHouse(BluetoothOptions? options = null)
    {
        Options = options ?? new BluetoothOptions { Audio = BluetoothAudio.Own };
        Shared = new BlueZShared(Options, Time, NullLogger.Instance, store: null);
        Targets = new RadioTargets(Shared);
        _session = new BlueZSession(new BlueZBus(new DBusConnection("unix:path=/nowhere"), Time), ":1.1", Options, Shared, NullLogger.Instance);
    }

    public static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:00");
    public static BluetoothAddress Device { get; } = BluetoothAddress.Parse("00:AA:01:01:00:01");

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    public BluetoothOptions Options { get; }
    public BlueZShared Shared { get; }
    public RadioTargets Targets { get; }

    public static RadioAdapter Radio { get; } = new(Adapter, "hci0", Powered: true, Discovering: false, Discoverable: false, LeAudio: false);

    public static RadioDevice Speaker { get; } = new() { Address = Device, Adapter = Adapter, Name = "Kitchen", Paired = true, Kind = RadioKind.Speaker, OffersSink = true };

    /// <summary>Shows it, and lets commands find it.</summary>
    public RadioHouse Show(RadioDevice? device, RadioAdapter? adapter = null)
    {
        Targets.Session = _session;
        var objects = new Dictionary<string, RadioDevice>();
        if (device is not null) objects[DevicePath] = device;
        Shared.Views.Publish(new BlueZView(new BluetoothSnapshot([adapter ?? Radio], [.. objects.Values], null), new Dictionary<string, TransportView>(), objects, []));
        return this;
    }

    public void Dispose() => _session.Dispose();
}
