using Gateway.PulseAudio;

namespace Gateway.Tests.PulseAudio;

/// <summary>Sound servers that lie about time.</summary>
public sealed class PulseClockTests
{
    private const int Rate = 48_000;
    private const long Period = 5_000_000;

    private readonly PulseClock _clock = new(Rate);
    private long _now = 1_000_000_000;

    [Fact]
    public void It_is_sure_when_ten_readings_fit_one_another_and_garbage_before_them_counts_for_nothing()
    {
        Assert.False(Add(1e9));
        Assert.False(Add(double.NaN));
        Assert.False(Add(-1e12));

        for (var i = 1; i < PulseClock.Convincing; i++) Assert.False(Add(True()));
        Assert.True(Add(True()));

        Assert.True(_clock.IsSure);
        Assert.Equal(True(), _clock.PlayedAt(_now), 1.0);
    }

    [Fact]
    public void Readings_that_jump_out_of_line_or_go_back_in_time_are_refused_and_the_line_stays()
    {
        Settle();

        Assert.False(Add(True() + 4_800));
        Assert.False(Add(True() - 4_800));
        Assert.False(_clock.TryAdd(True() - 240, _now - Period));
        Assert.False(Add(double.PositiveInfinity));
        Assert.True(Add(True()));
        Assert.True(Add(True() + 300)); // a device takes whole periods
        Assert.Equal(PulseClockFault.None, _clock.Fault);
    }

    [Fact]
    public void A_device_that_has_moved_is_believed_when_it_says_so_ten_times_and_meanwhile_nothing_is_fresh()
    {
        Settle();
        const double Moved = -2_400;

        for (var i = 1; i < PulseClock.Convincing; i++) Assert.False(Add(True() + Moved));
        Assert.True(Add(True() + Moved));

        Assert.True(_clock.IsFresh(_now));
        Assert.Equal(True() + Moved, _clock.PlayedAt(_now), 1.0);
        Assert.False(_clock.IsFresh(_now + 400_000_000));
    }

    [Theory]
    [InlineData(0.0, PulseClockFault.Stands)]
    [InlineData(2.0, PulseClockFault.WrongRate)]
    [InlineData(0.5, PulseClockFault.WrongRate)]
    [InlineData(1.0003, PulseClockFault.None)]
    [InlineData(0.9997, PulseClockFault.None)]
    internal void A_clock_that_stands_or_runs_at_another_rate_is_told_and_that_of_a_crystal_is_not(double rate, PulseClockFault expected)
    {
        Settle();
        var (from, at) = (True(), _now);

        for (var i = 0; i < 20_000 && _clock.Fault == PulseClockFault.None; i++)
        {
            Tick();
            _clock.TryAdd(from + ((_now - at) * rate * Rate / 1e9), _now);
        }

        Assert.Equal(expected, _clock.Fault);
    }

    [Fact]
    public void A_clock_that_contradicts_itself_is_told()
    {
        Settle();
        var random = new Random(4);

        for (var i = 0; i < 20_000 && _clock.Fault == PulseClockFault.None; i++) Add(True() + (random.NextDouble() * 100_000));

        Assert.Equal(PulseClockFault.Contradicts, _clock.Fault);
    }

    private double True() => (_now - 1_000_000_000) * (Rate / 1e9);

    private void Tick() => _now += Period;

    private bool Add(double played)
    {
        var taken = _clock.TryAdd(played, _now);
        Tick();
        return taken;
    }

    private void Settle()
    {
        for (var i = 0; i <= PulseClock.Convincing; i++) Add(True());
        Assert.True(_clock.IsSure);
    }
}
