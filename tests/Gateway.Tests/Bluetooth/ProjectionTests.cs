using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;
using Objects = System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, System.Collections.Generic.Dictionary<string, Tmds.DBus.Protocol.VariantValue>>>;

namespace Gateway.Tests.Bluetooth;

public sealed class ProjectionTests
{
    private const string AdapterPath = "/org/bluez/hci0";
    private static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:00");
    private const string DevicePath = AdapterPath + "/dev_00_AA_01_01_00_01";
    private static BluetoothAddress Device { get; } = BluetoothAddress.Parse("00:AA:01:01:00:01");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly BlueZMirror _mirror = new();
    private readonly BlueZShared _shared;
    private readonly Projection _projection;

    public ProjectionTests()
    {
        var options = new BluetoothOptions { Audio = BluetoothAudio.Pulse, Kernel = "/nowhere" };
        _shared = new BlueZShared(options, _time, NullLogger.Instance, store: null);
        _projection = new Projection(options, _shared, new UsableAdapters(options, _mirror));
    }

    [Fact]
    public void A_look_writes_nothing_and_what_it_finds_is_to_be_noted_once()
    {
        _mirror.Reset(Objects(playing: true));
        var facts = _shared.Facts.Of(Adapter, Device);
        (facts.HeldAt, facts.FellSilent) = (_time.Now(), true);

        var first = _projection.Make(_mirror);
        var second = _projection.Make(_mirror);

        var device = Assert.Single(first.View.Snapshot.Devices);
        Assert.Equal((RadioLink.Connected, false, false), (device.Link, device.HeldElsewhere, device.FellSilent));
        Assert.Equal(first.Observations, second.Observations);
        Assert.True(facts.HeldAt is not null && facts.FellSilent);
        facts.Apply(Assert.Single(first.Observations), _time.Now());
        Assert.True(facts.HeldAt is null && !facts.FellSilent);
        Assert.Empty(_projection.Make(_mirror).Observations);
    }

    [Fact]
    public void A_stream_that_has_ended_ends_the_suspicion_and_the_role_that_we_connected()
    {
        _mirror.Reset(Objects(playing: false));
        var facts = _shared.Facts.Of(Adapter, Device);
        (facts.Vanished, facts.FellSilent, facts.ConnectedAs) = (true, true, RadioRole.Sink);

        var (view, observations, _) = _projection.Make(_mirror);
        facts.Apply(Assert.Single(observations), _time.Now());

        Assert.True(Assert.Single(view.Snapshot.Devices).FellSilent); // until it is back
        Assert.Equal((false, true, null), (facts.Vanished, facts.FellSilent, facts.ConnectedAs));
    }

    [Fact]
    public void A_device_that_nobody_met_is_shown_without_facts_and_gets_them_by_the_loop()
    {
        _mirror.Reset(Objects(playing: false));

        var observed = Assert.Single(_projection.Make(_mirror).Observations);

        Assert.Equal((Adapter, Device, 0), (observed.Adapter, observed.Device, _shared.Facts.Count));
    }

    private static Objects Objects(bool playing)
    {
        var objects = new Objects
        {
            [AdapterPath] = new() { [BlueZNames.Adapter] = new() { ["Address"] = VariantValue.String(Adapter), ["Powered"] = VariantValue.Bool(true) } },
            [DevicePath] = new()
            {
                [BlueZNames.Device] = new()
                {
                    ["Address"] = VariantValue.String(Device), ["Adapter"] = VariantValue.ObjectPath(AdapterPath), ["Alias"] = VariantValue.String("Kitchen"),
                    ["Paired"] = VariantValue.Bool(true), ["Bonded"] = VariantValue.Bool(true), ["UUIDs"] = VariantValue.Array(new[] { BlueZNames.AudioSink }),
                },
            },
        };
        if (playing)
        {
            objects[DevicePath + "/fd0"] = new()
            {
                [BlueZNames.Transport] = new() { ["Device"] = VariantValue.ObjectPath(DevicePath), ["UUID"] = VariantValue.String(BlueZNames.AudioSource), ["Codec"] = VariantValue.Byte(0) },
            };
        }

        return objects;
    }
}
