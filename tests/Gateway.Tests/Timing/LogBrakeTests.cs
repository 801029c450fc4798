using Gateway.Timing;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Timing;

public sealed class LogBrakeTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<int> _told = [];
    private readonly LogBrake _brake;

    public LogBrakeTests() => _brake = new LogBrake(_time, _told.Add);

    [Fact]
    public void Some_lines_pass_and_the_others_are_told_with_their_number_when_the_minute_is_over()
    {
        Assert.Equal(LogBrake.Most, Enumerable.Range(0, 1000).Count(_ => _brake.Passes()));
        Assert.Empty(_told);

        _time.Advance(LogBrake.Window);

        Assert.Equal([1000 - LogBrake.Most], _told);
        Assert.True(_brake.Passes());
        _time.Advance(LogBrake.Window * 3);
        Assert.Single(_told);
    }

    [Fact]
    public void A_flood_of_ten_minutes_leaves_a_few_lines_a_minute()
    {
        var passed = 0;
        for (var second = 0; second < 600; second++)
        {
            for (var i = 0; i < 100; i++) passed += _brake.Passes() ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(10 * LogBrake.Most, passed);
        Assert.Equal(60_000 - passed, _told.Sum());
        Assert.Equal(10, _told.Count);
    }

    [Fact]
    public void A_line_now_and_then_always_passes()
    {
        for (var minute = 0; minute < 100; minute++)
        {
            Assert.True(_brake.Passes());
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Empty(_told);
    }
}
