using System.Collections.Concurrent;
using System.Text;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

public sealed class SimulatedHouseTests
{
    [Fact]
    public async Task The_same_seed_tells_the_same_story_and_another_seed_another()
    {
        var first = await TranscriptAsync(7);
        var second = await TranscriptAsync(7);
        var other = await TranscriptAsync(8);

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task What_is_drawn_for_one_speaker_does_not_depend_on_what_others_did_before()
    {
        await using var quiet = new DemoHouse();
        await using var busy = new DemoHouse();
        foreach (var id in (string[])["emberton", "flex"]) await busy.ConnectAsync(Hci0, id);

        await quiet.ConnectAsync(Hci0, "flip_a");
        await busy.ConnectAsync(Hci0, "flip_a");

        Assert.Equal(quiet.Truth("flip_a").LatencyMs, busy.Truth("flip_a").LatencyMs);
    }

    [Fact]
    public async Task A_house_without_adapters_has_two_and_without_addresses_draws_distinct_ones()
    {
        await using var house = new DemoHouse(configuration: DemoHouse.Configuration with { Adapters = null });

        var snapshot = house.Bluetooth.Current;

        Assert.Equal(["hci0", "hci1"], snapshot.Adapters.Select(a => a.Name));
        var addresses = snapshot.Adapters.Select(a => a.Address).Concat(snapshot.Devices.Select(d => d.Address).Distinct()).ToList();
        Assert.Equal(addresses.Count, addresses.Distinct().Count());
        Assert.All(addresses, a => Assert.Matches("^([0-9A-F]{2}:){5}[0-9A-F]{2}$", a));
    }

    [Fact]
    public async Task Changes_come_in_order_off_the_callers_thread_and_the_last_one_is_the_current_state()
    {
        await using var house = new SimulatedHouse(
            new SimulatedHouseOptions { Configuration = DemoHouse.Configuration, Catalogue = DemoHouse.Catalogue }, TimeProvider.System, NullLoggerFactory.Instance);
        var seen = new ConcurrentQueue<RadioLink>();
        var flip = house.Bluetooth.Current.Devices.First(d => d.Name == "Flip A").Address;
        var settled = new TaskCompletionSource();
        house.Bluetooth.Changed += snapshot =>
        {
            var link = snapshot.Devices.Single(d => d.Address == flip && d.Adapter == Hci0).Link;
            seen.Enqueue(link);
            if (link == RadioLink.Disconnected) settled.TrySetResult();
        };

        await house.Bluetooth.ConnectAsync(Hci0, flip, RadioRole.Sink, CancellationToken.None).WaitAsync(Patience.Hang);
        Assert.Equal(RadioLink.Connected, house.Bluetooth.Current.Devices.Single(d => d.Address == flip && d.Adapter == Hci0).Link);
        await house.Bluetooth.DisconnectAsync(Hci0, flip, CancellationToken.None).WaitAsync(Patience.Hang);
        await settled.Task.WaitAsync(Patience.Hang);

        Assert.Equal([RadioLink.Connecting, RadioLink.Connected, RadioLink.Disconnected], seen);
    }

    [Fact]
    public async Task Switching_off_ends_a_running_connect_with_the_reason()
    {
        await using var house = new DemoHouse();
        var command = house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None);

        house.Control("""{"speaker":"flip_a","do":"off"}""");

        Assert.Equal(PortError.NotReachable, (await Assert.ThrowsAsync<PortException>(() => command.WaitAsync(Patience.Hang))).Error);
    }

