using Gateway.Playback;

namespace Gateway.Tests.Playback;

public sealed class GapNewsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly GapNews _news = new();

    [Fact]
    public void The_first_gap_is_told_at_once_and_those_of_the_next_minute_together()
    {
        Assert.Equal(0, _news.Take(0, s_now));
        Assert.Equal(1, _news.Take(1, s_now));
        for (var second = 1; second < 60; second++) Assert.Equal(0, _news.Take(1 + second, s_now.AddSeconds(second)));

        Assert.Equal(59, _news.Take(60, s_now + GapNews.Pause));
        Assert.Equal(0, _news.Take(60, s_now + 3 * GapNews.Pause));
        Assert.Equal(1, _news.Take(61, s_now + 3 * GapNews.Pause));
    }

    [Fact]
    public void A_clock_that_is_set_back_holds_no_gap_up() =>
        Assert.Equal([1, 1], [_news.Take(1, s_now), _news.Take(2, s_now.AddHours(-2))]);

    [Fact]
    public void A_count_that_begins_anew_is_told_anew() =>
        Assert.Equal([5, 0, 2], [_news.Take(5, s_now), _news.Take(0, s_now.AddMinutes(2)), _news.Take(2, s_now.AddMinutes(2))]);
}
