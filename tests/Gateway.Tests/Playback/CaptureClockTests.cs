using Gateway.Playback.Calibration;

namespace Gateway.Tests.Playback;

public sealed class CaptureClockTests
{
    private const double NanosecondsPerSample = 1e9 / 48_000;
    private readonly CaptureClock _clock = new();

    [Fact]
    public void The_promptest_reader_tells_when_a_recording_began_however_late_the_others_were()
    {
        var random = new Random(1);
        for (var block = 1; block <= 100; block++) Arrive(block * 960, delayMs: block == 40 ? 0 : random.Next(1, 400));

        Assert.Equal(5e9, _clock.LeastDelay(0, sample => sample * NanosecondsPerSample)!.Value, 1.0);
    }

    [Fact]
    public void Behind_a_gap_everything_is_later_and_before_it_nothing()
    {
        for (var block = 1; block <= 200; block++) Arrive(block * 960, delayMs: (block > 100 ? 3000 : 0) + (block % 3));

        Assert.Equal(0, _clock.LeastDelay(0, At)!.Value, 1.0);
        Assert.Equal(3e9, _clock.LeastDelay((100 * 960) + 1, At)!.Value, 1.0);
    }

    [Fact]
    public void Nothing_has_arrived_from_there_on()
    {
        Assert.Null(_clock.LeastDelay(0, At));
        Arrive(960, 0);
        Assert.Null(_clock.LeastDelay(961, At));
    }

    [Fact]
    public void Only_the_last_arrivals_are_remembered()
    {
        for (var block = 1; block <= 20_000; block++) Arrive(block * 960, delayMs: block == 1 ? 0 : 7);

        Assert.Equal(7e6, _clock.LeastDelay(0, At)!.Value, 1.0);
    }

    private static double At(long sample) => 5e9 + (sample * NanosecondsPerSample);

    private void Arrive(long end, double delayMs) => _clock.Note(end, (long)(At(end) + (delayMs * 1e6)));
}