    [Fact]
    public async Task Closing_the_house_ends_what_is_on_its_way_and_refuses_what_comes_after()
    {
        var house = new DemoHouse();
        var connect = house.Bluetooth.ConnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker("flip_a")), RadioRole.Sink, CancellationToken.None);
        var volume = house.Cloud.SetVolumeAsync(house.Echo("Left").Serial, 30, CancellationToken.None);

        await house.DisposeAsync();

        foreach (var command in (Task[])[connect, volume, house.Bluetooth.SetPoweredAsync(Hci0, false, CancellationToken.None)])
            Assert.Equal(PortError.PartMissing, (await Assert.ThrowsAsync<PortException>(() => command.WaitAsync(Patience.Hang))).Error);
    }

    [Fact]
    public async Task Control_sets_latency_and_clock_and_moves_links_between_hosts()
    {
        await using var house = new DemoHouse();
        await house.LinkEchoAsync("Kitchen", Hci1);
        await house.ConnectAsync(Hci0, "flip_a");

        house.Control("""{"speaker":"flip_b","do":"latency","value":231.5}""");
        house.Control("""{"speaker":"flip_b","do":"ppm","value":"-40"}""");
        house.Control("""{"echo":"kitchen","do":"link","value":"flip_a"}""");

        Assert.Equal((231.5, -40), (house.Truth("flip_b").LatencyMs, house.Truth("flip_b").ClockPpm));
        Assert.Equal(house.Speaker("flip_a"), house.Echo("Kitchen").Link.Value!.Address);
        Assert.DoesNotContain(house.Bluetooth.Current.Devices, d => d.Link == RadioLink.Connected);
    }

    [Fact]
    public async Task The_same_stranger_is_one_entry_in_an_address_book()
    {
        await using var house = new DemoHouse();
        foreach (var peer in (string[])["phone", "none", "Phone", "none"]) house.Control($$"""{"echo":"kitchen","do":"link","value":"{{peer}}"}""");

        Assert.Single(house.Echo("Kitchen").Paired, p => p.Name == "phone" && p.Role == LinkRole.ReceivesFrom);
    }

    [Theory]
    [InlineData("", "no JSON")]
    [InlineData("[]", "no JSON object")]
    [InlineData("""{"do":"off"}""", "one speaker, one echo or the microphone")]
    [InlineData("""{"speaker":"flip_a","echo":"left","do":"off"}""", "one speaker, one echo or the microphone")]
    [InlineData("""{"speaker":"flip_x","do":"off"}""", "\"flip_a\"")]
    [InlineData("""{"speaker":"flip_a","do":"of"}""", "\"off\"")]
    [InlineData("""{"speaker":"flip_a","do":"latency"}""", "1 to 2000")]
    [InlineData("""{"speaker":"flip_a","do":"ppm","value":5000}""", "-1000 to 1000")]
    [InlineData("""{"speaker":"flip_a","do":"link","value":7}""", "\"none\"")]
    [InlineData("""{"speaker":"flip_a","do":"starve","value":50}""", "nothing plays to it")]
    [InlineData("""{"speaker":3,"do":"off"}""", "no text")]
    [InlineData("""{"speaker":"flip_a","doo":"off"}""", "\"do\"")]
    [InlineData("""{"microphone":"room","do":"off"}""", "the microphone's")]
    [InlineData("""{"speaker":"flip_a","do":"lose","value":100}""", "the microphone's")]
    public async Task A_bad_control_message_is_answered_with_a_sentence_that_helps(string message, string part)
    {
        await using var house = new DemoHouse();

        var refused = Assert.Throws<ControlException>(() => house.Control(message));

        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truth_is_written_with_every_member_and_null_for_what_is_silent()
    {
        var at = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

        var json = Encoding.UTF8.GetString(new TruthMessage(at, "flip_a", null, 151.25, -40).ToJson());

        Assert.Equal("""{"at":"2026-01-01T12:00:00Z","speaker":"flip_a","arrival_ms":null,"latency_ms":151.25,"clock_ppm":-40}""", json);
    }

    private static async Task<string> TranscriptAsync(int seed)
    {
        await using var house = new DemoHouse(seed);
        var story = new StringBuilder();
        foreach (var id in (string[])["flip_a", "emberton", "wonderboom", "flip_a", "wonderboom"])
        {
            var failure = await Record.ExceptionAsync(() => house.ConnectAsync(Hci0, id));
            story.AppendLine($"{house.Time.GetUtcNow():O} {id} {failure?.Message}");
            story.AppendJoin('\n', house.House.Truth()).AppendLine();
            story.AppendJoin('\n', house.Bluetooth.Current.Devices).AppendLine();
            if (failure is null) await house.EndAsync(house.Bluetooth.DisconnectAsync(Hci0, BluetoothAddress.Parse(house.Speaker(id)), CancellationToken.None));
        }

        await house.LinkEchoAsync("Kitchen", Hci1);
        story.AppendJoin('\n', house.Cloud.Current.Echoes.Select(e => $"{e.Serial} {e.Link} {e.VolumePercent}"));
        return story.ToString();
    }
}
