using System.Text.Json;
using Gateway.Cli;
using Gateway.Cli.Devices;
using Gateway.IntegrationTests.Bluetooth;
using Gateway.IntegrationTests.Mqtt;

namespace Gateway.IntegrationTests.Cli;

/// <summary><c>tutti devices</c> against the whole gateway.</summary>
public sealed class DevicesCommandTests
{
    [Fact]
    public async Task The_table_has_every_device_and_its_state_and_no_search_is_made()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);

        var ran = await house.DevicesAsync();

        Assert.True(ran is { Exit: ExitCodes.Fine, Error: "" }, $"{ran}");
        var lines = ran.Output.Split('\n');
        Assert.StartsWith("Gateway gw, Tutti ", lines[0], StringComparison.Ordinal);
        Assert.Contains("adapter  00aa01000000  hci0     on, 0 of 3 streams      00:AA:01:00:00:00", lines);
        Assert.Contains("speaker  kitchen       Kitchen  paired on hci0          00:AA:01:01:00:01", lines);
        Assert.Contains("echo     dot           Dot      declared, link unknown  -", lines);
        Assert.DoesNotContain("StartDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task The_table_says_names_and_stays_straight_in_any_alphabet()
    {
        await using var house = await PairingHouse.StartAsync(paired: true, yaml: $$"""
            gateway: { id: gw }
            bluetooth: { audio: own }
            echoes: [{ id: office, name: Office, address: 10:28:74:00:00:0A }]
            speakers: [{ id: kitchen, name: Kitchen, address: "{{FakeBlueZ.Device}}" }, { id: hall, name: 客厅 }]
            transmitters: [{ id: box, name: Box, slots: 2, fed_by: office, output: line_out, speakers: [hall] }]
            """);

        var ran = await house.DevicesAsync();

        Assert.Matches("(?m)^echo         office        Office   .+  10:28:74:00:00:0A$", ran.Output);
        Assert.Matches(@"(?m)^speaker      hall          客厅     \S", ran.Output); // two columns a letter
        Assert.Contains("Box      fed by Office, 客厅", ran.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_whose_states_come_late_is_waited_for()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await Listener.StartAsync(broker.Port);
        await gateway.SendAsync("tutti/gateway/slow/availability", "online", retain: true);

        var running = PairingHouse.RunAsync(terminal => DevicesCommand.RunAsync(new DevicesCommand.Request(false, 60, null, false, $"mqtt://127.0.0.1:{broker.Port}"), terminal, CancellationToken.None));
        await Task.Delay(TimeSpan.FromSeconds(1)); // quiet for longer than what counts as all having come
        await gateway.SendAsync("tutti/gateway/slow/state", """{"version":"1.2.3"}""", retain: true);

        Assert.StartsWith("Gateway slow, Tutti 1.2.3", (await running).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scan_marks_what_is_new_and_leaves_no_search_behind()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);
        house.AppearsInSearch("Flip 6");

        var ran = await house.UntilFoundAsync(stop => house.DevicesAsync(scan: true, cancellationToken: stop));

        Assert.Equal(ExitCodes.Fine, ran.Exit);
        Assert.Contains("speaker  00aa01010009  Flip 6   new, not paired, in range -61 dBm  00:AA:01:01:00:09\n", ran.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Kitchen  new", ran.Output, StringComparison.Ordinal);
        Assert.False(house.BlueZ.Value(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discovering")!.Value.GetBool());
    }

    [Fact]
    public async Task JSON_is_alone_on_stdout_and_holds_the_documents_and_what_is_new()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);
        house.AppearsInSearch("Flip 6");

        var ran = await house.UntilFoundAsync(stop => house.DevicesAsync(json: true, scan: true, cancellationToken: stop));

        var root = JsonDocument.Parse(ran.Output).RootElement;
        Assert.Equal("gw", root.GetProperty("gateway").GetProperty("id").GetString());
        Assert.Equal(["00aa01010009", "kitchen"], root.GetProperty("speakers").EnumerateArray().Select(s => s.GetProperty("id").GetString()!));
        Assert.True(root.GetProperty("speakers")[1].GetProperty("paired").GetBoolean());
        Assert.Equal("hci0", Assert.Single(root.GetProperty("adapters").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("dot", Assert.Single(root.GetProperty("echoes").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(["00aa01010009"], root.GetProperty("new").EnumerateArray().Select(i => i.GetString()!));
    }

    [Fact]
    public async Task What_somebody_else_published_cannot_steer_the_terminal_nor_become_a_command()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);
        await house.Ear.SendAsync("tutti/speaker/evil/state", "{\"name\":\"\\u001b]0;x\\u0007\\u009bBell\",\"paired\":7,\"battery\":\"low\",\"rssi_dbm\":null,\"last_error\":[]}", retain: true);
        await house.Ear.SendAsync("tutti/speaker/$(reboot)/state", "{\"name\":\"Trap\",\"paired\":false}", retain: true);
        await house.Ear.SendAsync("tutti/speaker/broken/state", "{\"name\":\"\\ud800\"", retain: true);

        var text = await house.DevicesAsync();
        var json = await house.DevicesAsync(json: true);

        Assert.True(text.Exit == ExitCodes.Fine, $"{text}");
        Assert.Contains("?]0;x??Bell", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Output.Replace("\n", "", StringComparison.Ordinal) + json.Output.TrimEnd(), char.IsControl);
        Assert.DoesNotContain("reboot", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_that_does_not_begin_ends_with_3_and_says_why()
    {
        await using var house = await PairingHouse.StartAsync(paired: true);
        house.BlueZ.Fail("StartDiscovery", "org.bluez.Error.Failed", "no radio today");

        var ran = await house.DevicesAsync(scan: true);

        Assert.Equal((ExitCodes.Infeasible, ""), (ran.Exit, ran.Output));
        Assert.StartsWith("The search did not begin (failed): ", ran.Error, StringComparison.Ordinal);
        Assert.Contains("no radio today", ran.Error, StringComparison.Ordinal);
    }
}
