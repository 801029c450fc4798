using FsCheck;
using FsCheck.Fluent;
using Gateway.Alignment.Dsp;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Dsp;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(48_000, 48_000, 1_000, 100)]
    [InlineData(48_000, 48_000, 10_000, -100)]
    [InlineData(48_000, 48_000, 18_000, 500)]
    [InlineData(48_000, 44_100, 1_000, 40)]
    [InlineData(48_000, 44_100, 18_000, -40)]
    [InlineData(44_100, 48_000, 1_000, 0)]
    [InlineData(44_100, 48_000, 17_000, 200)]
    public void A_tone_leaves_a_residual_below_minus_100_dB(int inputRate, int outputRate, double hertz, double ppm)
    {
        var ratio = (double)inputRate / outputRate * (1 + ppm * 1e-6);

        var output = Convert(Tone(inputRate, hertz, 48_000), ratio, inputRate, outputRate);

        Assert.InRange(ToneResidual.Decibels(output, hertz * ratio / inputRate), -200, -100);
    }

    [Fact]
    public void A_constant_passes_unchanged_at_every_fractional_position()
    {
        var input = Enumerable.Repeat(0.5f, 2 * 20_000).ToArray();

        var output = Convert(input, 1.0003, 48_000, 48_000);

        Assert.All(output.Skip(200), x => Assert.Equal(0.5f, x, 1e-6f));
    }

    [Fact]
    public void At_ratio_1_the_output_is_the_band_limited_input_at_the_same_instants()
    {
        var input = Tone(48_000, 5_000, 4_000);

        var output = Convert(input, 1, 48_000, 48_000);

        Assert.All(Enumerable.Range(200, output.Length - 400), i => Assert.Equal(input[i], output[i], 2e-5f));
    }

    [Fact]
    public void A_silent_channel_stays_silent_beside_a_loud_one()
    {
        var input = Tone(48_000, 997, 10_000);
        for (var i = 1; i < input.Length; i += 2)
            input[i] = 0;

        var output = Convert(input, 0.9997, 48_000, 48_000);

        Assert.All(Enumerable.Range(0, output.Length / 2), i => Assert.Equal(0f, output[2 * i + 1]));
    }

    [Fact]
    public void However_the_blocks_are_cut_the_output_is_the_same()
    {
        var input = Tone(48_000, 3_000, 6_000);
        var whole = Convert(input, 1.00007, 48_000, 48_000);

        var property = Prop.ForAll(Gen.Choose(1, 700).ArrayOf(10).ToArbitrary(), sizes =>
        {
            var cut = ConvertInBlocks(new Resampler(), input, 1.00007, sizes);
            return cut.SequenceEqual(whole.Take(cut.Length)) && cut.Length >= whole.Length - 2 * 1500;
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(30), property);
    }

    [Fact]
    public void Position_and_latency_account_for_every_frame_consumed()
    {
        var resampler = new Resampler();
        var (input, output) = (new float[2 * 5_000], new float[2 * 4_000]);

        var frames = resampler.Process(input, output, 1.0002, out var consumed);

        Assert.Equal(4_000, frames);
        Assert.Equal(4_000 * 1.0002, resampler.InputPosition, 1e-6);
        Assert.Equal(consumed - resampler.InputPosition, resampler.LatencyFrames, 1e-6);
        Assert.InRange(resampler.LatencyFrames, Resampler.LookaheadFrames - 2, Resampler.LookaheadFrames + 2);
    }

    [Fact]
    public void A_change_of_ratio_is_reached_linearly_within_50_ms()
    {
        var resampler = new Resampler();
        var (input, output) = (new float[2 * 10_000], new float[2 * 1_200]);
        resampler.Process(input, output, 1, out _);

        resampler.Process(input, output, 1.0004, out _);
        var halfway = resampler.Ratio;
        resampler.Process(input, output, 1.0004, out _);

        Assert.Equal(1.0002, halfway, 1e-6);
        Assert.Equal(1.0004, resampler.Ratio, 1e-12);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public void A_ratio_that_is_no_sensible_number_is_refused(double ratio) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler().Process(new float[8], new float[8], ratio, out _));

    [Fact]
    public void Processing_allocates_nothing()
    {
        var resampler = new Resampler();
        var (input, output) = (new float[2 * 600], new float[2 * 480]);
        resampler.Process(input, output, 1, out _);

        var allocated = Allocated.Least(() =>
        {
            for (var i = 0; i < 20; i++)
                resampler.Process(input, output, 1 + i * 1e-6, out _);
        });

        Assert.Equal(0, allocated);
    }

    private static float[] Tone(int rate, double hertz, int frames)
    {
        var tone = new float[2 * frames];
        for (var i = 0; i < frames; i++)
            tone[2 * i] = tone[2 * i + 1] = (float)(0.9 * Math.Sin(2 * Math.PI * hertz * i / rate));
        return tone;
    }

    private static float[] Convert(float[] input, double ratio, int inputRate, int outputRate)
    {
        var output = new float[(int)(input.Length / 2 / ratio) * 2 + 2];
        var frames = new Resampler(inputRate, outputRate).Process(input, output, ratio, out _);
        return output[..(2 * frames)];
    }

    private static float[] ConvertInBlocks(Resampler resampler, float[] input, double ratio, int[] sizes)
    {
        var output = new List<float>();
        var at = 0;
        for (var i = 0; ; i++)
        {
            var block = input.AsSpan(at, Math.Min(2 * sizes[i % sizes.Length], input.Length - at));
            var part = new float[2 * sizes[(i + 3) % sizes.Length]];
            var frames = resampler.Process(block, part, ratio, out var consumed);
            if (frames == 0 && consumed == 0)
                return [.. output];

            output.AddRange(part.AsSpan(0, 2 * frames));
            at += 2 * consumed;
        }
    }
}
