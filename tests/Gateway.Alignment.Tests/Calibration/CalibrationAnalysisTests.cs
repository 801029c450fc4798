using Gateway.Alignment.Calibration;
using Gateway.Alignment.Dsp;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Calibration;

public sealed class CalibrationAnalysisTests(CalibrationFixture fixture) : IClassFixture<CalibrationFixture>
{
    private const int Rate = 48_000;
    private readonly CalibrationRecording _recording = fixture.Recording;

    private float[] Good => (float[])_recording.Samples.Clone();

    [Fact]
    public void A_good_recording_gives_every_speaker_within_50_us_and_the_skew_within_1_ppm()
    {
        var result = Analyse(Good);

        Assert.Equal("All 3 speakers were measured.", result.Explanation);
        Assert.Equal(60, result.SkewPpm!.Value, 1.0);
        Assert.All(result.Speakers, speaker => Assert.Equal(_recording.GetTrueRelativeUs(speaker.Speaker), speaker.RelativeUs!.Value, 50.0));
        Assert.Equal(0, result.Speakers.Max(speaker => speaker.RelativeUs));
        Assert.All(result.Speakers, speaker => Assert.Equal(-speaker.RelativeUs!.Value, speaker.DelayUs!.Value, 1e-9));
    }

    [Fact]
    public void A_recording_at_44100_Hz_gives_the_same()
    {
        var resampled = Resample(Good, 44_100);

        var result = CalibrationAnalysis.Analyse(resampled, 1, 44_100, _recording.Set);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.All(result.Speakers, speaker => Assert.Equal(_recording.GetTrueRelativeUs(speaker.Speaker), speaker.RelativeUs!.Value, 50.0));
    }

    [Fact]
    public void A_dead_channel_is_left_out_and_the_other_used()
    {
        var result = CalibrationAnalysis.Analyse(Interleave(new float[Good.Length], Good), 2, Rate, _recording.Set);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal(1, result.Channel);
    }

    [Fact]
    public void A_clipped_channel_is_left_out_where_the_other_is_clean()
    {
        var result = CalibrationAnalysis.Analyse(Interleave(Clip(Good), Good), 2, Rate, _recording.Set);

        Assert.True(result.IsAccepted, result.Explanation);
        Assert.Equal(1, result.Channel);
    }

    [Fact]
    public void Silence_is_no_probe() => AssertRejected(new float[900_000], CalibrationRejection.NoProbe, "The recording is silent");

    [Fact]
    public void Nothing_at_all_is_too_short() => AssertRejected([], CalibrationRejection.TooShort, "The recording is 0.0 s long");

    [Fact]
    public void Room_noise_alone_is_no_probe() =>
        AssertRejected(Array.ConvertAll(Gateway.Alignment.Acoustics.RoomNoise.Create(3, 700_000), x => 0.05f * (float)x), CalibrationRejection.NoProbe, "No speaker's probe is heard");

    [Fact]
    public void Another_run_is_no_probe()
    {
        var result = CalibrationAnalysis.Analyse(Good, 1, Rate, new ProbeSet(3, series: 7));

        Assert.Equal(CalibrationRejection.NoProbe, result.Rejection);
        Assert.All(result.Speakers, speaker => Assert.Null(speaker.RelativeUs));
    }

    [Fact]
    public void An_overdriven_recording_is_clipped() => AssertRejected(Clip(Good), CalibrationRejection.Clipped, "overdriven");

    [Fact]
    public void A_recording_that_ends_early_is_too_short() => AssertRejected(Good[..640_000], CalibrationRejection.TooShort, "before the last probe does");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_value_that_is_no_number_is_invalid(float value)
    {
        var samples = Good;
        samples[123_456] = value;

        AssertRejected(samples, CalibrationRejection.Invalid, "not numbers");
    }

