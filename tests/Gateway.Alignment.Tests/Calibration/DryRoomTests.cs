using Gateway.Alignment.Calibration;
using Gateway.Alignment.Dsp;
using Gateway.Benchmarks.Alignment;
using static Gateway.Alignment.Tests.Calibration.DryRoom;

namespace Gateway.Alignment.Tests.Calibration;

/// <summary>Few and strong reflections, clean recordings, odd speakers: what rooms of many reflections do not show.</summary>
public sealed class DryRoomTests
{
    private const int Rate = 48_000;

    /// <summary>One reflection makes a ripple in the recording's spectrum, and that a ghost before the other speaker's arrival.</summary>
    [Theory]
    [InlineData(15)]
    [InlineData(48)]
    [InlineData(144)]
    [InlineData(336)]
    public void A_single_strong_reflection_of_one_speaker_does_not_move_the_other(int reflectionFrames)
    {
        var set = new ProbeSet(2);

        var result = Analyse(set, Hear(set, (0, 0, 0.5f), (0, reflectionFrames, 0.45f), (1, 0, 0.5f)));

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal((LateFrames[0] - LateFrames[1]) / 0.048, result.Speakers[0].RelativeUs!.Value, 30.0);
    }

    /// <summary>A table's, 0.12 to 0.25 ms behind, and louder: the direct sound is the earlier one. A fainter one's ghost, as far before it, is none.</summary>
    [Theory]
    [InlineData(6, 0.6f)]
    [InlineData(6, 0.9f)]
    [InlineData(6, 1.2f)]
    [InlineData(6, -1.2f)]
    [InlineData(9, 1.5f)]
    [InlineData(9, 2f)]
    [InlineData(12, 2.5f)]
    public void A_reflection_right_behind_the_direct_sound_does_not_move_the_arrival(int reflectionFrames, float gain)
    {
        var set = new ProbeSet(2);

        var result = Analyse(set, Hear(set, (0, 0, 0.2f), (0, reflectionFrames, 0.2f * gain), (1, 0, 0.3f)));

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal((LateFrames[0] - LateFrames[1]) / 0.048, result.Speakers[0].RelativeUs!.Value, 30.0);
    }

    [Theory]
    [InlineData(1, -100)]
    [InlineData(2, 75)]
    [InlineData(2, -60)]
    public void A_clean_recording_of_few_speakers_shows_any_skew(int speakers, double skewPpm)
    {
        var set = new ProbeSet(speakers);
        var heard = SkewedRecorder.Record(Hear(set, [.. Enumerable.Range(0, speakers).Select(k => (k, 0, 0.5f))]), skewPpm);

        var result = Analyse(set, heard);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal(skewPpm, result.SkewPpm!.Value, 1.0);
        Assert.All(result.Speakers, s => Assert.Equal((LateFrames[s.Speaker] - LateFrames[speakers - 1]) / 0.048, s.RelativeUs!.Value, 20.0));
    }

    [Fact]
    public void The_third_probe_decides_where_one_is_off_by_little()
    {
        var set = new ProbeSet(2, probes: 3);
        var heard = Hear(set, (0, 0, 0.5f));
        Add(heard, HoldBack(set.Render(1), probe: 1, frames: 24), LateFrames[1], 0.5f);

        var result = Analyse(set, heard);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal((LateFrames[0] - LateFrames[1]) / 0.048, result.Speakers[0].RelativeUs!.Value, 20.0);
    }

    [Fact]
    public void A_speaker_that_moved_by_much_is_unstable_also_where_two_of_three_probes_agree()
    {
        var set = new ProbeSet(2, probes: 3);
        var heard = Hear(set, (0, 0, 0.5f));
        Add(heard, HoldBack(set.Render(1), probe: 2, frames: 480), LateFrames[1], 0.5f);

        var result = Analyse(set, heard);

        Assert.True(result.Speakers[0].IsAccepted, result.Speakers[0].Explanation);
        Assert.Equal(CalibrationRejection.Unstable, result.Speakers[1].Rejection);
        Assert.Contains("moved by 10.0 ms", result.Speakers[1].Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_speaker_without_treble_is_named_and_the_other_measured()
    {
        var set = new ProbeSet(2);
        var heard = Hear(set, (0, 0, 0.02f));
        var dull = Array.ConvertAll(set.Render(1), x => (double)x);
        for (var pass = 0; pass < 4; pass++) IirFilter.LowPass(3_000, Rate).Process(dull);
        Add(heard, Array.ConvertAll(dull, x => (float)x), LateFrames[1], 1);

        var result = Analyse(set, heard);

        Assert.True(result.Speakers[0].IsAccepted, result.Speakers[0].Explanation);
        Assert.Equal(CalibrationRejection.Bandwidth, result.Speakers[1].Rejection);
        Assert.Contains("without treble", result.Speakers[1].Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_begun_after_the_first_probe_says_so()
    {
        var set = new ProbeSet(2);

        var result = Analyse(set, Hear(set, (0, 0, 0.5f), (1, 0, 0.5f))[(PreFrames + 3 * Rate / 2)..]);

        Assert.Equal(CalibrationRejection.TooShort, result.Rejection);
        Assert.Contains("begins after the first probe did", result.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_that_the_recorder_lost_between_the_probes_are_not_taken_for_skew()
    {
        var set = new ProbeSet(2);
        var heard = Hear(set, (0, 0, 0.5f), (1, 0, 0.5f));

        var result = Analyse(set, [.. heard[..(8 * Rate)], .. heard[(8 * Rate + 40)..]]);

        Assert.All(result.Speakers, s => Assert.Equal(CalibrationRejection.Disagreement, s.Rejection));
        Assert.Null(result.SkewPpm);
    }

    private static float[] HoldBack(float[] signal, int probe, int frames)
    {
        var (from, until) = (ProbeSet.GetProbeStart(probe) - 4_000, ProbeSet.GetProbeStart(probe) + 200_000);
        until = Math.Min(until, signal.Length - frames);
        var held = (float[])signal.Clone();
        signal.AsSpan(from, until - from).CopyTo(held.AsSpan(from + frames));
        return held;
    }
}
