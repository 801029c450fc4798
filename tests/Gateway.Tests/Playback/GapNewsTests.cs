using Gateway.Playback.Telemetry;

namespace Gateway.Tests.Playback;

public sealed class GapNewsTests
{
    private static readonly TimeSpan s_now = TimeSpan.FromDays(1000);
    private readonly GapNews _news = new();

    [Fact]
    public void The_first_gap_is_told_at_once_and_those_of_the_next_minute_together()
    {
        Assert.Equal(0, _news.Take(0, s_now));
        Assert.Equal(1, _news.Take(1, s_now));
        for (var second = 1; second < 60; second++) Assert.Equal(0, _news.Take(1 + second, s_now + TimeSpan.FromSeconds(second)));

        Assert.Equal(59, _news.Take(60, s_now + GapNews.Pause));
        Assert.Equal(0, _news.Take(60, s_now + 3 * GapNews.Pause));
        Assert.Equal(1, _news.Take(61, s_now + 3 * GapNews.Pause));
    }

    [Fact]
    public void A_count_that_begins_anew_is_told_anew() =>
        Assert.Equal([5, 0, 2], [_news.Take(5, s_now), _news.Take(0, s_now + TimeSpan.FromMinutes(2)), _news.Take(2, s_now + TimeSpan.FromMinutes(2))]);
}