    [Fact]
    public void A_recording_at_16_kHz_lacks_bandwidth()
    {
        var result = CalibrationAnalysis.Analyse(Resample(Good, 16_000), 1, 16_000, _recording.Set);

        Assert.Equal(CalibrationRejection.Bandwidth, result.Rejection);
        Assert.Contains("Set the recorder to 48 000 Hz", result.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_once_at_16_kHz_lacks_bandwidth_whatever_its_rate_is_now()
    {
        var narrow = Resample(Good, 16_000);
        var widened = new float[Good.Length];
        Fill(new Resampler(16_000, Rate), narrow, widened, 16_000.0 / Rate);

        AssertRejected(widened, CalibrationRejection.Bandwidth, "without treble");
    }

    [Fact]
    public void A_shape_that_is_no_recording_is_invalid() =>
        Assert.Equal(CalibrationRejection.Invalid, CalibrationAnalysis.Analyse(new float[7], 2, Rate, _recording.Set).Rejection);

    [Fact]
    public void A_speaker_that_does_not_sound_is_named_and_the_others_are_measured()
    {
        var recording = CalibrationRecording.Create(new ProbeSet(2), 3, 10, alter: (k, signal) => k == 1 ? new float[signal.Length] : signal);

        var result = CalibrationAnalysis.Analyse(recording.Samples, 1, Rate, recording.Set);

        Assert.Equal(CalibrationRejection.NoProbe, result.Rejection);
        Assert.True(result.Speakers[0].IsAccepted);
        Assert.Equal("1 of 2 speakers were measured. Speaker 2: Its probe is not heard: check that it is on, connected and not muted, and that it started within a second of the others.", result.Explanation);
    }

    [Theory]
    [InlineData(240, CalibrationRejection.Unstable, "It moved by 5.0 ms between two probes")]
    [InlineData(24, CalibrationRejection.Disagreement, "Its probes differ by 5")]
    public void A_speaker_that_moves_between_two_probes_is_named_and_the_others_are_measured(int frames, CalibrationRejection rejection, string words)
    {
        var recording = CalibrationRecording.Create(new ProbeSet(2), 4, 10, 30, alter: (k, signal) => k == 1 ? HoldBackSecondProbe(signal, frames) : signal);

        var result = CalibrationAnalysis.Analyse(recording.Samples, 1, Rate, recording.Set);

        Assert.True(result.Speakers[0].IsAccepted, result.Speakers[0].Explanation);
        Assert.Equal(rejection, result.Speakers[1].Rejection);
        Assert.Contains(words, result.Speakers[1].Explanation, StringComparison.Ordinal);
        Assert.Null(result.Speakers[1].RelativeUs);
    }

    private void AssertRejected(float[] samples, CalibrationRejection rejection, string words)
    {
        var result = Analyse(samples);

        Assert.Equal(rejection, result.Rejection);
        Assert.Contains(words, result.Explanation, StringComparison.Ordinal);
        Assert.Equal(3, result.Speakers.Count);
        Assert.All(result.Speakers, speaker => Assert.Null(speaker.RelativeUs));
    }

    private CalibrationResult Analyse(float[] samples) => CalibrationAnalysis.Analyse(samples, 1, Rate, _recording.Set);

    private static float[] HoldBackSecondProbe(float[] signal, int frames)
    {
        var from = ProbeSet.GetProbeStart(1);
        var held = (float[])signal.Clone();
        signal.AsSpan(from, signal.Length - from - frames).CopyTo(held.AsSpan(from + frames));
        return held;
    }

    private static float[] Clip(float[] samples)
    {
        var limit = 0.2f * samples.Max(Math.Abs);
        return Array.ConvertAll(samples, x => Math.Clamp(x, -limit, limit));
    }

    private static float[] Interleave(float[] left, float[] right)
    {
        var both = new float[2 * left.Length];
        for (var i = 0; i < left.Length; i++)
            (both[2 * i], both[2 * i + 1]) = (left[i], right[i]);
        return both;
    }

    private static float[] Resample(float[] samples, int rate)
    {
        var output = new float[(int)((long)samples.Length * rate / Rate)];
        Fill(new Resampler(Rate, rate), samples, output, (double)Rate / rate);
        return output;
    }

    private static void Fill(Resampler resampler, float[] mono, float[] output, double ratio)
    {
        var stereo = new float[2 * output.Length];
        resampler.Process(Interleave(mono, mono), stereo, ratio, out _);
        for (var i = 0; i < output.Length; i++)
            output[i] = stereo[2 * i];
    }
}
