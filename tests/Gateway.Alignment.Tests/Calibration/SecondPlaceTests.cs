using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tests.Calibration;

public sealed class SecondPlaceTests
{
    [Fact]
    public void A_speaker_that_moved_further_than_sound_explains_is_no_longer_accepted()
    {
        var first = Result(-10_000, -5_000, 0, -2_000);
        var second = Result(-9_500, -5_300, 0, -6_000);

        var near = SecondPlace.Confirm(first, second, 0.5);
        var far = SecondPlace.Confirm(first, second, 1);

        Assert.Equal([true, true, true, false], near.Speakers.Select(s => s.IsAccepted));
        Assert.Equal((CalibrationRejection.Disagreement, CalibrationRejection.Disagreement, null), (near.Rejection, near.Speakers[3].Rejection, near.Speakers[3].RelativeUs));
        Assert.Equal("It is 3.9 ms earlier at the second place, against the others, and 0.5 m explain 3.1 ms: at one of the places something stands before it. Choose places that see every speaker.", near.Speakers[3].Explanation);
        Assert.Equal(first.Speakers.Select(s => s.RelativeUs), far.Speakers.Select(s => s.RelativeUs));
    }

    [Fact]
    public void When_the_slowest_is_rejected_the_next_one_has_0()
    {
        var confirmed = SecondPlace.Confirm(Result(-10_000, -5_000, 0), Result(-8_000, -3_000, -9_000), 0.5);

        Assert.Equal([-5_000.0, 0.0, null], confirmed.Speakers.Select(s => s.RelativeUs));
    }

    [Fact]
    public void A_speaker_that_the_second_place_did_not_measure_is_not_confirmed()
    {
        var confirmed = SecondPlace.Confirm(Result(-10_000, -5_000, 0), Result(-10_100, null, 0), 0.1);

        Assert.Equal(CalibrationRejection.NoProbe, confirmed.Speakers[1].Rejection);
        Assert.StartsWith("At the second place it was not measured: ", confirmed.Speakers[1].Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_that_contradict_one_another_neither_is_believed() =>
        Assert.All(SecondPlace.Confirm(Result(-10_000, 0), Result(-3_000, 0), 0.5).Speakers, s => Assert.Equal(CalibrationRejection.Disagreement, s.Rejection));

    [Fact]
    public void Runs_of_different_groups_and_impossible_distances_are_refused()
    {
        Assert.Throws<ArgumentException>(() => SecondPlace.Confirm(Result(0), Result(0, -1), 1));
        Assert.Throws<ArgumentException>(() => SecondPlace.Confirm(Result(0), Result(0), double.NaN));
        Assert.Throws<ArgumentException>(() => SecondPlace.Confirm(Result(0), Result(0), -1));
    }

    private static CalibrationResult Result(params double?[] relativeUs) => new(
        CalibrationRejection.None, "", 0, 0,
        [.. relativeUs.Select((us, i) => new SpeakerArrival(i, us is null ? CalibrationRejection.NoProbe : CalibrationRejection.None, "", us + 50_000, us, 20, 1, 0))]);
}
