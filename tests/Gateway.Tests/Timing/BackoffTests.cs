using Gateway.Timing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Timing;

public sealed class BackoffTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Waits_double_up_to_the_longest()
    {
        var backoff = Make(random: 0);

        var waits = Enumerable.Range(0, 7).Select(_ => backoff.Failed().TotalSeconds).ToArray();

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], waits);
    }

    [Fact]
    public void Jitter_shortens_by_at_most_a_quarter() => Assert.Equal(0.75, Make(random: 1).Failed().TotalSeconds, 6);

    [Fact]
    public void A_connection_that_lasted_starts_over()
    {
        var backoff = Make(random: 0);
        for (var i = 0; i < 5; i++) backoff.Failed();
        backoff.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, backoff.Failed().TotalSeconds);
    }

    [Fact]
    public void A_connection_that_did_not_last_goes_on_doubling()
    {
        var backoff = Make(random: 0);
        for (var i = 0; i < 3; i++) backoff.Failed();
        backoff.Succeeded();
        _time.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(8, backoff.Failed().TotalSeconds);
    }

    [Fact]
    public void A_given_least_wait_is_kept() => Assert.Equal(60, Make(random: 0).Failed(TimeSpan.FromSeconds(60)).TotalSeconds);

    [Fact]
    public void Ten_thousand_failures_do_not_overflow()
    {
        var backoff = Make(random: 0);

        var last = Enumerable.Range(0, 10_000).Select(_ => backoff.Failed()).ToArray()[^1];

        Assert.Equal(30, last.TotalSeconds);
    }

    private Backoff Make(double random) => new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), _time, () => random);
}
