using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Timing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Playback;

public sealed class OutputTroublesTests
{
    private static readonly PlaybackMember s_bath = new("bath", "Bath", new OutputRef("bluez", "a", "a|SBC|own"), 0);
    private static readonly PlaybackMember s_hall = new("hall", "Hall", new OutputRef("bluez", "b", "b|SBC|own"), 0);

    private readonly FakeTimeProvider _time = new();
    private readonly List<PlaybackEvent> _told = [];
    private readonly OutputTroubles _troubles;

    public OutputTroublesTests() =>
        _troubles = new OutputTroubles(() => new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60), _time, () => 0), _time, _told.Add, NullLogger.Instance);

    [Fact]
    public void An_output_that_closes_again_and_again_is_had_again_at_once_and_then_less_and_less_often()
    {
        double[] waits = [0, 1, 2, 4, 8, 16, 30, 30];

        Assert.Equal(waits, waits.Select(_ => SecondsUntilItMayBeOpened()));
    }

    [Fact]
    public void One_that_has_stood_for_a_while_is_had_again_soon()
    {
        for (var i = 0; i < 5; i++) SecondsUntilItMayBeOpened();
        _troubles.Opened(s_bath);
        _time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(1, SecondsUntilItMayBeOpened());
    }

    [Fact]
    public void A_fault_is_told_once_and_is_nobody_elses()
    {
        for (var i = 0; i < 3; i++) _troubles.Lost("party", s_bath, new InvalidOperationException(), null);

        Assert.Equal("The sound to Bath ended by an internal fault; the log has it.", Assert.Single(_told).Text);
        Assert.Equal(["bath"], _troubles.Problems.Keys);
        Assert.False(_troubles.MustWait(s_hall));
    }

    private double SecondsUntilItMayBeOpened()
    {
        _troubles.Lost("party", s_bath, null, "It closed.");
        var seconds = 0;
        for (; _troubles.MustWait(s_bath); seconds++) _time.Advance(TimeSpan.FromSeconds(1));
        return seconds;
    }
}
