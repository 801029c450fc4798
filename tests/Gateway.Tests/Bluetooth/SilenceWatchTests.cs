using Gateway.Bluetooth.A2dp;


namespace Gateway.Tests.Bluetooth;

public sealed class SilenceWatchTests
{
    private static readonly TimeSpan s_start = TimeSpan.FromDays(1000);
    private readonly SilenceWatch _watch = new();

    [Fact]
    public void First_the_stream_is_opened_anew_then_the_link_is_made_anew_then_silence_is_believed()
    {
        Assert.Equal(SilenceWatch.Patience, _watch.PatienceAt(s_start));
        Assert.False(_watch.IsStalled);
        Assert.Equal(Revival.Reopen, _watch.Silent(s_start));
        Assert.Equal(SilenceWatch.Patience, _watch.PatienceAt(s_start));
        Assert.Equal(Revival.Reconnect, _watch.Silent(s_start));
        Assert.Null(_watch.PatienceAt(s_start));
        Assert.True(_watch.IsStalled);
    }

    [Fact]
    public void A_stall_counts_once_however_often_it_was_revived()
    {
        _watch.Silent(s_start);
        _watch.Silent(s_start);
        Assert.Equal(1, _watch.Stalls);
        _watch.Heard();
        _watch.Silent(s_start);
        Assert.Equal(2, _watch.Stalls);
    }

    [Fact]
    public void A_second_stall_within_two_minutes_waits_for_them_to_pass_and_then_its_link_is_made_anew()
    {
        _watch.Silent(s_start);
        Assert.Equal(Revival.Reconnect, _watch.Silent(s_start));
        _watch.Heard();

        var again = s_start + TimeSpan.FromSeconds(90);
        Assert.Equal(SilenceWatch.Patience, _watch.PatienceAt(again));
        Assert.Equal(Revival.Reopen, _watch.Silent(again));
        Assert.Equal(TimeSpan.FromSeconds(30), _watch.PatienceAt(again));
        Assert.Equal(Revival.Reconnect, _watch.Silent(again + TimeSpan.FromSeconds(30)));
    }
}
