using Gateway.Configuration;

namespace Gateway.IntegrationTests.Mqtt;

/// <summary>What is sent to the gateway while it is away.</summary>
public sealed class SessionTests
{
    private const string Volume = "tutti/speaker/flip/volume/set";

    [Theory]
    [InlineData(MqttProtocol.V5, true)]
    [InlineData(MqttProtocol.V311, false)]
    public async Task A_command_that_comes_during_a_short_loss_is_done_with_MQTT_5(MqttProtocol protocol, bool arrives)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var relay = new Relay(broker.Port);
        await using var sender = await Listener.StartAsync(broker.Port);
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = relay.Port, Protocol = protocol }, SmallHouse.Make());
        await sender.HearsAsync("tutti/gateway/gw1/availability", "online");

        relay.Hold = true;
        relay.Cut();
        await sender.HearsAsync("tutti/gateway/gw1/availability", "offline");
        await sender.SendAsync(Volume, "33");
        relay.Hold = false;
        await sender.HearsAsync("tutti/gateway/gw1/availability", "online");
        await sender.SendAsync(Volume, "44");

        Assert.Equal(arrives ? "33" : "44", await NextAsync(gateway));
        if (arrives) Assert.Equal("44", await NextAsync(gateway));
        Assert.False(gateway.Hub.Commands.TryPeek(out _));
    }

    [Fact]
    public async Task A_new_run_does_nothing_that_was_sent_before_it()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var sender = await Listener.StartAsync(broker.Port);
        await using (var before = await GatewayRig.StartAsync(broker, SmallHouse.Make())) await before.ConnectedAsync();
        await sender.SendAsync(Volume, "33");

        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await gateway.ConnectedAsync();
        await sender.SendAsync(Volume, "44");

        Assert.Equal("44", await NextAsync(gateway));
    }

    private static async Task<string> NextAsync(GatewayRig gateway)
    {
        using var deadline = new CancellationTokenSource(Patience.Hang);
        return (await gateway.Hub.Commands.ReadAsync(deadline.Token)).Value;
    }
}
