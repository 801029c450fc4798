using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gateway.Cli;
using Gateway.Cli.Client;
using Gateway.Configuration;
using Gateway.IntegrationTests.Program;
using Gateway.IntegrationTests.Publish;
using Gateway.Mqtt.Broker;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>The broker inside, asked by Mosquitto's own clients; alone, in the whole program, and where other subcommands look for it.</summary>
public sealed class EmbeddedBrokerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mqttv311")]
    [InlineData("mqttv5")]
    public async Task What_one_client_retains_another_finds_also_without_an_id(string version)
    {
        await using var broker = await StartAsync();

        var sent = await RunAsync("mosquitto_pub", broker.Port, "-V", version, "-r", "-t", "a/b", "-m", "kept");
        var heard = await RunAsync("mosquitto_sub", broker.Port, "-V", version, "-t", "a/#", "-C", "1", "-W", "20", "-v");

        Assert.Equal((0, "a/b kept\n"), (sent.ExitCode, heard.Output));
    }

    [Fact]
    public async Task A_late_subscriber_gets_every_retained_message_of_a_large_house()
    {
        await using var broker = await StartAsync();
        var lines = string.Join('\n', Enumerable.Range(0, 1000).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        using (var client = await Client.ConnectAsync(broker.Port, "nothing"))
        {
            for (var i = 0; i < 1000; i++) await client.SendAsync($"house/{i}", "x", retain: true);
        }

        var heard = await RunAsync("mosquitto_sub", broker.Port, "-t", "house/#", "-C", "1000", "-W", "60", "-F", "%t");

        Assert.Equal(lines.Split('\n').Select(i => $"house/{i}").Order(StringComparer.Ordinal), heard.Output.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true, "-u", "tutti", "-P", "right")]
    [InlineData(false, "-u", "tutti", "-P", "wrong")]
    [InlineData(false, "-u", "other", "-P", "right")]
    [InlineData(false, "-u", "tutti")]
    [InlineData(false)]
    public async Task With_a_password_only_who_knows_it_comes_in(bool comesIn, params string[] credentials)
    {
        await using var broker = await EmbeddedBroker.StartAsync(new EmbeddedBrokerSettings(IPAddress.Any, 0), "tutti", "right", notes: null);

        var result = await RunAsync("mosquitto_pub", broker.Port, [.. credentials, "-t", "a", "-m", "b"]);

        Assert.Equal(comesIn, result.ExitCode == 0);
        if (!comesIn) Assert.Contains("Connection Refused: bad", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_program_runs_without_another_broker()
    {
        var port = LoopbackPort.Free();
        using var program = BuiltProgram.Start(Configure(port));
        await program.SaysAsync($"The broker inside listens on 127.0.0.1:{port} (no password)", TimeSpan.FromSeconds(60));
        using var client = await Client.ConnectAsync(port, "tutti/#");
        await client.UntilAsync("tutti/gateway/inside/availability", text => text == "online");
        await client.UntilAsync("tutti/speaker/patio/state", text => text.Contains("\"volume\":", StringComparison.Ordinal));

        await RunAsync("mosquitto_pub", port, "-t", "tutti/speaker/patio/trim_ms/set", "-m", "12.5");

        await client.UntilAsync("tutti/speaker/patio/state", text => text.Contains("\"trim_ms\":12.5,", StringComparison.Ordinal));
        var discovery = await RunAsync("mosquitto_sub", port, "-t", "homeassistant/device/+/config", "-C", "1", "-W", "20");
        Assert.StartsWith("{", discovery.Output, StringComparison.Ordinal);
        Assert.Equal(0, await program.TerminateAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_with_2_and_says_what_to_write()
    {
        await using var taken = await StartAsync();

        var result = await BuiltProgram.RunAsync(Configure(taken.Port));

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains($"cannot listen on 127.0.0.1:{taken.Port}: the port is in use", result.Error, StringComparison.Ordinal);
        Assert.Contains($"mqtt.url: mqtt://127.0.0.1:{taken.Port}", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_says_no_address_finds_the_one_gateway_of_this_machine_and_of_two_asks_which()
    {
        var notes = new BrokerNotes(Path.Combine(_folder.Path, "run"));
        var nobody = new MqttSettings { Port = LoopbackPort.Free() };
        var none = await Assert.ThrowsAsync<GatewayClientException>(() => LocalGateways.FindAsync(notes, nobody, CancellationToken.None));
        await using var one = await StartAsync(notes);
        // A demo that was killed left its note.
        notes.Leave(LoopbackPort.Free());
        using var client = await Client.ConnectAsync(one.Port, "nothing");
        var silent = await Assert.ThrowsAsync<GatewayClientException>(() => LocalGateways.FindAsync(notes, nobody, CancellationToken.None));
        await client.SendAsync("tutti/gateway/demo/availability", "online", retain: true);

        var found = await LocalGateways.FindAsync(notes, nobody, CancellationToken.None);

        Assert.Equal(one.Port, found.Port);
        Assert.Equal(ExitCodes.PartMissing, none.ExitCode);
        Assert.Contains($"at mqtt://127.0.0.1:{nobody.Port} nothing listens there", none.Message, StringComparison.Ordinal);
        Assert.Contains($"at mqtt://127.0.0.1:{one.Port} no gateway is online", silent.Message, StringComparison.Ordinal);

        await using var two = await StartAsync(notes);
        using var second = await Client.ConnectAsync(two.Port, "nothing");
        await second.SendAsync("tutti/gateway/other/availability", "online", retain: true);
        var several = await Assert.ThrowsAsync<GatewayClientException>(() => LocalGateways.FindAsync(notes, nobody, CancellationToken.None));
        Assert.Equal(ExitCodes.UsageOrConfiguration, several.ExitCode);
        Assert.Contains($"demo at mqtt://127.0.0.1:{one.Port}", several.Message, StringComparison.Ordinal);
        Assert.Contains($"other at mqtt://127.0.0.1:{two.Port}", several.Message, StringComparison.Ordinal);

        await two.DisposeAsync();
        Assert.Equal(one.Port, (await LocalGateways.FindAsync(notes, nobody, CancellationToken.None)).Port);
        Assert.DoesNotContain(two.Port, notes.Ports());
    }

    private static Task<EmbeddedBroker> StartAsync(BrokerNotes? notes = null) => EmbeddedBroker.StartAsync(new EmbeddedBrokerSettings(IPAddress.Loopback, 0), null, null, notes);

    private string[] Configure(int port)
    {
        var file = Path.Combine(_folder.Path, "tutti.yaml");
        File.WriteAllText(file, $"gateway: {{ id: inside }}\nmqtt: {{ embedded: true, listen: \"127.0.0.1:{port}\" }}\nspeakers: [{{ id: patio, name: Patio, address: \"00:11:22:33:44:55\" }}]\n");
        return ["run", "--config", file, "--data", _folder.Path];
    }

    private static Task<ProgramResult> RunAsync(string program, int port, params string[] arguments) => PublishedProgram.EndAsync(
        new ProcessStartInfo(program, ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), .. arguments]),
        TimeSpan.FromSeconds(90));
}
