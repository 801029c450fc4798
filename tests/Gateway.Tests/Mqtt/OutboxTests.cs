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
        _outbox.Close(mayBeOurs: false);

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

    [Fact]
    public void A_topic_that_is_emptied_twice_while_the_first_is_under_way_is_emptied_twice()
    {
        _outbox.Open(() => { });
        _outbox.Clear("state", Rank.State);
        Assert.True(_outbox.TryTake(out var first));
        _outbox.Clear("state", Rank.State);
        _outbox.Acknowledge(first);

        var second = Assert.Single(TakeAll());

        Assert.True(second.Payload.IsEmpty);
        _outbox.Acknowledge(second);
        _outbox.Close();
        _outbox.Open(() => { });
        Assert.Empty(TakeAll());
    }

    [Fact]
    public void An_answer_at_which_the_connection_ends_goes_alone_and_after_three_ends_no_more()
    {
        _outbox.Send(new Outgoing { Topic = "bad", Payload = Bytes("b"), Keep = true });
        _outbox.Send(new Outgoing { Topic = "good", Payload = Bytes("g"), Keep = true });
        _outbox.Open(() => { });
        Assert.Equal(["bad", "good"], TakeAll().Select(m => m.Topic));
        _outbox.Close(); // both were under way: either may be it

        for (var end = 2; end <= Outbox.MostEnds; end++)
        {
            Assert.Empty(_outbox.TakeDropped());
            _outbox.Open(() => { });
            Assert.True(_outbox.TryTake(out var bad));
            Assert.True(bad is { Topic: "bad", IsSuspect: true });
            Assert.False(_outbox.TryTake(out _)); // it goes alone
            _outbox.Close();
        }

        var dropped = Assert.Single(_outbox.TakeDropped());
        Assert.Equal(("bad", DropReason.EndsConnection), (dropped.Topic, dropped.Reason));
        _outbox.Open(() => { });
        Assert.True(_outbox.TryTake(out var good));
        Assert.Equal("good", good.Topic);
        _outbox.Acknowledge(good);
        _outbox.Send(new Outgoing { Topic = "next", Payload = Bytes("n"), Keep = true });
        _outbox.Send(new Outgoing { Topic = "and", Payload = Bytes("n"), Keep = true });
        Assert.Equal(["next", "and"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void A_state_at_which_the_connection_ends_is_given_up_until_it_is_smaller_or_the_broker_is_asked_anew()
    {
        _outbox.Retain("state", new byte[1000], Rank.State);
        End();
        End();
        End();
        Assert.Equal(DropReason.EndsConnection, Assert.Single(_outbox.TakeDropped()).Reason);

        _outbox.Open(() => { });
        _outbox.Retain("state", new byte[1001], Rank.State);
        Assert.Empty(TakeAll());
        _outbox.Retain("state", Bytes("small"), Rank.State);
        Assert.True(Assert.Single(TakeAll()).IsSuspect);
        _outbox.Close(mayBeOurs: false);
        _outbox.Retain("state", new byte[1000], Rank.State);
        _outbox.Forgive();

        _outbox.Open(() => { });
        var again = Assert.Single(TakeAll());
        Assert.True(again.IsSuspect);
        _outbox.Acknowledge(again);
        _outbox.Close();
        _outbox.Open(() => { });
        Assert.False(Assert.Single(TakeAll()).IsSuspect);

        void End()
        {
            _outbox.Open(() => { });
            Assert.Single(TakeAll());
            _outbox.Close();
        }
    }

    [Fact]
    public void Ends_that_have_other_reasons_count_against_nothing()
    {
        _outbox.Send(new Outgoing { Topic = "answer", Payload = Bytes("a"), Keep = true });
        for (var end = 0; end < 5; end++)
        {
            _outbox.Open(() => { });
            Assert.False(Assert.Single(TakeAll()).IsSuspect);
            _outbox.Close(mayBeOurs: false);
        }

        Assert.Empty(_outbox.TakeDropped());
    }

    [Fact]
    public void What_is_larger_than_the_broker_takes_is_not_sent_and_what_can_be_made_smaller_is()
    {
        _outbox.Retain("state", new byte[200], Rank.State);
        _outbox.Retain("small", new byte[10], Rank.State);
        _outbox.Send(new Outgoing { Topic = "answer", Payload = new byte[200], Shorter = () => new byte[20], Keep = true });
        _outbox.Send(new Outgoing { Topic = "event", Payload = new byte[200], Keep = true });

        _outbox.Open(() => { }, largestPacket: 100);

        Assert.Equal([("small", 10), ("answer", 20)], TakeAll().Select(m => (m.Topic, m.Payload.Length)));
        Assert.Equal([("state", 100L), ("event", 100L)], _outbox.TakeDropped().Select(d => (d.Topic, d.Limit)));
        _outbox.Close();
        _outbox.Open(() => { }, largestPacket: null);
        Assert.Contains("state", TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void A_size_that_ended_the_connection_is_learned_where_nothing_as_large_was_taken()
    {
        foreach (var topic in new[] { "a", "b", "c" }) _outbox.Retain(topic, new byte[5000], Rank.State);
        _outbox.Retain("small", new byte[10], Rank.State);
        for (var end = 0; end < Outbox.MostEnds; end++)
        {
            _outbox.Open(() => { });
            Assert.True(_outbox.TryTake(out var a));
            Assert.Equal("a", a.Topic);
            _outbox.Close();
        }

        _outbox.Open(() => { });

        Assert.Equal(["small"], TakeAll().Select(m => m.Topic));
        Assert.Equal([("a", DropReason.EndsConnection), ("a", DropReason.LikelyTooLarge), ("b", DropReason.LikelyTooLarge), ("c", DropReason.LikelyTooLarge)], _outbox.TakeDropped().Select(d => (d.Topic, d.Reason)));
    }

    [Fact]
    public void A_size_is_not_blamed_where_a_larger_message_was_taken()
    {
        _outbox.Retain("large", new byte[5000], Rank.State);
        _outbox.Open(() => { });
        _outbox.Acknowledge(Assert.Single(TakeAll()));
        _outbox.Send(new Outgoing { Topic = "deep", Payload = new byte[500], Keep = true });
        _outbox.TryTake(out _);
        _outbox.Close();
        for (var end = 2; end <= Outbox.MostEnds; end++)
        {
            _outbox.Open(() => { });
            _outbox.TryTake(out var large);
            _outbox.Acknowledge(large);
            Assert.Equal(["deep"], TakeAll().Select(m => m.Topic));
            _outbox.Close();
        }

        _outbox.Open(() => { });

        Assert.Equal(["large"], TakeAll().Select(m => m.Topic));
    }

    [Fact]
    public void What_is_said_at_the_opening_may_fail_and_the_rest_is_sent()
    {
        _outbox.Retain("state", Bytes("1"), Rank.State);

        Assert.Throws<IOException>(() => _outbox.Open(() => throw new IOException("disk full")));

        Assert.Equal(["state"], TakeAll().Select(m => m.Topic));
        _outbox.Send(new Outgoing { Topic = "sync", Payload = Bytes("1") });
        Assert.Equal(["sync"], TakeAll().Select(m => m.Topic));
    }

    [Theory]
    [InlineData("a", 1, 0)]
    [InlineData("tutti/response", 120, 2)]
    [InlineData("tutti/response", 200, 300)]
    [InlineData("tutti/küche", 20_000, 0)]
    public void The_size_of_a_packet_is_that_of_the_library(string topic, int payload, int correlation)
    {
        var message = new Outgoing { Topic = topic, Payload = new byte[payload], CorrelationData = new byte[correlation] };
        var packet = new MQTTnet.Packets.MqttPublishPacket
        {
            Topic = topic, PayloadSegment = new byte[payload], CorrelationData = correlation == 0 ? null : new byte[correlation], PacketIdentifier = 1,
            QualityOfServiceLevel = MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce,
        };
        var written = new MQTTnet.Formatter.V5.MqttV5PacketEncoder(new MQTTnet.Formatter.MqttBufferWriter(4096, 65_536)).Encode(packet);

        Assert.Equal(written.Length, message.PacketBytes);
    }

    [Fact]
    public void What_a_broker_without_words_leaves_out_is_known_when_a_later_and_smaller_one_comes_back()
    {
        _outbox.Open(() => { }, returning: new ReturningMessages(["config/+", "online"]));
        _outbox.Retain("config/small", Bytes("1"), Rank.State);
        _outbox.Retain("config/large", Bytes(new string('2', 5000)), Rank.State);
        _outbox.Retain("state", Bytes(new string('3', 9000)), Rank.State); // nobody listens there
        _outbox.Retain("config/middle", Bytes(new string('4', 500)), Rank.State);
        _outbox.Retain("online", Bytes("1"), Rank.Gateway);
        var sent = TakeAll().ToDictionary(m => m.Topic);

        Hear("online", "0"); // somebody else's
        Hear("config/small", "1");
        _outbox.Heard(new MQTTnet.MqttApplicationMessage { Topic = "online", Payload = new(Bytes("1")), Retain = true }); // stood there before
        Assert.Empty(_outbox.TakeDropped());
        Hear("config/middle", new string('4', 500));
        Assert.Equal(new DroppedMessage("config/large", sent["config/large"].PacketBytes, DropReason.LeftOut, sent["config/middle"].PacketBytes), Assert.Single(_outbox.TakeDropped()));
        Hear("online", "1");
        Assert.Empty(_outbox.TakeDropped());

        void Hear(string topic, string text) => _outbox.Heard(new MQTTnet.MqttApplicationMessage { Topic = topic, Payload = new(Bytes(text)) });
    }

    [Fact]
    public void What_is_missing_and_smaller_than_what_came_back_was_not_left_out_for_its_size()
    {
        _outbox.Open(() => { }, returning: new ReturningMessages(["config/+"]));
        _outbox.Retain("config/a", Bytes(new string('1', 500)), Rank.State);
        _outbox.Retain("config/b", Bytes(new string('2', 5000)), Rank.State);
        TakeAll();

        _outbox.Heard(new MQTTnet.MqttApplicationMessage { Topic = "config/b", Payload = new(Bytes(new string('2', 5000))) });

        Assert.Empty(_outbox.TakeDropped());
    }

    private List<Outgoing> TakeAll()
    {
        var all = new List<Outgoing>();
        while (_outbox.TryTake(out var message)) all.Add(message);
        return all;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
