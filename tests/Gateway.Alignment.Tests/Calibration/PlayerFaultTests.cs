using Gateway.Alignment.Calibration;
using Gateway.Benchmarks.Alignment;
using static Gateway.Alignment.Tests.Calibration.DryRoom;

namespace Gateway.Alignment.Tests.Calibration;

/// <summary>What the one who plays the files can do wrong: two speakers with one file, several machines, a start that was given up.</summary>
public sealed class PlayerFaultTests
{
    private const int Rate = 48_000;

    [Theory]
    [InlineData(14_400, 0.5f)]
    [InlineData(14_400, 1f)]
    [InlineData(-9_600, 0.3f)]
    [InlineData(2_400, 1f)]
    [InlineData(43_000, 1f)]
    public void A_file_that_sounds_from_two_speakers_gives_no_delay(int framesLater, float gain)
    {
        var set = new ProbeSet(2);

        var result = Analyse(set, Hear(set, (0, 0, 0.4f), (0, framesLater, gain * 0.4f), (1, 0, 0.4f)));

        Assert.True(result.Speakers[1].IsAccepted, result.Speakers[1].Explanation);
        Assert.Equal(CalibrationRejection.Disagreement, result.Speakers[0].Rejection);
        Assert.StartsWith("Two sounds carry its probe, ", result.Speakers[0].Explanation, StringComparison.Ordinal);
        Assert.Null(result.Speakers[0].DelayUs);
    }

    [Fact]
    public void Where_they_differ_from_probe_to_probe_in_loudness_they_are_still_two()
    {
        var set = new ProbeSet(2);
        var heard = Hear(set, (0, 0, 0.2f), (1, 0, 0.4f));
        var fading = set.Render(0);
        for (var n = ProbeSet.GetProbeStart(1) - Rate; n < fading.Length; n++) fading[n] *= 0.25f;
        Add(heard, fading, LateFrames[0] + 9_600, 0.4f);

        var result = Analyse(set, heard);

        Assert.StartsWith("Two sounds carry its probe, 200 ms apart: ", result.Speakers[0].Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(720)]
    [InlineData(1_200)]
    public void A_reflection_within_40_ms_is_no_second_speaker(int reflectionFrames)
    {
        var set = new ProbeSet(2);

        var result = Analyse(set, Hear(set, (0, 0, 0.4f), (0, reflectionFrames, 0.35f), (1, 0, 0.4f)));

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal((LateFrames[0] - LateFrames[1]) / 0.048, result.Speakers[0].RelativeUs!.Value, 30.0);
    }

    [Theory]
    [InlineData("0 30", "1: 30 slower, 2: 30 faster")]
    [InlineData("0 -60", "1: 60 faster, 2: 60 slower")]
    [InlineData("20 -20 40", "1: 10 faster, 2: 50 slower, 3: 40 faster")]
    [InlineData("0 0 0 50", "4: 50 faster")]
    [InlineData("-80 0 0", "1: 80 slower")]
    public void Players_of_unlike_clocks_are_told_so_and_get_no_delay(string clocksPpm, string told)
    {
        var clocks = clocksPpm.Split(' ').Select(double.Parse).ToArray();
        var set = new ProbeSet(clocks.Length);
        var heard = SkewedRecorder.Record(Play(set, clocks), 33);

        var result = Analyse(set, heard);

        var faults = told.Split(", ").ToDictionary(fault => fault[0] - '1', fault => fault[3..].Split(' '));
        Assert.Equal(faults.Keys, result.Speakers.Where(speaker => !speaker.IsAccepted).Select(speaker => speaker.Speaker));
        Assert.All(faults, fault =>
        {
            var speaker = result.Speakers[fault.Key];
            Assert.Equal((CalibrationRejection.Disagreement, null), (speaker.Rejection, speaker.RelativeUs));
            Assert.StartsWith($"Its player's clock runs {fault.Value[0]} ppm {fault.Value[1]} than the others': one delay cannot hold", speaker.Explanation, StringComparison.Ordinal);
        });
        if (result.Speakers.Any(speaker => speaker.IsAccepted)) Assert.Equal(33, result.SkewPpm!.Value, 1.0);
        else Assert.Null(result.SkewPpm);
    }

    [Fact]
    public void A_start_that_was_given_up_does_not_hide_the_run_behind_it()
    {
        var set = new ProbeSet(2);
        var whole = Hear(set, (0, 0, 0.4f), (1, 0, 0.4f));
        var pause = new float[4 * Rate];

        var result = Analyse(set, [.. whole[..(9 * Rate)], .. pause, .. whole]);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal((LateFrames[0] - LateFrames[1]) / 0.048, result.Speakers[0].RelativeUs!.Value, 20.0);
        Assert.Equal(13e6 + (PreFrames + ProbeSet.LeadInFrames + LateFrames[0]) / 0.048, result.Speakers[0].ArrivalUs!.Value, 100.0);
    }

    [Fact]
    public void A_start_that_was_given_up_and_not_made_good_is_told_so()
    {
        var set = new ProbeSet(2);
        var whole = Hear(set, (0, 0, 0.4f), (1, 0, 0.4f));
        whole.AsSpan(9 * Rate).Clear();

        var result = Analyse(set, whole);

        Assert.All(result.Speakers, speaker => Assert.Equal(CalibrationRejection.LowQuality, speaker.Rejection));
        Assert.All(result.Speakers, speaker => Assert.Matches(@"^It is heard in one probe only \(quality \d+\.\d, then \d\.\d\): did it stop, or was it started twice\?", speaker.Explanation));
    }

    private static float[] Play(ProbeSet set, double[] clocksPpm)
    {
        var heard = Hear(set);
        for (var speaker = 0; speaker < clocksPpm.Length; speaker++) Add(heard, SkewedRecorder.Record(set.Render(speaker), -clocksPpm[speaker]), LateFrames[speaker], 0.4f);
        return heard;
    }
}
