using Gateway.Mqtt;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Mqtt;

public sealed class RetryPausesTests
{
    private static readonly ConnectFailure s_refused = new("nothing listens there", "");
    private static readonly ConnectFailure s_silent = new("the host does not answer", "", Unread: true);
    private static readonly ConnectFailure s_takenOver = new("another client connected with our client id", "", TakenOver: true);

    private readonly FakeTimeProvider _time = new();
    private readonly RetryPauses _pauses;

    public RetryPausesTests() => _pauses = new RetryPauses(new MqttTimings(), _time, () => 0);

    [Fact]
    public void However_long_the_broker_was_away_it_is_found_within_eight_seconds() =>
        Assert.Equal([1, 2, 4, 8, 8, 8], Enumerable.Range(0, 6).Select(_ => Ends(s_refused)));

    [Fact]
    public void A_client_that_takes_our_id_twice_keeps_us_away_no_longer_than_any_loss() =>
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(_ => Ends(s_takenOver, after: 1)));

    [Fact]
    public void A_client_that_takes_our_id_again_and_again_has_more_and_more_time_to_itself() =>
        Assert.Equal([1, 2, 8, 16, 32, 60, 60], Enumerable.Range(0, 7).Select(_ => Ends(s_takenOver, after: 1)));

    [Fact]
    public void An_end_without_a_word_between_takeovers_is_no_sign_that_they_are_over()
    {
        Ends(s_takenOver, after: 1);
        Ends(s_takenOver, after: 1);
        Ends(s_refused);

        Assert.Equal(8, Ends(s_takenOver, after: 1));
    }

    [Fact]
    public void When_the_other_does_not_come_back_it_is_forgotten()
    {
        for (var i = 0; i < 5; i++) Ends(s_takenOver, after: 1);

        Assert.Equal([1, 2, 8], new[] { 11, 1, 1 }.Select(after => Ends(s_takenOver, after)));
    }

    /// <summary>A broker that stood still reads the tries of that time one after the other, and each takes the session from the one before.</summary>
    [Fact]
    public void Our_own_earlier_tries_are_no_other_client()
    {
        for (var i = 0; i < 3; i++) Ends(s_silent);

        for (var i = 0; i < 3; i++)
        {
            _pauses.Opened();
            var (failure, wait) = _pauses.Ended(s_takenOver);
            Assert.Equal((ConnectFailure.OfOwnTry, TimeSpan.FromSeconds(8)), (failure, wait));
        }

        _pauses.Opened();
        Assert.Equal(s_takenOver, _pauses.Ended(s_takenOver).Failure);
    }

    [Fact]
    public void Tries_from_before_a_good_connection_excuse_nobody()
    {
        Ends(s_silent);
        _pauses.Opened();
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(s_takenOver, _pauses.Ended(s_takenOver).Failure);
    }

    /// <summary>Seconds until the next try; <paramref name="after"/>: how long the connection stood.</summary>
    private double Ends(ConnectFailure failure, int after = 0)
    {
        if (after > 0) _pauses.Opened();
        _time.Advance(TimeSpan.FromSeconds(after));
        return _pauses.Ended(failure).Wait.TotalSeconds;
    }
}
