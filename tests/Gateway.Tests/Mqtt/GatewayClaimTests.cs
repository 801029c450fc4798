using System.Buffers;
using System.Text;
using Gateway.Mqtt;

namespace Gateway.Tests.Mqtt;

public sealed class GatewayClaimTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private readonly Wire _wire = new();

    [Fact]
    public void The_later_one_gives_way_whatever_the_clocks_say()
    {
        var first = _wire.Come(new GatewayClaim(s_start.AddYears(10), "a", "attic"));
        var second = _wire.Come(new GatewayClaim(s_start, "b", "barn"));

        Assert.Null(first.Winner);
        Assert.Equal("attic", second.Winner?.Host);
        Assert.Equal(
            "Another gateway with the id \"home\" runs on this broker already: on the machine \"attic\", since 2036-01-31 12:00 UTC. This one stops, before they undo each other's work. Stop the other one, or give this one a gateway.id of its own (and, where it is set, a mqtt.client_id).",
            second.Sentence("home"));
    }

    [Fact]
    public void A_claim_of_a_run_that_ended_is_no_gateway_nor_is_one_that_the_broker_repeats()
    {
        var ended = new GatewayClaim(s_start, "a", "attic");
        _wire.Publish(ended.Say());
        var old = _wire.Retained;

        var next = _wire.Come(new GatewayClaim(s_start, "b", "barn"));
        _wire.Publish(old);
        _wire.Publish(old);

        Assert.True(next.HasFound);
        Assert.Null(next.Winner);
    }

    [Fact]
    public void The_first_that_comes_back_finds_the_second_and_the_second_gives_way()
    {
        var first = _wire.Come(new GatewayClaim(s_start.AddHours(1), "a", "attic"));
        _wire.Leave(first);
        var second = _wire.Come(new GatewayClaim(s_start, "b", "barn"));
        Assert.Null(second.Winner);

        _wire.Come(first);

        Assert.Equal("attic", second.Winner?.Host);
        Assert.Null(first.Winner);
    }

    /// <summary>With one client id for both, the broker lets in only the one that came last.</summary>
    [Fact]
    public void Two_that_throw_each_other_out_agree_too()
    {
        var first = _wire.Come(new GatewayClaim(s_start, "a", "attic"));
        _wire.Leave(first);
        var second = _wire.Come(new GatewayClaim(s_start, "b", "barn"));
        _wire.Leave(second);
        _wire.Come(first);
        _wire.Leave(first);

        _wire.Come(second);

        Assert.Equal("attic", second.Winner?.Host);
        Assert.Null(first.Winner);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"token":"","number":1,"host":"h"}""")]
    [InlineData("""{"token":"x","number":"1"}""")]
    public void What_is_no_claim_is_left_alone(string payload)
    {
        var claim = _wire.Come(new GatewayClaim(s_start, "a", "attic"));

        Assert.False(claim.Hear(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(payload))));
        Assert.Null(claim.Winner);
    }

    [Fact]
    public void A_gateway_that_stands_does_not_give_way_to_a_stranger_s_older_claim_unless_both_came_at_once()
    {
        var standing = _wire.Come(new GatewayClaim(s_start, "a", "attic"));
        _wire.Come(new GatewayClaim(s_start.AddDays(1), "z", "zoo")); // gives way

        Assert.Null(standing.Winner);
    }

    [Fact]
    public void No_conversation_goes_on_for_ever()
    {
        var claim = _wire.Come(new GatewayClaim(s_start.AddYears(-30), "a", "attic"));

        var answers = Enumerable.Range(1, 1000).Count(n => claim.Hear(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($$"""{"token":"x","number":{{n}},"after":null,"since":"2026-01-01T00:00:00+00:00","host":"h"}"""))));

        Assert.Equal(20, answers);
        Assert.Null(claim.Winner);
    }

    /// <summary>A broker with one topic: everybody hears everything in one order, and who comes hears first what is retained.</summary>
    private sealed class Wire
    {
        private readonly List<GatewayClaim> _there = [];
        private readonly Queue<byte[]> _messages = new();

        public byte[] Retained { get; private set; } = [];

        public GatewayClaim Come(GatewayClaim claim)
        {
            claim.Connected();
            _there.Add(claim);
            if (Retained.Length > 0 && claim.Hear(new ReadOnlySequence<byte>(Retained))) _messages.Enqueue(claim.Say());
            Publish(claim.Say());
            return claim;
        }

        public void Leave(GatewayClaim claim) => _there.Remove(claim);

        public void Publish(byte[] payload)
        {
            _messages.Enqueue(payload);
            while (_messages.TryDequeue(out var next))
            {
                Retained = next;
                foreach (var claim in _there.ToArray())
                {
                    if (claim.Hear(new ReadOnlySequence<byte>(next))) _messages.Enqueue(claim.Say());
                }
            }
        }
    }
}
