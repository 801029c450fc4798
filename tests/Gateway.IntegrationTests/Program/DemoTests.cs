using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.IntegrationTests.Mqtt;

namespace Gateway.IntegrationTests.Program;

[Collection(RealTime.Name)]
public sealed class DemoTests
{
    [Fact]
    public async Task The_story_shows_the_product_at_its_job_and_ends_with_0()
    {
        using var demo = BuiltProgram.Start("demo");

        await demo.SaysAsync("the story is over", TimeSpan.FromSeconds(110));
        Assert.Equal(0, await demo.TerminateAsync(TimeSpan.FromSeconds(30)));

        var lines = demo.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(lines, l => Regex.IsMatch(l, "^[0-9:]+ (warn|fail|crit): ")); // the log is of both streams too
        Assert.Matches("^broker mqtt://127\\.0\\.0\\.1:[0-9]+$", lines[0]);
        AssertInOrder(lines,
            @"^ +[0-9.]+ s  > switch Party on: 4 members, fed by Kitchen  \(tutti/group/party/active/set ON\)$",
            @"^ +[0-9.]+ s  Party: accepted, by fan-out from Kitchen; no link is cut$",
            @"JBL Flip 6 A: connected on hci[01]$",
            @"^ +[0-9.]+ s  Party: [0-9.]+ ms apart before, [0-9.]+ ms now\. Delays: JBL Flip 6 A",
            @"^ +[0-9.]+ s  refused: All by Wi-Fi cannot play: JBL Flip 6 A and JBL Flip 6 B cannot be in a Wi-Fi group",
            @"Party: locked, 0\.[0-9] ms apart$",
            @"JBL Flip 6 A is missing; Party goes on without it\.$",
            @"JBL Flip 6 A is back in Party\.$",
            @"JBL Flip 6 A has a new link, and its latency with it changes: press Calibrate to measure Party again\.$",
            @"^ +[0-9.]+ s  Party: [0-9.]+ ms apart before",
            @"Party: locked, 0\.[0-9] ms apart$",
            @"Party time: .*done$");
        // Names stand for ids, but for the commands to copy; and nothing is cut short.
        var told = lines.Skip(5).Select(l => Regex.Replace(l, @"\(tutti[^)]*\)$", ""));
        Assert.DoesNotContain(told, l => Regex.IsMatch(l, "flip_a|001a7dda|group/|speaker/|…"));
        Assert.DoesNotContain(lines, l => l.Contains('\e', StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_story_the_house_waits_for_commands_on_the_port_that_was_asked_for()
    {
        var port = LoopbackPort.Free();
        using var demo = BuiltProgram.Start("demo", "--no-story", "--port", port.ToString(CultureInfo.InvariantCulture));
        await demo.SaysAsync($"broker mqtt://127.0.0.1:{port}", TimeSpan.FromSeconds(60));
        // The broker line is printed when the broker answers: a client may come at once.
        using var client = await Client.ConnectAsync(port, "#");
        await client.UntilAsync("tutti/speaker/emberton/state", text => text.Contains("\"connected\":false", StringComparison.Ordinal));

        await client.SendAsync("tutti/speaker/emberton/connected/set", "ON");

        await client.UntilAsync("tutti/speaker/emberton/state", text => text.Contains("\"connected\":true", StringComparison.Ordinal));
        await client.UntilAsync("tutti-sim/truth", text => text.Contains("\"arrival_ms\":null", StringComparison.Ordinal));
        Assert.Equal(0, await demo.TerminateAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task With_json_every_line_is_an_object()
    {
        var result = await BuiltProgram.RunAsync("demo", "--for", "5", "--json", "--no-story");

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 5, result.Output);
        Assert.All(lines, line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    [Fact]
    public async Task A_taken_port_is_said_and_ends_with_2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        var result = await BuiltProgram.RunAsync("demo", "--for", "5", "--port", port);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"Port {port} on 127.0.0.1 cannot be used", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_said_and_ends_with_5()
    {
        var result = await BuiltProgram.RunAsync("demo", "--for", "5", "--broker", $"mqtt://someone:secret-word@127.0.0.1:{LoopbackPort.Free()}");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("does not answer", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_plays_on_a_real_Mosquitto_as_well()
    {
        await using var broker = await Mosquitto.StartAsync();

        var result = await BuiltProgram.RunAsync("demo", "--for", "6", "--no-story", "--json", "--broker", $"mqtt://127.0.0.1:{broker.Port}");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("\"device\":\"speaker/flip_a\",\"text\":\"disconnected", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task On_somebodys_broker_it_takes_its_devices_back_at_Ctrl_C_the_devices_first_unless_it_shall_keep_them(bool keep)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        using var demo = BuiltProgram.Start(["demo", "--no-story", "--broker", $"mqtt://127.0.0.1:{broker.Port}", .. keep ? ["--keep"] : Array.Empty<string>()]);
        await ear.HearsAsync("homeassistant/device/tutti_speaker_flip_a/config", seconds: 60);
        await ear.HearsAsync("tutti/gateway/demo/availability", "online");

        Assert.Equal(0, await demo.TerminateAsync(TimeSpan.FromSeconds(30), ChildProcess.Interrupt));

        await ear.SendAsync("test/end", "");
        await ear.HearsAsync("test/end");
        await using var later = await Listener.StartAsync(broker.Port);
        await later.SendAsync("test/end", "");
        await later.HearsAsync("test/end");
        var left = later.All.Where(h => h.Retain).Select(h => h.Topic).ToList();
        if (keep)
        {
            Assert.Contains("homeassistant/device/tutti_speaker_flip_a/config", left);
            Assert.Contains("tutti/speaker/flip_a/state", left);
            return;
        }

        Assert.Empty(left);
        // The claim to the id is no entity's topic: it goes with the gateway's goodbye.
        var emptied = ear.All.Where(h => h.Retain && h.Text.Length == 0 && !h.Topic.EndsWith("/claim", StringComparison.Ordinal)).Select(h => h.Topic.StartsWith("homeassistant/", StringComparison.Ordinal)).ToList();
        Assert.True(emptied.LastIndexOf(true) < emptied.IndexOf(false), "a state was emptied before a device");
        Assert.True(emptied.Count(device => device) > 10 && emptied.Count(device => !device) > 20, $"{emptied.Count} topics");
    }

    private static void AssertInOrder(string[] lines, params string[] patterns)
    {
        var from = 0;
        foreach (var pattern in patterns)
        {
            var at = Array.FindIndex(lines, from, line => Regex.IsMatch(line, pattern));
            Assert.True(at >= 0, $"After line {from} nothing is like {pattern}:\n{string.Join('\n', lines)}");
            from = at;
        }
    }
}
