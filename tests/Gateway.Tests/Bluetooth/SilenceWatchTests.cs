using Gateway.Bluetooth.BlueZ;

namespace Gateway.Tests.Bluetooth;

public sealed class SilenceWatchTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly SilenceWatch _watch = new();

    [Fact]
    public void First_the_stream_is_opened_anew_then_the_link_is_made_anew_then_silence_is_believed()
    {
        Assert.True(_watch.IsWatched);
        Assert.Equal(Revival.Reopen, _watch.Silent(s_start));
        Assert.True(_watch.IsWatched);
        Assert.Equal(Revival.Reconnect, _watch.Silent(s_start));
        Assert.False(_watch.IsWatched);
        Assert.Equal(2, _watch.Stalls);
    }

    [Fact]
    public void A_packet_begins_it_all_anew_but_a_link_is_made_anew_at_most_every_two_minutes()
    {
        Revival Second(TimeSpan later)
        {
            _watch.Heard();
            _watch.Silent(s_start + later);
            return _watch.Silent(s_start + later);
        }

        Assert.Equal(Revival.Reconnect, Second(TimeSpan.Zero));
        Assert.Equal(Revival.Reopen, Second(TimeSpan.FromSeconds(119)));
        Assert.Equal(Revival.Reconnect, Second(TimeSpan.FromSeconds(120)));
    }
}
