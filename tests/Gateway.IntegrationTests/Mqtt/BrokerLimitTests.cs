using System.Buffers;
using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.House;
using Gateway.Mqtt;
using MQTTnet;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>Brokers that do not take everything, and messages that they end the connection for.</summary>
public sealed class BrokerLimitTests
{
    private const string Volume = "tutti/speaker/flip/volume/set";
    private const string Availability = "tutti/gateway/gw1/availability";
    private const string Flip = "homeassistant/device/tutti_speaker_flip/config";

    [Fact]
    public async Task What_is_larger_than_the_broker_says_that_it_takes_is_named_once_and_the_rest_arrives()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_packet_size 4000");
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port }, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online");

        await gateway.WarningAsync($"A message on {Flip} was not sent: it has");
        await gateway.WarningAsync("and the broker takes 4000 at most. Raise its limit (Mosquitto: max_packet_size).");
        Assert.NotNull(ear.Last("tutti/speaker/flip/state"));
        ear.Forget();
        relay.Cut();
        await ear.HearsAsync(Availability, "online");
        await AnswersAsync(gateway, ear);
        Assert.Single(gateway.Log, l => l.Text.Contains($"A message on {Flip} was not sent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_word_of_its_limit_the_broker_is_understood_after_three_ends()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_packet_size 4000");
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = MqttProtocol.V311 }, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online", seconds: 60);

        await gateway.WarningAsync("3 times the connection ended while it was under way");
        Assert.NotNull(ear.Last("tutti/speaker/flip/state"));
        await AnswersAsync(gateway, ear);
        Assert.DoesNotContain(gateway.Log, l => l.Text.Contains("another client connected", StringComparison.Ordinal) || l.Text.Contains("too\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_the_broker_finds_too_large_is_said_to_be_too_large()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmessage_size_limit 4000");
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");

        var warning = await gateway.WarningAsync(Flip);

        Assert.Contains(": it is too large. Raise the broker's limit (Mosquitto: message_size_limit, max_packet_size).", warning.Text, StringComparison.Ordinal);
    }

    /// <summary>Mosquitto acknowledges it then, and leaves it out.</summary>
    [Fact]
    public async Task A_message_that_the_broker_leaves_out_without_a_word_is_said_to_be_too_large()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmessage_size_limit 4000");
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = MqttProtocol.V311 }, SmallHouse.Make());

        var warning = await gateway.WarningAsync(Flip);

        Assert.Contains("most likely it is too large. Raise the broker's limit (Mosquitto: message_size_limit).", warning.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(gateway.Log, l => l.Level >= LogLevel.Warning && l.Text.Contains("/state", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_without_retained_messages_is_named(bool old)
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nretain_available false");
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 }, SmallHouse.Make());

        var warning = await gateway.WarningAsync();

        // In MQTT 3.1.1 Mosquitto hangs up without a word.
        var said = old ? "MQTT 3.1.1 tells no reason: set mqtt.protocol to 5" : "the broker keeps no retained messages, and without them Home Assistant sees no devices and no states after its next start. Switch them on in the broker (Mosquitto: retain_available true";
        Assert.True(warning.Text.Contains(said, StringComparison.Ordinal), warning.Text);
    }

    [Fact]
    public async Task A_broker_that_passes_messages_at_most_once_is_used_and_named()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_qos 0");
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online");

        await gateway.WarningAsync("The broker passes messages at most once (QoS 0)");
    }

    [Fact]
    public async Task A_broker_that_wants_to_hear_from_us_more_often_does()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_keepalive 10");
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port }, SmallHouse.Make(), timings: GatewayRig.Quick with { KeepAlive = TimeSpan.FromMinutes(1) });
        await gateway.ConnectedAsync();

        await Eventually.TrueAsync("a ping within the broker's time", () => broker.Log.Contains("Received PINGREQ from tutti-gw1", StringComparison.Ordinal), seconds: 10);
    }

    /// <summary>Mosquitto ends the connection at a topic of more than 200 levels.</summary>
    [Fact]
    public async Task A_response_topic_of_250_levels_takes_nobody_off_the_broker()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        Answer(gateway);

        await ear.SendAsync(new MqttApplicationMessage { Topic = Volume, Payload = new ReadOnlySequence<byte>("5"u8.ToArray()), ResponseTopic = string.Join('/', Enumerable.Repeat("a", 250)) });

        Assert.Contains("longer than 256 bytes", (await gateway.WarningAsync("response topic")).Text, StringComparison.Ordinal);
        await ear.AnswerAsync(Volume);
        await AnswersAsync(gateway, ear, answers: false);
        Assert.Single(gateway.Log, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task An_answer_that_ends_the_connection_is_given_up_and_named_and_the_others_arrive()
    {
        var deep = string.Join('/', Enumerable.Repeat("a", 250));
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");

        gateway.Hub.Publish(Done("first", new ReplyAddress(deep, ReadOnlyMemory<byte>.Empty)));
        for (var i = 0; i < 20; i++) gateway.Hub.Publish(Done($"later {i}"));

        await gateway.WarningAsync($"on {deep} was given up: 3 times the connection ended while it was under way");
        await Eventually.TrueAsync(() => $"every other answer arrives, not only {string.Join(", ", Correlations())}; the log: {string.Join(" | ", gateway.Log.Select(l => l.Text))}", () => Correlations().Distinct().Count() == 21);
        await AnswersAsync(gateway, ear);
        Assert.DoesNotContain(gateway.Log, l => l.Text.Contains("another client connected", StringComparison.Ordinal));
        return;

        IEnumerable<string?> Correlations() => ear.On("tutti/response").Select(h => (string?)JsonNode.Parse(h.Text)!["correlation"]);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_sent_without_its_plan()
    {
        await using var broker = await Mosquitto.StartAsync("allow_anonymous true\nmax_packet_size 4000");
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        var plan = new Plan
        {
            Feasible = true, Automatic = Automation.Yes, Route = Route.FanOut, Members = [.. Enumerable.Range(0, 500).Select(i => $"speaker_{i}")],
        };

        gateway.Hub.Publish(Done("c") with { Plan = plan });

        var heard = await ear.HearsAsync("tutti/response");
        Assert.Equal(("c", true), ((string?)JsonNode.Parse(heard.Text)!["correlation"], JsonNode.Parse(heard.Text)!["plan"] is null));
    }

    private static Answer Done(string correlation, ReplyAddress? replyTo = null) =>
        Done(new Command { Kind = "speaker", Id = "flip", Property = "volume", Value = "5", Correlation = correlation, Origin = new MqttOrigin(Volume, replyTo) });

    private static Answer Done(Command command) => new(command, DateTimeOffset.UnixEpoch, CommandResult.Done);

    /// <summary>A command comes in and its answer goes out.</summary>
    private static async Task AnswersAsync(GatewayRig gateway, Listener ear, bool answers = true)
    {
        if (answers) Answer(gateway);
        ear.Forget();
        await ear.SendAsync(Volume, "7");
        await ear.AnswerAsync(Volume);
    }

    private static void Answer(GatewayRig gateway) => _ = Task.Run(async () =>
    {
        await foreach (var command in gateway.Hub.Commands.ReadAllAsync()) gateway.Hub.Publish(Done(command));
    });
}
