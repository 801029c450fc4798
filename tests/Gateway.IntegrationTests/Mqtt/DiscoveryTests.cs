using System.Text.Json.Nodes;
using Gateway.Configuration;
using Gateway.HomeAssistant;
using Gateway.House;
using Gateway.Mqtt;
using Gateway.Storage;

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

    [Theory]
    [MemberData(nameof(WallSteps.All), MemberType = typeof(WallSteps))]
    public async Task Whatever_the_clock_on_the_wall_was_set_to_a_birth_and_a_change_are_heard(string step)
    {
        var wall = new SteppedTime(TimeProvider.System);
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(new MqttSettings { Port = broker.Port }, SmallHouse.Make(), time: wall);
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();
        wall.Set(WallSteps.Of(step, wall.GetUtcNow()));

        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Group);
        ear.Forget();
        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [SmallHouse.Speaker("flip") with { Name = "Bath" }] });
        await ear.HearsAsync(Flip);
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
    public async Task A_device_that_goes_is_said_in_full_then_deleted_and_then_its_topics_are_emptied()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var gateway = await GatewayRig.StartAsync(broker, SmallHouse.Make());
        await using var ear = await Listener.StartAsync(broker.Port);
        await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        ear.Forget();

        gateway.Hub.Publish(SmallHouse.Make() with { Speakers = [] });

        await ear.HearsAsync("tutti/speaker/flip/state", "");
        var said = ear.All.Where(h => h.Topic == Flip || h.Topic.StartsWith("tutti/speaker/flip/", StringComparison.Ordinal)).ToList();
        Assert.Equal([Flip, Flip, "tutti/speaker/flip/availability", "tutti/speaker/flip/state"], said.Select(h => h.Topic));
        Assert.Contains("\"cmps\"", said[0].Text, StringComparison.Ordinal);
        Assert.All(said.Skip(1), h => Assert.Equal("", h.Text));
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
        await ear.HearsAsync("tutti/speaker/flip/state", "", seconds: 30);
        Assert.Equal([Flip, Flip, "tutti/speaker/flip/availability", "tutti/speaker/flip/state"], ear.All.Where(h => h.Topic == Flip || h.Topic.StartsWith("tutti/speaker/flip/", StringComparison.Ordinal)).Select(h => h.Topic));
        ear.Forget();
        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Flip, "");

        Assert.Contains("\"cmps\"", ear.On(Flip)[0].Text, StringComparison.Ordinal);
        await Eventually.TrueAsync("Home Assistant has had its moment, and the speaker is forgotten", () => !gateway.Store.All(DiscoveryPublisher.Scope).ContainsKey(Flip));
        ear.Forget();
        await ear.SendAsync(Status, "online");
        await ear.HearsAsync(Group);
        Assert.Empty(ear.On(Flip));
        await gateway.StopAsync();
        Directory.Delete(data, recursive: true);
    }

    [Theory]
    [InlineData(MqttProtocol.V5, false)]
    [InlineData(MqttProtocol.V311, false)]
    [InlineData(MqttProtocol.V5, true)]
    public async Task What_a_lost_store_forgot_is_found_on_the_broker_and_emptied_and_another_gateway_s_is_not(MqttProtocol protocol, bool knowsItsStates)
    {
        const string Lamp = "homeassistant/device/tutti_speaker_lamp/config", Radio = "homeassistant/device/tutti_speaker_radio/config", Gateway = "homeassistant/device/tutti_gateway_gw1/config";
        await using var broker = await Mosquitto.StartAsync();
        var settings = new MqttSettings { Port = broker.Port, Protocol = protocol };
        await using var ear = await Listener.StartAsync(broker.Port);
        var before = SmallHouse.Make() with
        {
            Speakers = [SmallHouse.Speaker("flip"), SmallHouse.Speaker("lamp")], Groups = [new GroupDocument { Id = "party", Name = "Party" }, new GroupDocument { Id = "dance", Name = "Dance" }],
        };
        await using (await GatewayRig.StartAsync(settings, before)) await ear.HearsAsync("tutti/gateway/gw1/availability", "online");
        // A second gateway on the same base topic: with a group of the same id, and it has taken over the speaker lamp.
        var others = SmallHouse.Make() with { Gateway = SmallHouse.Make().Gateway with { Id = "gw2" }, Echoes = [], Transmitters = [], Speakers = [SmallHouse.Speaker("lamp"), SmallHouse.Speaker("radio")] };
        await using var other = await GatewayRig.StartAsync(settings, others, id: "gw2");
        await ear.HearsAsync("tutti/gateway/gw2/availability", "online");
        await ear.SendAsync("homeassistant/device/tutti_speaker_odd/config", "{ \"o\": [", retain: true);
        ear.Forget();
        var data = Directory.CreateTempSubdirectory("tutti-data-").FullName;
        if (knowsItsStates)
        {
            // A store that lost only the discovery: another gateway has taken over the lamp in an earlier run.
            using var store = Store.Open(data, TimeProvider.System);
            store.Put(StatePublisher.Scope, [new("speaker/flip", ""), new("speaker/lamp", ""), new("group/dance", "")]);
        }

        await using var gateway = await GatewayRig.StartAsync(settings, SmallHouse.Make() with { Speakers = [], Groups = [], Routines = [] }, data);

        await ear.HearsAsync("tutti/speaker/flip/state", "", seconds: 30);
        await ear.HearsAsync("tutti/speaker/flip/availability", "");
        foreach (var topic in new[] { "homeassistant/device/tutti_group_gw1_dance/config", "tutti/group/dance/availability", "tutti/group/dance/state", Flip, Group }) await ear.HearsAsync(topic, "");
        await Eventually.TrueAsync("the routine's scene is taken away", () => ear.Last(Gateway)?.Contains("\"scene_routine_movie\":{\"p\":\"scene\"}", StringComparison.Ordinal) == true);
        var emptied = ear.All.Where(h => h.Text.Length == 0).Select(h => h.Topic).ToList();
        Assert.True(emptied.IndexOf(Flip) < emptied.IndexOf("tutti/speaker/flip/state"), string.Join('\n', emptied));
        Assert.Equal(
            [Group, "homeassistant/device/tutti_group_gw1_dance/config", Flip, "tutti/group/dance/availability", "tutti/group/dance/state", "tutti/speaker/flip/availability", "tutti/speaker/flip/state"],
            emptied.Order(StringComparer.Ordinal).OrderBy(t => t.StartsWith("tutti/", StringComparison.Ordinal)).ThenBy(t => t != Group));
        await using var later = await Listener.StartAsync(broker.Port);
        foreach (var topic in new[] { Lamp, Radio, "tutti/speaker/lamp/state", "tutti/speaker/radio/availability", "tutti/group/party/state", "homeassistant/device/tutti_group_gw2_party/config", "homeassistant/device/tutti_speaker_odd/config" })
        {
            await later.HearsAsync(topic, h => h.Retain && h.Text.Length > 0);
        }

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
        await ear.HearsAsync(Flip, h => h.Text.Length > 0); // what the broker kept comes in its own order
        ear.Forget();

        await ear.SendAsync(Flip, "", retain: true);
        await Eventually.TrueAsync("the deletion is logged", () => gateway.Log.Any(l => l.Text.Contains("\"Flip flip\" was deleted in Home Assistant", StringComparison.Ordinal)));
        await ear.HearsAsync(Flip, ""); // the gateway may have heard it before us
        Assert.Single(ear.On(Flip));
        await ear.SendAsync(Status, "online");

        await ear.HearsAsync(Flip, h => h.Text.Length > 0);
    }
}
