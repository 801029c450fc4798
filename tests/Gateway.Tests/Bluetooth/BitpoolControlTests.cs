using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

public sealed class BitpoolControlTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Congestion_lowers_the_bitpool_one_step_a_second_down_to_what_is_worth_sending()
    {
        var control = new BitpoolControl(2, 53);
        var seen = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            control.Congested(i * Second / 2);
            seen.Add(control.Current);
        }

        Assert.Equal([46, 46, 40, 40, 35, 35, 30, 30, 26, 26, 23, 23, 20, 20, 20, 20, 20, 20, 20, 20], seen);
    }

    [Fact]
    public void It_rises_slowly_and_only_after_ten_calm_seconds()
    {
        var control = new BitpoolControl(2, 53);
        control.Congested(0);

        control.Calm(9 * Second);
        Assert.Equal(46, control.Current);
        control.Calm(10 * Second);
        Assert.Equal(48, control.Current);
        control.Calm(11 * Second);
        Assert.Equal(48, control.Current);
        for (var i = 2; i < 9; i++) control.Calm(i * 10 * Second);
        Assert.Equal(53, control.Current);
    }

    [Fact]
    public void A_sink_that_takes_little_is_never_sent_more_nor_less_than_it_takes()
    {
        var control = new BitpoolControl(15, 18);
        for (var i = 0; i < 30; i++) control.Congested(i * Second);

        Assert.Equal(18, control.Current);
    }
}
