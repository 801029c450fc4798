using Gateway.Engine;
using Gateway.Engine.Ports;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

public sealed class SimulatedBluetoothTests
{
    [Fact]
    public async Task A_connect_takes_its_time_and_ends_connected_with_codec_volume_and_battery()
    {
        await using var house = new DemoHouse();
        var address = house.Speaker("flip_a");
        var command = house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(address), RadioRole.Sink, CancellationToken.None);
        Assert.Equal(RadioLink.Connecting, house.Device(Hci0, address)!.Link);

        var took = await house.EndAsync(command);

        Assert.InRange(took.TotalSeconds, 0.8, 2.52);
        var device = house.Device(Hci0, address)!;
        Assert.Equal((RadioLink.Connected, "sbc"), (device.Link, device.Codec));
        Assert.InRange(device.VolumePercent!.Value, 1, 100);
        Assert.InRange(device.BatteryPercent!.Value, 1, 100);
    }

    [Fact]
    public async Task The_party_finds_room_on_its_two_adapters_but_a_fourth_stream_on_one_does_not()
    {
        await using var house = new DemoHouse();
        foreach (var id in (string[])["flip_a", "emberton", "flex"]) await house.ConnectAsync(Hci0, id);

        var refused = await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_b")), RadioRole.Sink, CancellationToken.None));
        await house.ConnectAsync(Hci1, "flip_b");
        await house.LinkEchoAsync("Kitchen", Hci1);

        Assert.Equal(PortError.NoCapacity, refused.Error);
        Assert.Contains("already carries 3 streams", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, house.Bluetooth.Current.Devices.Count(d => d.Link == RadioLink.Connected));
    }

    [Fact]
    public async Task Pairing_keys_belong_to_one_adapter()
    {
        await using var house = new DemoHouse();
        Assert.Null(house.Device(Hci1, house.Speaker("flip_a")));

        var refused = await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci1, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None));
        await house.EndAsync(house.Bluetooth.PairAsync(Hci1, BluetoothAddress.Parse(house.Speaker("flip_a")), CancellationToken.None));
        await house.ConnectAsync(Hci1, "flip_a");

        Assert.Equal(PortError.NotPaired, refused.Error);
        Assert.Equal(RadioLink.Connected, house.Device(Hci1, house.Speaker("flip_a"))!.Link);
    }

    [Fact]
    public async Task A_speaker_that_is_off_is_called_until_the_page_time_out_and_works_once_it_is_on()
    {
        await using var house = new DemoHouse(off: ["flip_a"]);
        var command = house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None);
        house.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(command.IsCompleted);
        Assert.Equal(PortError.NotReachable, (await house.RefusedAsync(command)).Error);

        house.Control("""{"speaker":"flip_a","do":"on"}""");
        await house.ConnectAsync(Hci0, "flip_a");

        Assert.Equal(RadioLink.Connected, house.Device(Hci0, house.Speaker("flip_a"))!.Link);
    }

    [Fact]
    public async Task A_cancelled_connect_leaves_nothing_behind()
    {
        await using var house = new DemoHouse();
        using var cancel = new CancellationTokenSource();
        var command = house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command);
        house.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(RadioLink.Disconnected, house.Device(Hci0, house.Speaker("flip_a"))!.Link);
    }

    [Fact]
    public async Task Each_reconnect_draws_another_hidden_latency_and_keeps_the_clock()
    {
        await using var house = new DemoHouse();
        await house.ConnectAsync(Hci0, "flip_a");
        var first = house.Truth("flip_a");
        await house.EndAsync(house.Bluetooth.DisconnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), CancellationToken.None));

        await house.ConnectAsync(Hci0, "flip_a");

        var second = house.Truth("flip_a");
        Assert.NotEqual(first.LatencyMs, second.LatencyMs);
        Assert.All([first, second], t => Assert.InRange(t.LatencyMs, 120, 280));
        Assert.Equal(first.ClockPpm, second.ClockPpm);
        Assert.InRange(first.ClockPpm, -100, 100);
    }

    [Fact]
    public async Task S1_powers_off_after_ten_idle_minutes_and_the_link_is_gone()
    {
        await using var house = new DemoHouse();
        await house.ConnectAsync(Hci0, "flip_a");

        house.Time.Advance(TimeSpan.FromSeconds(595));
        Assert.Equal(RadioLink.Connected, house.Device(Hci0, house.Speaker("flip_a"))!.Link);
        house.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(RadioLink.Disconnected, house.Device(Hci0, house.Speaker("flip_a"))!.Link);
        Assert.Equal(PortError.NotReachable, (await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None))).Error);
    }

    [Fact]
    public async Task S2_rejects_pairing_because_it_is_app_only()
    {
        await using var house = new DemoHouse();
        await house.EndAsync(house.Bluetooth.SetDiscoveringAsync(Hci0, true, CancellationToken.None));
        house.Time.Advance(TimeSpan.FromSeconds(6));

        var refused = await house.RefusedAsync(house.Bluetooth.PairAsync(Hci0, BluetoothAddress.Parse(house.Speaker("roam")), CancellationToken.None));

        Assert.Equal(PortError.PairingRejected, refused.Error);
        Assert.Contains("maker's app", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S3_locks_itself_down_for_five_minutes_after_three_rapid_refusals()
    {
        await using var house = new DemoHouse();
        var flex = house.Speaker("flex");
        house.Control("""{"speaker":"flex","do":"link","value":"phone"}""");
        for (var i = 0; i < 3; i++)
            Assert.Equal(PortError.HeldElsewhere, (await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(flex), RadioRole.Sink, CancellationToken.None))).Error);
        house.Control("""{"speaker":"flex","do":"link","value":"none"}""");

        var locked = await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(flex), RadioRole.Sink, CancellationToken.None));
        house.Time.Advance(TimeSpan.FromMinutes(5));
        await house.ConnectAsync(Hci0, "flex");

        Assert.Equal(PortError.PairingRejected, locked.Error);
        Assert.Contains("locked itself down", locked.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S3_bears_attempts_that_are_widely_spaced()
    {
        await using var house = new DemoHouse();
        house.Control("""{"speaker":"flex","do":"link","value":"phone"}""");
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(PortError.HeldElsewhere, (await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flex")), RadioRole.Sink, CancellationToken.None))).Error);
            house.Time.Advance(TimeSpan.FromSeconds(61));
        }
    }

    [Fact]
    public async Task S5_sometimes_breaks_the_first_handshake_and_never_the_next()
    {
        await using var house = new DemoHouse();
        var wonderboom = house.Speaker("wonderboom");
        var failures = 0;
        for (var i = 0; i < 20; i++)
        {
            var first = await Record.ExceptionAsync(() => house.EndAsync(house.Bluetooth.ConnectAsync(Hci1, BluetoothAddress.Parse(wonderboom), RadioRole.Sink, CancellationToken.None)));
            if (first is not null)
            {
                failures++;
                Assert.Contains("broke off the handshake", first.Message, StringComparison.Ordinal);
                await house.EndAsync(house.Bluetooth.ConnectAsync(Hci1, BluetoothAddress.Parse(wonderboom), RadioRole.Sink, CancellationToken.None));
            }

            await house.EndAsync(house.Bluetooth.DisconnectAsync(Hci1, BluetoothAddress.Parse(wonderboom), CancellationToken.None));
        }

        Assert.InRange(failures, 3, 17);
    }

    [Fact]
    public async Task A_speaker_that_somebody_takes_is_lost_silently_and_then_shows_as_held_until_it_is_ours_again()
    {
        await using var house = new DemoHouse();
        await house.ConnectAsync(Hci0, "flip_a");
        var flip = house.Speaker("flip_a");

        house.Control("""{"speaker":"flip_a","do":"link","value":"phone"}""");
        Assert.Equal((RadioLink.Disconnected, false), (house.Device(Hci0, flip)!.Link, house.Device(Hci0, flip)!.HeldElsewhere));
        var refused = await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(flip), RadioRole.Sink, CancellationToken.None));
        Assert.True(house.Device(Hci0, flip)!.HeldElsewhere);
        house.Control("""{"speaker":"flip_a","do":"link","value":"none"}""");
        await house.ConnectAsync(Hci0, "flip_a");

        Assert.Equal(PortError.HeldElsewhere, refused.Error);
        Assert.False(house.Device(Hci0, flip)!.HeldElsewhere);
    }

    [Fact]
    public async Task Discovery_finds_powered_speakers_with_a_signal_and_forgets_the_unpaired_ones_later()
    {
        await using var house = new DemoHouse(off: ["emberton"]);
        await house.EndAsync(house.Bluetooth.SetDiscoveringAsync(Hci1, true, CancellationToken.None));
        house.Time.Advance(TimeSpan.FromSeconds(6));

        var flip = house.Device(Hci1, house.Speaker("flip_a"))!;
        Assert.False(flip.Paired);
        Assert.True(flip.IsSpeaker);
        Assert.InRange(flip.RssiDbm!.Value, -90, -40);
        Assert.Null(house.Device(Hci1, house.Speaker("emberton")));

        await house.EndAsync(house.Bluetooth.SetDiscoveringAsync(Hci1, false, CancellationToken.None));
        Assert.Null(house.Device(Hci1, flip.Address)!.RssiDbm);
        house.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(house.Device(Hci1, flip.Address));
    }

    [Fact]
    public async Task Switching_an_adapter_off_drops_its_links_and_refuses_commands()
    {
        await using var house = new DemoHouse();
        await house.ConnectAsync(Hci0, "flip_a");

        await house.EndAsync(house.Bluetooth.SetPoweredAsync(Hci0, false, CancellationToken.None));

        Assert.False(house.Bluetooth.Current.Adapters[0].Powered);
        Assert.Equal(RadioLink.Disconnected, house.Device(Hci0, house.Speaker("flip_a"))!.Link);
        Assert.Equal(PortError.NotPowered, (await house.RefusedAsync(house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None))).Error);
    }

    [Fact]
    public async Task Unknown_addresses_are_named_in_the_refusal()
    {
        await using var house = new DemoHouse();

        var refused = await Assert.ThrowsAsync<PortException>(() => house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse("11:22:33:44:55:66"), RadioRole.Sink, CancellationToken.None));

        Assert.Equal(PortError.UnknownDevice, refused.Error);
        Assert.Contains("11:22:33:44:55:66", refused.Message, StringComparison.Ordinal);
    }
}
