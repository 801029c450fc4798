using Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>Somebody else speaks for this gateway: a last will, or a second gateway with its id.</summary>
public sealed class TwoGatewaysTests
{
    private const string Availability = "tutti/gateway/gw1/availability";
    private const string Claim = "tutti/gateway/gw1/claim";

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task After_somebody_else_s_last_will_the_gateway_says_again_that_it_is_online(MqttProtocol protocol)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = protocol }, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        await using var other = await Listener.StartAsync(relay.Port, o => o.WithWillTopic(Availability).WithWillPayload("offline").WithWillRetain());
        ear.Forget();

        relay.Cut();

        await ear.HearsAsync(Availability, h => h.Text == "offline");
        await ear.HearsAsync(Availability, "online");
        Assert.True(ear.On(Availability)[^1].Retain);
        ear.Forget();
        await ear.SendAsync(Availability, "", retain: true);
        await ear.HearsAsync(Availability, "online");
        Assert.Equal(["", "online"], ear.On(Availability).Select(h => h.Text));
    }

    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task A_second_gateway_with_the_same_id_stops_and_the_first_notices_nothing(MqttProtocol protocol)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        var settings = new MqttSettings { Port = broker.Port, Protocol = protocol };
        await using var first = await GatewayRig.StartAsync(settings, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        ear.Forget();

        await using (var second = await GatewayRig.StartAsync(settings, SmallHouse.Make() with { Speakers = [] }))
        {
            await Eventually.TrueAsync(() => $"the second stops; its log: {string.Join(" | ", second.Log.Select(l => l.Text))}", () => second.IsStopping);
            Assert.Contains(second.Log, l => l.Level == LogLevel.Critical && l.Text.StartsWith("Another gateway with the id \"gw1\" runs on this broker already: on the machine", StringComparison.Ordinal));
        }

        Assert.False(first.IsStopping);
        await first.ConnectedAsync();
        Assert.DoesNotContain(first.Log, l => l.Level >= LogLevel.Warning);
        Assert.All(ear.All, h => Assert.Equal(Claim, h.Topic));
    }

    /// <summary>The first is back while the second has taken its place, its client id too: which throws them out in turn until one gives way.</summary>
    [Theory]
    [InlineData(MqttProtocol.V5)]
    [InlineData(MqttProtocol.V311)]
    public async Task When_the_first_comes_back_the_later_one_stops(MqttProtocol protocol)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var ear = await Listener.StartAsync(broker.Port);
        await using var first = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port, Protocol = protocol }, SmallHouse.Make());
        await ear.HearsAsync(Availability, "online");
        relay.Hold = true;
        relay.Cut();
        await ear.HearsAsync(Availability, "offline");
        await using (var second = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = protocol }, SmallHouse.Make()))
        {
            await ear.HearsAsync(Availability, "online");

            relay.Hold = false;

            await Eventually.TrueAsync(() => $"the second stops; its log: {string.Join(" | ", second.Log.Select(l => l.Text))}", () => second.IsStopping);
        }

        Assert.False(first.IsStopping);
        await first.ConnectedAsync();
        await ear.HearsAsync(Availability, "online");
    }

    [Fact]
    public async Task A_claim_of_a_run_that_ended_without_a_word_is_taken_over()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.SendAsync(Claim, """{"token":"dead","number":7,"after":null,"since":"2026-01-01T00:00:00+00:00","host":"old"}""", retain: true);
        await ear.HearsAsync(Claim);

        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online");
        Assert.False(gateway.IsStopping);
        await gateway.StopAsync();
        await ear.HearsAsync(Claim, "");
    }

    [Fact]
    public async Task Where_the_claim_may_not_be_written_the_gateway_runs_all_the_same()
    {
        var rules = Path.Combine(Directory.CreateTempSubdirectory("tutti-acl-").FullName, "acl");
        await File.WriteAllTextAsync(rules, "topic readwrite #\ntopic deny tutti/gateway/gw1/claim\n");
        await using var broker = await Mosquitto.StartAsync($"allow_anonymous true\nacl_file {rules}");
        await using var ear = await Listener.StartAsync(broker.Port);

        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());

        await ear.HearsAsync(Availability, "online");
    }
}
