using System.Text.Json.Nodes;
using Gateway.HomeAssistant;

namespace Gateway.Tests.HomeAssistant;

public sealed class DiscoveryPlanTests
{
    private const string Prefix = "homeassistant";
    private static readonly TimeSpan s_start = TimeSpan.FromDays(1000);
    private readonly Dictionary<string, string> _store = [];
    private DiscoveryPlan _plan = new([], Prefix);

    [Fact]
    public void On_connect_everything_goes_at_once_in_order()
    {
        _plan.Update([Device("gateway"), Device("flip")], At(0));
        Assert.Empty(_plan.TakeDue(At(0)));

        _plan.Connected(At(1));

        Assert.Equal(["gateway", "flip"], Take(1).Select(m => m.Device));
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void The_first_house_after_the_connection_goes_at_once()
    {
        _plan.Connected(At(0));
        _plan.Update([Device("gateway")], At(5));

        Assert.Single(Take(5));
    }

    [Fact]
    public void Equal_payloads_are_not_sent_twice_between_births()
    {
        Start(Device("flip"));

        _plan.Update([Device("flip")], At(10));

        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void Two_messages_of_a_device_are_two_seconds_apart()
    {
        Start(Device("flip"));

        _plan.Update([Device("flip", "a")], At(0.5));

        Assert.Equal(At(2), _plan.NextDue);
        Assert.Empty(Take(1.9));
        Assert.Single(Take(2));
    }

    [Fact]
    public void A_birth_brings_everything_again_once_however_often_it_is_heard()
    {
        Start(Device("gateway"), Device("flip"));

        foreach (var at in new[] { 100, 100.1, 100.2 }) _plan.Birth(At(at), TimeSpan.FromSeconds(0.7));

        Assert.Empty(Take(100.6));
        Assert.Equal(["gateway", "flip"], Take(100.7).Select(m => m.Device));
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void A_birth_right_after_a_message_keeps_the_spacing_and_the_order()
    {
        Start(Device("gateway"), Device("flip"));
        _plan.Update([Device("gateway", "a"), Device("flip")], At(10));
        Take(10);

        _plan.Birth(At(10.1), TimeSpan.FromSeconds(0.5));

        Assert.Equal(At(12), _plan.NextDue);
        Assert.Equal(["gateway", "flip"], Take(12).Select(m => m.Device));
    }

    [Fact]
    public void A_removed_device_is_said_in_full_and_then_deleted_and_with_a_running_Home_Assistant_forgotten()
    {
        Start(Device("flip"));
        _plan.Birth(At(5), TimeSpan.FromSeconds(1));
        Take(6);

        _plan.Update([], At(20));

        Assert.Contains("sensor_a", Assert.Single(Take(20)).Text, StringComparison.Ordinal);
        Assert.Equal("", Assert.Single(Take(22)).Text);
        Assert.Empty(Take(24));
        Assert.Empty(_store);
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void A_deleted_devices_states_are_read_until_Home_Assistant_has_had_its_moment()
    {
        var topic = Device("flip").Topic;
        Assert.False(_plan.IsRead(topic));
        Start(Device("flip"));
        Assert.True(_plan.IsRead(topic));

        _plan.Update([], At(20));
        Take(20);
        Take(22);

        Assert.True(_plan.IsRead(topic));
        Assert.Empty(_plan.TakeSettled());
        Assert.Equal(At(24), _plan.NextDue);
        Take(24);
        Assert.Equal([topic], _plan.TakeSettled());
        Assert.False(_plan.IsRead(topic));
        Assert.Empty(_plan.TakeSettled());
    }

    [Fact]
    public void What_is_missing_at_start_is_read_until_it_is_deleted()
    {
        Start(Device("gateway"), Device("flip"));
        Restart();
        Assert.True(_plan.IsRead(Device("flip").Topic));

        _plan.Update([Device("gateway")], At(100));
        _plan.Connected(At(100));

        foreach (var at in new[] { 100, 110, 112.0 })
        {
            Take(at);
            Assert.True(_plan.IsRead(Device("flip").Topic));
        }

        Take(114);
        Assert.False(_plan.IsRead(Device("flip").Topic));
    }

    [Fact]
    public void A_deletion_that_may_have_been_lost_with_the_connection_is_said_again()
    {
        Start(Device("flip"));
        _plan.Birth(At(5), TimeSpan.FromSeconds(1));
        Take(6);
        _plan.Update([], At(20));
        Take(20);
        Take(22);

        _plan.Disconnected();
        Assert.True(_plan.IsRead(Device("flip").Topic));
        _plan.Connected(At(30));

        Assert.NotEqual("", Assert.Single(Take(30)).Text);
        Assert.Equal("", Assert.Single(Take(32)).Text);
    }

    [Fact]
    public void Without_a_known_Home_Assistant_a_removal_is_repeated_once_after_the_next_birth()
    {
        Start(Device("flip"));
        _plan.Update([], At(20));
        Take(20);
        Take(22);
        Take(24);
        Assert.Single(_store);
        Assert.Null(_plan.NextDue);

        _plan.Birth(At(100), TimeSpan.FromSeconds(1));

        Assert.NotEqual("", Assert.Single(Take(101)).Text);
        Assert.Equal("", Assert.Single(Take(103)).Text);
        Take(105);
        Assert.Empty(_store);
        _plan.Birth(At(200), TimeSpan.FromSeconds(1));
        Assert.Empty(Take(202));
    }

    [Fact]
    public void A_removed_device_that_returns_is_not_deleted()
    {
        Start(Device("flip"));
        _plan.Update([], At(20));
        Take(20);

        _plan.Update([Device("flip")], At(21));

        Assert.NotEqual("", Assert.Single(Take(22)).Text);
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void What_is_missing_at_start_gets_a_grace_and_is_then_removed()
    {
        Start(Device("gateway"), Device("flip"));
        Restart();

        _plan.Update([Device("gateway")], At(100));
        _plan.Connected(At(100));

        Assert.Equal(["gateway"], Take(100).Select(m => m.Device));
        Assert.Empty(Take(109.9));
        Assert.NotEqual("", Assert.Single(Take(110)).Text);
        Assert.Equal("", Assert.Single(Take(112)).Text);
    }

    [Fact]
    public void What_is_late_at_start_is_not_removed()
    {
        Start(Device("gateway"), Device("flip"));
        Restart();
        _plan.Connected(At(100));
        _plan.Update([Device("gateway")], At(100));
        Take(100);

        _plan.Update([Device("gateway"), Device("flip")], At(105));

        Assert.Equal(["flip"], Take(105).Select(m => m.Device));
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void A_component_that_went_is_said_in_full_then_as_a_tombstone_and_then_no_more()
    {
        Start(Device("flip", "a", "battery"));
        _plan.Birth(At(5), TimeSpan.FromSeconds(1));
        Take(6);

        _plan.Update([Device("flip", "a")], At(20));

        Assert.Contains("\"sensor_battery\":{\"p\":\"sensor\",\"uniq_id\":\"flip_battery\"}", Assert.Single(Take(20)).Text, StringComparison.Ordinal);
        Assert.Contains("\"sensor_battery\":{\"p\":\"sensor\"}", Assert.Single(Take(22)).Text, StringComparison.Ordinal);
        _plan.Birth(At(100), TimeSpan.FromSeconds(1));
        Assert.DoesNotContain("battery", Assert.Single(Take(101)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_that_went_while_the_gateway_was_off_is_buried_too()
    {
        Start(Device("flip", "a", "battery"));
        Restart();
        _plan.Connected(At(50));
        _plan.Update([Device("flip", "a")], At(50));
        Assert.Contains("flip_battery", Assert.Single(Take(50)).Text, StringComparison.Ordinal);
        Assert.Contains("\"sensor_battery\":{\"p\":\"sensor\"}", Assert.Single(Take(52)).Text, StringComparison.Ordinal);

        Restart(); // before any Home Assistant was seen: still to be done
        _plan.Connected(At(60));
        _plan.Update([Device("flip", "a")], At(60));

        Assert.Contains("flip_battery", Assert.Single(Take(60)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_component_that_returns_has_no_tombstone()
    {
        Start(Device("flip", "a", "battery"));
        _plan.Update([Device("flip", "a")], At(20));
        Take(20);

        _plan.Update([Device("flip", "a", "battery")], At(21));

        Assert.Contains("flip_battery", Assert.Single(Take(22)).Text, StringComparison.Ordinal);
        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void What_was_announced_under_another_prefix_is_emptied()
    {
        Start(Device("flip"));
        _plan = new DiscoveryPlan(_store, "ha");

        _plan.Connected(At(50));

        Assert.Equal(("flip", ""), Assert.Single(Take(50)));
        Assert.Empty(_store);
    }

    [Fact]
    public void A_damaged_record_is_told_and_kept()
    {
        _store["homeassistant/device/x/config"] = "{\"config\":[";
        _store["homeassistant/device/y/config"] = "{\"config\":{\"cmps\":{}},\"dropped\":{\"a\":null}}";
        Restart();

        _plan.Connected(At(0));
        _plan.Update([Device("flip")], At(0));

        Assert.Equal(["flip"], Take(0).Select(m => m.Device));
        Assert.Equal(["homeassistant/device/x/config", "homeassistant/device/y/config"], _plan.Unreadable);
        Assert.Equal(3, _store.Count);
    }

    [Theory]
    [InlineData("""{"config":{"cmps":{}},"config":{"cmps":{}}}""")]
    [InlineData("""{"config":{"cmps":{"a":{"p":"sensor"},"a":{"p":"sensor"}}}}""")]
    [InlineData("""{"config":{"cmps":{}},"dropped":{"a":{"p":1}}}""")]
    [InlineData("""{"config":{"cmps":{}},"dropped":{"a":{"p":"\ud800"}}}""")]
    [InlineData("""{"config":{"dev":"x","cmps":{}}}""")]
    [InlineData("""{"config":{"cmps":{"a":[]}}}""")]
    public void A_record_that_would_fail_when_it_is_used_is_damaged(string record)
    {
        _store["homeassistant/device/x/config"] = record;
        Restart();

        _plan.Connected(At(0));
        _plan.Update([Device("flip")], At(0));

        Assert.Equal(["flip"], Take(0).Select(m => m.Device));
        Assert.Equal(["homeassistant/device/x/config"], _plan.Unreadable);
        Assert.Empty(Take(30));
    }

    [Fact]
    public void Nothing_is_planned_without_a_connection()
    {
        Start(Device("flip"));
        _plan.Disconnected();

        _plan.Update([Device("flip", "a")], At(10));
        _plan.Birth(At(11), TimeSpan.Zero);

        Assert.Null(_plan.NextDue);
        Assert.Empty(Take(60));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_that_only_the_broker_remembers_is_said_in_full_and_then_deleted(bool houseIsKnown)
    {
        _plan.Connected(At(0));
        if (houseIsKnown) _plan.Update([Device("flip")], At(0));
        _plan.Find(Device("old"), At(1));
        if (!houseIsKnown) _plan.Update([Device("flip")], At(1));

        Assert.DoesNotContain(Take(10.9), m => m.Device == "old"); // it may only be late
        Assert.Contains("cmps", Assert.Single(Take(11), m => m.Device == "old").Text, StringComparison.Ordinal);
        Assert.Equal([("old", "")], Take(13));
        Assert.Contains("homeassistant/device/old/config", _store.Keys); // no Home Assistant was seen: once more after its birth
    }

    [Fact]
    public void A_device_that_comes_late_after_it_was_found_on_the_broker_is_not_deleted()
    {
        Start(Device("flip"));
        _plan.Find(Device("late", "a", "b"), At(1));

        _plan.Update([Device("flip"), Device("late", "a")], At(5));

        Assert.Equal(["late"], Take(5).Select(m => m.Device));
        Assert.Contains("\"sensor_b\":{\"p\":\"sensor\"}", Assert.Single(Take(7)).Text, StringComparison.Ordinal);
        Assert.Empty(Take(60));
    }

    [Fact]
    public void A_component_that_only_the_broker_remembers_is_taken_away_and_a_tombstone_is_none()
    {
        Start(Device("flip", "a"));
        var held = Device("flip", "a", "old");
        held.Components["sensor_gone"] = new JsonObject { ["p"] = "sensor" };
        _plan.Find(held, At(5));

        Assert.Contains("\"sensor_old\":{\"p\":\"sensor\",\"uniq_id\"", Assert.Single(Take(5)).Text, StringComparison.Ordinal);
        var told = Assert.Single(Take(7)).Text;
        Assert.Contains("\"sensor_old\":{\"p\":\"sensor\"}", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sensor_gone", told, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_broker_holds_of_a_house_that_did_not_change_is_no_news()
    {
        Start(Device("flip"));

        _plan.Find(Device("flip"), At(5));

        Assert.Null(_plan.NextDue);
    }

    [Fact]
    public void A_device_that_another_gateway_announces_meanwhile_is_left_to_it()
    {
        Start(Device("flip"), Device("lamp"));
        _plan.Update([Device("flip")], At(5));

        _plan.Lose("homeassistant/device/lamp/config");
        _plan.Lose("homeassistant/device/flip/config");

        Assert.Empty(Take(60));
        Assert.Equal(["homeassistant/device/flip/config"], _store.Keys);
    }

    private static TimeSpan At(double seconds) => s_start + TimeSpan.FromSeconds(seconds);

    private static DiscoveryConfig Device(string name, params string[] components)
    {
        var all = new JsonObject();
        foreach (var component in components.Length == 0 ? ["a", "b"] : components) all[$"sensor_{component}"] = new JsonObject { ["p"] = "sensor", ["uniq_id"] = $"{name}_{component}" };
        return new DiscoveryConfig($"{Prefix}/device/{name}/config", new JsonObject { ["dev"] = new JsonObject { ["name"] = name }, ["cmps"] = all });
    }

    private void Start(params DiscoveryConfig[] devices)
    {
        _plan.Connected(At(0));
        _plan.Update(devices, At(0));
        Take(0);
    }

    private void Restart() => _plan = new DiscoveryPlan(_store, Prefix);

    private List<(string Device, string Text)> Take(double at)
    {
        var due = _plan.TakeDue(At(at)).Select(m => (m.Topic.Split('/')[2], m.Text)).ToList();
        foreach (var (topic, record) in _plan.TakeChanges())
        {
            if (record is null) _store.Remove(topic);
            else _store[topic] = record;
        }

        return due;
    }
}
