using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>A bluetoothd that answers one call only after a long time, or never: the radios are shown and obey all the same.</summary>
public sealed class BlueZStallTests
{
    private const string OtherPath = "/org/bluez/hci1";
    private static BluetoothAddress Other { get; } = BluetoothAddress.Parse("00:AA:01:00:00:99");
    private const string BathPath = OtherPath + "/dev_00_AA_01_01_00_09";
    private static BluetoothAddress Bath { get; } = BluetoothAddress.Parse("00:AA:01:01:00:09");

    // Its limits for calls never end: whatever waits for one waits for ever.
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task An_adapter_whose_closing_stalls_leaves_the_others_picture_and_commands_alive()
    {
        await using var house = await BlueZHarness.StartAsync(time: _time, prepare: PutOther);
        var held = house.BlueZ.Hold("Set", FakeBlueZ.AdapterPath);

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Pairable", VariantValue.Bool(true));
        await Eventually.TrueAsync("the adapter to be closed", () => !held.IsEmpty);

        await OthersLiveAsync(house);
    }

    [Fact]
    public async Task An_adapter_on_which_registering_endpoints_stalls_leaves_the_others_picture_and_commands_alive()
    {
        const string Later = "/org/bluez/hci2";
        await using var house = await BlueZHarness.StartAsync(time: _time, prepare: PutOther);
        var held = house.BlueZ.Hold("RegisterEndpoint", Later);

        house.BlueZ.Add(Later, "org.bluez.Adapter1", FakeBlueZ.Radio("00:AA:01:00:00:88"));
        house.BlueZ.Add(Later, "org.bluez.Media1", []);
        await Eventually.TrueAsync("an endpoint to be registered", () => !held.IsEmpty);

        await OthersLiveAsync(house);
    }

    [Fact]
    public async Task A_default_agent_that_is_not_given_back_leaves_all_pictures_and_commands_alive()
    {
        await using var house = await BlueZHarness.StartAsync(time: _time, prepare: PutOther);
        var held = house.BlueZ.Hold("UnregisterAgent");
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable", VariantValue.Bool(false)); // BlueZ ends it by its own clock
        await Eventually.TrueAsync("the agent to be given back", () => !held.IsEmpty);

        await OthersLiveAsync(house);
    }

    [Theory]
    [InlineData("RegisterAgent")]
    [InlineData("RegisterEndpoint")]
    public async Task A_call_that_stalls_at_the_start_keeps_nobody_from_being_shown(string member)
    {
        var held = new ConcurrentQueue<MethodContext>();
        var start = BlueZHarness.StartAsync(time: _time, prepare: b => held = b.Hold(member));
        await Eventually.TrueAsync("the call", () => !held.IsEmpty);

        var waited = TimeSpan.Zero;
        await Eventually.TrueAsync("the speaker to be shown within 5 s of bluetoothd's time", () =>
        {
            if (waited < TimeSpan.FromSeconds(5)) _time.Advance(TimeSpan.FromSeconds(0.1));
            waited += TimeSpan.FromSeconds(0.1);
            return start.IsCompleted;
        });

        await using var house = await start;
    }

    private static void PutOther(FakeBlueZ bluez)
    {
        bluez.Put(OtherPath, "org.bluez.Adapter1", FakeBlueZ.Radio(Other));
        bluez.Put(OtherPath, "org.bluez.Media1", []);
        bluez.Put(BathPath, "org.bluez.Device1", FakeBlueZ.Speaker(adapter: OtherPath, address: Bath, alias: "Bath"));
    }

    private static async Task OthersLiveAsync(BlueZHarness house)
    {
        house.BlueZ.Change(BathPath, "org.bluez.Device1", "Alias", VariantValue.String("Bedroom"));
        await house.UntilAsync("its new name is shown", s => s.Devices.Any(d => d.Name == "Bedroom"));
        house.BlueZ.Fail("ConnectProfile", "org.bluez.Error.Failed", "br-connection-refused");
        var error = await Assert.ThrowsAsync<PortException>(() => house.Service.ConnectAsync(Other, Bath, RadioRole.Sink, CancellationToken.None).WaitAsync(Patience.Hang));
        Assert.Equal(PortError.HeldElsewhere, error.Error);
        await house.Service.SetPoweredAsync(Other, false, CancellationToken.None).WaitAsync(Patience.Hang);
    }
}
