using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.Reconciler;

namespace Gateway.IntegrationTests.Mqtt;

public sealed class DiscoveryTests
{
    private const string Flip = "homeassistant/device/tutti_speaker_flip/config";
    private const string Group = "homeassistant/device/tutti_group_gw1_party/config";
    private const string Status = "homeassistant/status";

    [Fact]
    public async Task After_the_birth_message_everything_is_said_again_a_moment_later_and_once()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        var born = DateTimeOffset.UtcNow;
        await ear.SendAsync(Status, "online");
        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Group);

        Assert.All(ear.All.Where(h => h.Topic.EndsWith("/config", StringComparison.Ordinal)), h => Assert.True((h.At - born).TotalSeconds > 0.45));
        await Eventually.TrueAsync("three seconds more", () => DateTimeOffset.UtcNow - born > TimeSpan.FromSeconds(4));
        Assert.Equal(6, ear.All.Count(h => h.Topic.EndsWith("/config", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_change_is_announced_two_seconds_later_at_the_earliest_and_only_where_it_is()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        var changed = DateTimeOffset.UtcNow;
        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [SmallHouse.Speaker("flip") with { Name = "Bath" }] });
        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [SmallHouse.Speaker("flip") with { Name = "Shower" }] });

        var heard = await ear.HearsAsync(Flip);
        Assert.Equal("Shower", (string?)JsonNode.Parse(heard.Text)!["dev"]!["name"]);
        Assert.True((heard.At - changed).TotalSeconds > 1.9);
        Assert.Single(ear.All, h => h.Topic.EndsWith("/config", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_that_goes_is_said_in_full_then_deleted_and_its_topics_are_emptied()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [] });

        await ear.HearsAsync(Flip, "");
        var said = ear.On(Flip);
        Assert.Equal(2, said.Count);
        Assert.Contains("\"cmps\"", said[0].Text, StringComparison.Ordinal);
        Assert.Equal("", ear.Last("tutti/speaker/flip/state"));
        Assert.Equal("", ear.Last("tutti/speaker/flip/availability"));
    }

    [Fact]
    public async Task What_was_removed_while_the_gateway_was_off_is_removed_and_once_more_after_the_next_birth()
    {
        var data = Directory.CreateTempSubdirectory("tutti-data-").FullName;
        await using var broker = await Mosquitto.StartAsync();
        var settings = new MqttSettings { Port = broker.Port };
        await using var ear = await Listener.StartAsync(broker.Port);
        await using (await GatewayRig.StartAsync(settings, SmallHouse.Make(), data)) await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        await using var gateway = await GatewayRig.StartAsync(settings, SmallHouse.Make() with { Speakers = [] }, data);
        await ear.HearsAsync("tutti/speaker/flip/state", "");
        await ear.HearsAsync(Flip, "", seconds: 25);
        ear.Forget();
        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Flip, "");

        Assert.Contains("\"cmps\"", ear.On(Flip)[0].Text, StringComparison.Ordinal);
        ear.Forget();
        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Group);
        Assert.Empty(ear.On(Flip));
        await gateway.StopAsync();
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_the_user_deletes_in_Home_Assistant_comes_back_at_the_next_birth_not_at_once(bool old)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port, Protocol = old ? MqttProtocol.V311 : MqttProtocol.V5 }, SmallHouse.Make());
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        await ear.SendAsync(Flip, "", retain: true);
        await Eventually.TrueAsync("the deletion is logged", () => gateway.Log.Any(l => l.Text.Contains("\"Flip flip\" was deleted in Home Assistant", StringComparison.Ordinal)));
        Assert.Single(ear.On(Flip));
        await ear.SendAsync(Status, "online");

        await ear.HearsAsync(Flip, h => h.Text.Length > 0);
    }
}
