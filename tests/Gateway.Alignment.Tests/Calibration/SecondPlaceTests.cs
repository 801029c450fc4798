using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tests.Calibration;

public sealed class SecondPlaceTests
{
    [Fact]
    public void A_speaker_that_moved_further_than_sound_explains_is_named()
    {
        var first = Result(-10_000, -5_000, 0, -2_000);
        var second = Result(-9_500, -5_300, 0, -6_000);

        Assert.Equal([3], SecondPlace.FindContradictions(first, second, 0.5));
        Assert.Empty(SecondPlace.FindContradictions(first, second, 1));
    }

    [Fact]
    public void A_speaker_that_one_run_rejected_is_left_out()
    {
        var first = Result(-10_000, null, 0);
        var second = Result(-10_100, -90_000, 0);

        Assert.Empty(SecondPlace.FindContradictions(first, second, 0.1));
    }

    [Fact]
    public void Runs_of_different_groups_are_refused() =>
        Assert.Throws<ArgumentException>(() => SecondPlace.FindContradictions(Result(0), Result(0, -1), 1));

    private static CalibrationResult Result(params double?[] relativeUs) => new(
        CalibrationRejection.None, "", 0, 0, [.. relativeUs.Select((us, i) => new SpeakerArrival(i, us is null ? CalibrationRejection.NoProbe : CalibrationRejection.None, "", us, us, 20, 1, 0))]);
}
