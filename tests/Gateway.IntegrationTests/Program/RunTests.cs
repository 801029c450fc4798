using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.IntegrationTests.Program;

public sealed class RunTests
{
    private const string House = """
        gateway: {id: test}
        mqtt: {url: "mqtt://127.0.0.1:PORT"}
        speakers: [{id: patio, name: Patio, address: "00:11:22:33:44:55"}]
        """;

    [Fact]
    public async Task A_killed_process_loses_nothing_that_it_accepted()
    {
        await using var broker = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        var arguments = await ConfigureAsync(folder, broker);
        using var client = await WatchAsync(broker);
        using (var process = BuiltProgram.Start(arguments))
        {
            await client.UntilAsync("tutti/speaker/patio/state", text => text.Contains("\"trim_ms\":0,", StringComparison.Ordinal));
            await client.SendAsync("tutti/speaker/patio/trim_ms/set", "12.5");
            await client.UntilAsync("tutti/response", text => text.Contains("\"result\":\"done\"", StringComparison.Ordinal));
            process.Kill();
            await client.UntilAsync("tutti/gateway/test/availability", text => text == "offline");
        }

        // What the broker kept proves nothing: the state must come from the new process's own store.
        await client.SendAsync("tutti/speaker/patio/state", "", retain: true);
        await client.UntilAsync("tutti/speaker/patio/state", text => text.Length == 0);
        using var again = BuiltProgram.Start(arguments);

        await client.UntilAsync("tutti/speaker/patio/state", text => text.Contains("\"trim_ms\":12.5,", StringComparison.Ordinal));
        await client.UntilAsync("tutti/gateway/test/availability", text => text == "online");
    }

    [Fact]
    public async Task A_clean_stop_says_offline_and_ends_with_0()
    {
        await using var broker = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        using var client = await WatchAsync(broker);
        using var program = BuiltProgram.Start(await ConfigureAsync(folder, broker));
        await client.UntilAsync("tutti/gateway/test/availability", text => text == "online");

        var exitCode = await program.TerminateAsync(TimeSpan.FromSeconds(10));

        Assert.Equal(0, exitCode);
        await client.UntilAsync("tutti/gateway/test/availability", text => text == "offline");
    }

    [Fact]
    public async Task A_configuration_with_mistakes_ends_with_2_and_names_them_all()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "tutti.yaml");
        await File.WriteAllTextAsync(file, "gateway: {naame: x}\nmqtt: {url: 5}\n");

        var result = await BuiltProgram.RunAsync("run", "--config", file, "--data", folder.Path);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("tutti.yaml:1:11: gateway.naame", result.Error, StringComparison.Ordinal);
        Assert.Contains("tutti.yaml:2:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_one_ends_with_2_and_the_remedy()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var result = await BuiltProgram.RunAsync("run", "--config", Path.Combine(folder.Path, "none.yaml"), "--data", Path.Combine(file, "below"));

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--data or gateway.data", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_with_the_same_id_ends_with_2_and_says_where_the_first_one_runs()
    {
        await using var broker = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        using var client = await WatchAsync(broker);
        using var program = BuiltProgram.Start(await ConfigureAsync(folder, broker));
        await client.UntilAsync("tutti/gateway/test/availability", text => text == "online");

        var second = await BuiltProgram.RunAsync(await ConfigureAsync(other, broker));

        Assert.Equal(2, second.ExitCode);
        Assert.Contains($"Another gateway with the id \"test\" runs on this broker already: on the machine \"{Environment.MachineName}\"", second.Error, StringComparison.Ordinal);
        await client.SendAsync("tutti/speaker/patio/trim_ms/set", "12.5");
        await client.UntilAsync("tutti/response", text => text.Contains("\"result\":\"done\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_of_refused_commands_leaves_a_few_lines_in_the_log()
    {
        await using var broker = await Mosquitto.StartAsync();
        using var folder = new TemporaryFolder();
        using var client = await WatchAsync(broker);
        using var program = BuiltProgram.Start(await ConfigureAsync(folder, broker));
        await client.UntilAsync("tutti/gateway/test/availability", text => text == "online");

        for (var i = 0; i < 200; i++) await client.SendAsync("tutti/speaker/nobody/volume/set", "5");
        await client.SendAsync("tutti/speaker/patio/trim_ms/set", "12.5");

        await client.UntilAsync("tutti/response", text => text.Contains("\"result\":\"done\"", StringComparison.Ordinal));
        await program.SaysAsync("trim_ms/set Done", TimeSpan.FromSeconds(10));
        Assert.Equal(10, program.Text.Split("speaker/nobody/volume/set Refused").Length - 1);
    }

    private static async Task<string[]> ConfigureAsync(TemporaryFolder folder, Mosquitto broker)
    {
        var file = Path.Combine(folder.Path, "tutti.yaml");
        await File.WriteAllTextAsync(file, House.Replace("PORT", broker.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        return ["run", "--config", file, "--data", folder.Path];
    }

    private static Task<Client> WatchAsync(Mosquitto broker) => Client.ConnectAsync(broker.Port, "tutti/#");
}

/// <summary>An MQTT client that keeps the last message of each topic.</summary>
internal sealed class Client : IDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Dictionary<string, List<string>> _seen = new(StringComparer.Ordinal);

    public static async Task<Client> ConnectAsync(int port, string filter)
    {
        var client = new Client();
        client._client.ApplicationMessageReceivedAsync += message =>
        {
            lock (client._seen)
            {
                var topic = message.ApplicationMessage.Topic;
                if (!client._seen.TryGetValue(topic, out var texts)) texts = client._seen[topic] = [];
                texts.Add(Encoding.UTF8.GetString(message.ApplicationMessage.Payload));
            }

            return Task.CompletedTask;
        };
        await client._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).Build());
        await client._client.SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        return client;
    }

    /// <summary>Waits until the topic's last message is as wished.</summary>
    public Task UntilAsync(string topic, Func<string, bool> condition) =>
        Eventually.TrueAsync(() => $"{topic} to be as wished; it is {Last(topic) ?? "nothing"}", () => Last(topic) is { } last && condition(last), 60);

    public Task SendAsync(string topic, string payload, bool retain = false) =>
        _client.PublishStringAsync(topic, payload, MqttQualityOfServiceLevel.AtLeastOnce, retain);

    public void Dispose() => _client.Dispose();

    private string? Last(string topic)
    {
        lock (_seen) return _seen.TryGetValue(topic, out var texts) ? texts[^1] : null;
    }
}
