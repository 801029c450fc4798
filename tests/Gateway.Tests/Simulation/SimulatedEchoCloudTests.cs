using Gateway.Engine;
using Gateway.Engine.Ports;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

public sealed class SimulatedEchoCloudTests
{
    [Fact]
    public async Task The_account_shows_models_firmware_of_both_schemes_and_the_group_that_must_exist()
    {
        await using var house = new DemoHouse();

        var snapshot = house.Cloud.Current;

        Assert.Equal(["A4ZXE0RM7LQ7A", "A32DDESGESSHZA", "A32DDESGESSHZA"], snapshot.Echoes.Select(e => e.DeviceType));
        Assert.Equal(["1.25.3", "1.25.3", "9698496900"], snapshot.Echoes.Select(e => e.Firmware));
        Assert.Equal("Upstairs", Assert.Single(snapshot.WifiGroups!).Name);
        Assert.Equal(3, snapshot.Echoes.Select(e => e.Serial).Distinct().Count());
    }

    [Fact]
    public async Task An_echo_that_plays_to_us_shows_on_both_sides_and_our_disconnect_clears_both()
    {
        await using var house = new DemoHouse();
        await house.LinkEchoAsync("Kitchen", Hci1);
        var address = house.Echo("Kitchen").BluetoothAddress!;
        Assert.Equal((RadioLink.Connected, true), (house.Device(Hci1, address)!.Link, house.Device(Hci1, address)!.IsSource));
        Assert.Equal(new EchoPeer(Hci1, "Tutti hci1", LinkRole.PlaysTo), house.Echo("Kitchen").Link.Value);
        Assert.Equal(AudioOutput.Bluetooth, house.Echo("Kitchen").AudioOutput);

        await house.EndAsync(house.Bluetooth.DisconnectAsync(Hci1, address, CancellationToken.None));

        Assert.Equal(RadioLink.Disconnected, house.Device(Hci1, address)!.Link);
        Assert.Null(house.Echo("Kitchen").Link.Value);
        Assert.Equal(AudioOutput.Speaker, house.Echo("Kitchen").AudioOutput);
    }

    [Fact]
    public async Task L2_a_second_link_drops_the_first_at_once_and_without_an_error()
    {
        await using var house = new DemoHouse();
        await house.LinkEchoAsync("Kitchen", Hci1);
        var command = house.Cloud.ConnectAsync(house.Echo("Kitchen").Serial, Hci0, CancellationToken.None);
        Assert.Equal(RadioLink.Disconnected, house.Device(Hci1, house.Echo("Kitchen").BluetoothAddress!)!.Link);

        await house.EndAsync(command);

        Assert.Equal(Hci0, house.Echo("Kitchen").Link.Value!.Address);
    }

    [Fact]
    public async Task L7_an_echo_receives_from_us_over_its_one_link()
    {
        await using var house = new DemoHouse();
        var left = house.Echo("Left");

        await house.EndAsync(house.Bluetooth.ConnectAsync(Hci0, left.BluetoothAddress!, RadioRole.Sink, CancellationToken.None));

        Assert.Equal(new EchoPeer(Hci0, "Tutti hci0", LinkRole.ReceivesFrom), house.Echo("Left").Link.Value);
        Assert.False(house.Device(Hci0, left.BluetoothAddress!)!.IsSource);
        Assert.Contains(house.House.Truth(), t => t.Speaker == "left");
    }

    [Fact]
    public async Task L3_paired_is_not_connected_and_a_stranger_needs_pairing_mode()
    {
        await using var house = new DemoHouse();
        Assert.DoesNotContain(house.Echo("Right").Paired, p => p.Address == Hci0);
        var refused = await Assert.ThrowsAsync<PortException>(() => house.Cloud.ConnectAsync(house.Echo("Right").Serial, Hci0, CancellationToken.None));

        await house.EndAsync(house.Bluetooth.SetPairingModeAsync(Hci0, true, CancellationToken.None));
        await house.LinkEchoAsync("Right", Hci0);

        Assert.Equal(PortError.NotPaired, refused.Error);
        Assert.Contains(house.Echo("Right").Paired, p => p.Address == Hci0 && p.Role == LinkRole.PlaysTo);
        Assert.True(house.Device(Hci0, house.Echo("Right").BluetoothAddress!)!.Paired);
    }

    [Fact]
    public async Task L5_playing_in_a_group_drops_links_and_a_link_ends_the_playing()
    {
        await using var house = new DemoHouse();
        await house.EndAsync(house.Bluetooth.ConnectAsync(Hci0, house.Echo("Left").BluetoothAddress!, RadioRole.Sink, CancellationToken.None));

        house.Control("""{"echo":"right","do":"link","value":"Upstairs"}""");
        var group = house.Cloud.Current.WifiGroups![0].Id;
        Assert.Equal((group, null), (house.Echo("Left").WifiGroup.Value, house.Echo("Left").Link.Value));
        await house.EndAsync(house.Bluetooth.ConnectAsync(Hci0, house.Echo("Left").BluetoothAddress!, RadioRole.Sink, CancellationToken.None));

        Assert.Null(house.Echo("Left").WifiGroup.Value);
        Assert.Equal(group, house.Echo("Right").WifiGroup.Value);
    }

    [Fact]
    public async Task T2_only_a_socket_that_plays_out_can_be_selected_and_a_link_silences_it()
    {
        await using var house = new DemoHouse();
        await house.EndAsync(house.Cloud.SetAudioOutputAsync(house.Echo("Left").Serial, AudioOutput.LineOut, CancellationToken.None));
        Assert.Equal(AudioOutput.LineOut, house.Echo("Left").AudioOutput);

        var refused = await Assert.ThrowsAsync<PortException>(() => house.Cloud.SetAudioOutputAsync(house.Echo("Kitchen").Serial, AudioOutput.LineOut, CancellationToken.None));
        house.Control("""{"echo":"left","do":"link","value":"flip_b"}""");

        Assert.Contains("has no such", refused.Message, StringComparison.Ordinal);
        Assert.Equal(AudioOutput.Bluetooth, house.Echo("Left").AudioOutput);
    }

    [Fact]
    public async Task Groups_are_created_with_an_id_and_deleted_by_it()
    {
        await using var house = new DemoHouse();
        var create = house.Cloud.CreateWifiGroupAsync("Everywhere", [.. house.Cloud.Current.Echoes.Select(e => e.Serial)], CancellationToken.None);
        await house.EndAsync(create);
        var id = await create;
        Assert.Equal(3, house.Cloud.Current.WifiGroups!.Single(g => g.Id == id).Members.Count);

        await house.EndAsync(house.Cloud.DeleteWifiGroupAsync(id, CancellationToken.None));

        Assert.DoesNotContain(house.Cloud.Current.WifiGroups!, g => g.Id == id);
    }

    [Fact]
    public async Task An_echo_connects_to_a_speaker_only_while_nobody_holds_it()
    {
        await using var house = new DemoHouse();
        await house.ConnectAsync(Hci0, "flip_a");

        var refused = await house.RefusedAsync(house.Cloud.ConnectAsync(house.Echo("Kitchen").Serial, BluetoothAddress.Parse(house.Speaker("flip_a")), CancellationToken.None));
        await house.EndAsync(house.Bluetooth.DisconnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), CancellationToken.None));
        await house.LinkEchoAsync("Kitchen", house.Speaker("flip_a"));

        Assert.Equal(PortError.HeldElsewhere, refused.Error);
        Assert.Equal(house.Speaker("flip_a"), house.Echo("Kitchen").Link.Value!.Address);
    }
}
