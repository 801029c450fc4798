using System.Text;
using Gateway.Mqtt;

namespace Gateway.Tests.Mqtt;

public sealed class OutboxTests
{
    private readonly Outbox _outbox = new();

    [Fact]
    public void A_connection_gets_discovery_then_states_then_availability_then_the_gateway_then_what_was_kept()
    {
        _outbox.Send(new Outgoing { Topic = "response", Payload = Bytes("r"), Keep = true });
        _outbox.Retain("online", Bytes("1"), Rank.Gateway);
        _outbox.Retain("availability", Bytes("1"), Rank.Availability);
        _outbox.Retain("state", Bytes("1"), Rank.State);

        _outbox.Open(() => _outbox.Retain("config", Bytes("1"), Rank.Discovery));

        Assert.Equal(["config", "state", "availability", "online", "response"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void What_is_published_while_the_connection_opens_comes_after_discovery()
    {
        _outbox.Open(() =>
        {
            _outbox.Retain("state", Bytes("1"), Rank.State);
            _outbox.Send(new Outgoing { Topic = "event", Payload = Bytes("e"), Keep = true });
            _outbox.Retain("config", Bytes("1"), Rank.Discovery);
        });

        Assert.Equal(["config", "state", "event"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void Only_the_latest_payload_of_a_topic_is_sent()
    {
        _outbox.Open(() => { });
        _outbox.Retain("state", Bytes("1"), Rank.State);
        _outbox.Retain("state", Bytes("2"), Rank.State);

        var sent = Assert.Single(TakeAll());

        Assert.Equal("2", Encoding.UTF8.GetString(sent.Payload.Span));
        Assert.True(sent.Retain);
    }

    [Fact]
    public void Retained_topics_are_said_again_at_each_connection_and_discovery_is_not_remembered()
    {
        _outbox.Retain("state", Bytes("1"), Rank.State);
        _outbox.Open(() => _outbox.Retain("config", Bytes("1"), Rank.Discovery));
        foreach (var message in TakeAll()) _outbox.Acknowledge(message);
        _outbox.Close();

        _outbox.Open(() => { });

        Assert.Equal(["state"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void A_kept_message_that_was_not_acknowledged_is_sent_again_first_and_an_acknowledged_one_never()
    {
        _outbox.Open(() => { });
        foreach (var name in new[] { "a", "b", "c" }) _outbox.Send(new Outgoing { Topic = name, Payload = Bytes(name), Keep = true });
        _outbox.TryTake(out var a);
        _outbox.TryTake(out _);
        _outbox.Acknowledge(a);
        _outbox.Close();

        _outbox.Open(() => { });

        Assert.Equal(["b", "c"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void Telemetry_is_dropped_without_a_connection_and_with_its_end()
    {
        _outbox.Send(new Outgoing { Topic = "sync", Payload = Bytes("1") });
        _outbox.Open(() => { });
        _outbox.Send(new Outgoing { Topic = "sync", Payload = Bytes("2") });
        _outbox.Close();

        _outbox.Open(() => { });

        Assert.Empty(TakeAll());
    }

    [Fact]
    public void The_oldest_of_too_many_is_dropped_and_counted()
    {
        for (var i = 0; i < Outbox.Capacity + 3; i++) _outbox.Send(new Outgoing { Topic = $"{i}", Payload = Bytes("e"), Keep = true });
        _outbox.Open(() => { });

        var sent = TakeAll();

        Assert.Equal(Outbox.Capacity, sent.Count);
        Assert.Equal("3", sent[0].Topic);
        Assert.Equal((3, 0), (_outbox.TakeOverflow(), _outbox.TakeOverflow()));
    }

    [Fact]
    public void A_cleared_topic_is_emptied_at_the_next_connection_until_the_broker_has_it_and_then_forgotten()
    {
        _outbox.Retain("state", Bytes("1"), Rank.State);
        _outbox.Clear("state", Rank.State);
        _outbox.Open(() => { });
        Assert.True(Assert.Single(TakeAll()).Payload.IsEmpty);
        _outbox.Close();
        _outbox.Open(() => { });
        var again = Assert.Single(TakeAll());
        _outbox.Acknowledge(again);
        _outbox.Close();

        _outbox.Open(() => { });

        Assert.Empty(TakeAll());
    }

    private List<Outgoing> TakeAll()
    {
        var all = new List<Outgoing>();
        while (_outbox.TryTake(out var message)) all.Add(message);
        return all;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
