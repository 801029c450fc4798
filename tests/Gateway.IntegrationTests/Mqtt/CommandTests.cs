using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Timing;
using MQTTnet;
using MQTTnet.Packets;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

public sealed class CommandTests
{
    private const string Volume = "tutti/speaker/flip/volume/set";
    private const string Active = "tutti/group/party/active/set";

    [Fact]
    public async Task A_command_reaches_the_reconciler_with_everything_that_came_with_it()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync(new MqttApplicationMessage
        {
            Topic = Active, Payload = new ReadOnlySequence<byte>("""{"value":true}"""u8.ToArray()), ResponseTopic = "me/answers", CorrelationData = [0xff, 0x00],
            UserProperties = [new MqttUserProperty("origin", "test"u8.ToArray())], ContentType = "application/json", MessageExpiryInterval = 60,
        });

        var command = await NextAsync(gateway);
        var origin = Assert.IsType<MqttOrigin>(command.Origin);
        Assert.Equal((Active, "group", "party", "active", "true", "/wA="), (origin.Topic, command.Kind, command.Id, command.Property, command.Value, command.Correlation));
        Assert.Equal("me/answers", origin.ReplyTo!.Topic);
        Assert.Equal([0xff, 0x00], origin.ReplyTo.CorrelationData.ToArray());
    }

    [Fact]
    public async Task An_answer_goes_to_the_common_topic_and_to_the_response_topic_with_its_correlation_data()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);
        var command = new Command
        {
            Kind = "group", Id = "party", Property = "active", Value = "ON", Correlation = "c1", Origin = new MqttOrigin(Active, new ReplyAddress("me/answers", "c1"u8.ToArray())),
        };

        gateway.Hub.Publish(new Answer(command, DateTimeOffset.UnixEpoch, CommandResult.Accepted) { Rules = ["L2"], Drops = [new("kitchen", "jbl")] });

        var common = await sender.HearsAsync("tutti/response");
        var own = await sender.HearsAsync("me/answers");
        Assert.Equal(
            """{"at":"1970-01-01T00:00:00+00:00","topic":"tutti/group/party/active/set","device":"group/party","command":"active","value":"ON","correlation":"c1","result":"accepted","reason":null,"rules":["L2"],"drops":[{"device":"kitchen","peer":"jbl"}],"plan":null,"id":"RUN-1"}""",
            Regex.Replace(common.Text, "[0-9a-f]{8}-1", "RUN-1"));
        Assert.Equal(common.Text, own.Text);
        Assert.Equal("c1"u8.ToArray(), own.CorrelationData);
        Assert.False(common.Retain || own.Retain);
    }

    [Fact]
    public async Task After_a_final_answer_the_state_is_said_again_although_unchanged()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);
        await sender.HearsAsync("tutti/speaker/flip/state");
        await sender.HearsAsync("tutti/group/party/state");
        sender.Forget();

        gateway.Hub.Publish(new Answer(new Command { Kind = "speaker", Id = "flip", Property = "volume", Value = "101" }, DateTimeOffset.UnixEpoch, CommandResult.Refused, "0 to 100"));

        await sender.HearsAsync("tutti/response");
        Assert.Single(sender.On("tutti/speaker/flip/state"));
        Assert.Empty(sender.On("tutti/group/party/state"));
    }

    [Fact]
    public async Task A_voice_topic_runs_a_routine_also_without_a_payload()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync("tutti/voice/movie", "");

        var command = await NextAsync(gateway);
        Assert.Equal(("voice", "movie", "run", "", "voice/movie"), (command.Kind, command.Id, command.Property, command.Value, command.Device));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_retained_command_from_before_is_ignored(bool old)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var sender = await Listener.StartAsync(broker.Port);
        await sender.SendAsync(Active, "ON", retain: true);
        await sender.SendAsync("tutti/voice/movie", "", retain: true);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 }, SmallHouse.Make());
        await gateway.ConnectedAsync();

        await sender.SendAsync(Volume, "5");

        Assert.Equal("5", (await NextAsync(gateway)).Value);
        // MQTT 5 does not even deliver it ("retain handling" 2); under 3.1.1 it comes and is named once.
        Assert.Equal(old ? 1 : 0, gateway.Log.Count(l => l.Level == LogLevel.Warning && l.Text.Contains($"A retained command on {Active} was ignored", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_command_sent_retained_while_we_listen_is_ignored_with_one_line_and_an_empty_one_silently()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync(Active, "ON", retain: true);
        await sender.SendAsync(Active, "", retain: true);
        await sender.SendAsync(Volume, "5");

        Assert.Equal("5", (await NextAsync(gateway)).Value);
        Assert.Single(gateway.Log, l => l.Level >= LogLevel.Warning);
        Assert.Contains(Active, (await gateway.WarningAsync("retained")).Text, StringComparison.Ordinal);
        Assert.Empty(sender.On("tutti/response"));
    }

    public static TheoryData<string, byte[], string?, string> BadPayloads => new()
    {
        { "empty", [], "", "The command is empty" },
        { "1 MB", Encoding.UTF8.GetBytes(new string('9', 1_000_000)), new string('9', 100), "1000000 bytes long; at most 65536" },
        { "1 MB of binary", Enumerable.Repeat((byte)0xff, 1_000_000).ToArray(), null, "1000000 bytes long" },
        { "not UTF-8", [0xc3, 0x28], null, "not UTF-8" },
        { "broken JSON", "{\"value\": 5"u8.ToArray(), "{\"value\": 5", "begins like JSON" },
        { "deep JSON", Encoding.UTF8.GetBytes("{\"value\":" + new string('[', 20_000)), "{\"value\":" + new string('[', 91), "must be a text, a finite number" },
        { "NUL", "5\0"u8.ToArray(), "5\0", "NUL" },
        { "NaN", "NaN"u8.ToArray(), "NaN", "finite number" },
    };

    [Theory]
    [MemberData(nameof(BadPayloads))]
    public async Task A_bad_payload_is_refused_with_reason_and_remedy(string name, byte[] payload, string? shown, string reason)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync(Volume, payload);

        var answer = await sender.AnswerAsync(Volume);
        Assert.Equal("refused", (string?)answer["result"]);
        Assert.Equal(("speaker/flip", "volume"), ((string?)answer["device"], (string?)answer["command"]));
        Assert.Equal(shown, (string?)answer["value"]);
        Assert.True(((string)answer["reason"]!).Contains(reason, StringComparison.Ordinal), $"{name}: {answer["reason"]}");
        await sender.SendAsync(Volume, "5");
        Assert.Equal("5", (await NextAsync(gateway)).Value);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_loses_nothing_of_what_it_took()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);
        while (gateway.Hub.TrySubmit(new Command { Kind = "speaker", Id = "flip", Property = "volume", Value = "1" }))
        {
            // Until the queue is full.
        }

        await sender.SendAsync(Volume, """{"value":7,"correlation":"mine"}""");

        var answer = await sender.AnswerAsync(Volume);
        Assert.Equal(("refused", "mine", "7"), ((string?)answer["result"], (string?)answer["correlation"], (string?)answer["value"]));
        Assert.Contains("Too many commands", (string?)answer["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tutti/group/party/active/set", "topics below tutti are the gateway's own")]
    [InlineData("tutti/gateway/gw1/availability", "topics below tutti are the gateway's own")]
    [InlineData("homeassistant/device/tutti_speaker_flip/config", "discovery")]
    [InlineData("other/group/party/active/set", "it is the topic of a command")]
    [InlineData("$SYS/x", "topics that begin with $")]
    public async Task A_response_topic_that_cannot_be_used_is_named_and_the_command_still_runs(string topic, string why)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync(new MqttApplicationMessage { Topic = Volume, Payload = new ReadOnlySequence<byte>("5"u8.ToArray()), ResponseTopic = topic });

        Assert.Null(Assert.IsType<MqttOrigin>((await NextAsync(gateway)).Origin).ReplyTo);
        Assert.Contains(why, (await gateway.WarningAsync("response topic")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Levels_behind_a_voice_topic_run_no_routine()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        await sender.SendAsync("tutti/voice/movie/x/set", "ON");

        var answer = await sender.AnswerAsync("tutti/voice/movie/x/set");
        Assert.Equal(("refused", "A routine runs by tutti/voice/<routine>, and no level follows. Send it there."), ((string?)answer["result"], (string?)answer["reason"]));
        await sender.SendAsync(Volume, "5");
        Assert.Equal("volume", (await NextAsync(gateway)).Property);
    }

    [Fact]
    public async Task A_flood_of_bad_commands_leaves_a_few_lines_in_the_log_and_each_is_answered()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await ConnectedAsync(broker);
        await using var sender = await Listener.StartAsync(broker.Port);

        for (var i = 0; i < 300; i++) await sender.SendAsync(Volume, "");

        await Eventually.TrueAsync("300 answers", () => sender.On("tutti/response").Count == 300);
        Assert.Equal(LogBrake.Most, gateway.Log.Count(l => l.Text.StartsWith($"A command on {Volume} was refused", StringComparison.Ordinal)));
        Assert.Equal(300, sender.On("tutti/response").Select(h => (string?)JsonNode.Parse(h.Text)!["id"]).Distinct().Count());
    }

    private static async Task<GatewayRig> ConnectedAsync(Mosquitto broker)
    {
        var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();
        return gateway;
    }

    private static async Task<Command> NextAsync(GatewayRig gateway)
    {
        using var deadline = new CancellationTokenSource(Patience.Hang);
        return await gateway.Hub.Commands.ReadAsync(deadline.Token);
    }
}
