using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Tests.Dsp;

public sealed class FftTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(1, 13).Select(power => 1 << power)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_transform_equals_the_defining_sum(int length)
    {
        var (re, im) = Noise(length, 1);
        var (inRe, inIm) = ((float[])re.Clone(), (float[])im.Clone());

        new Fft(length).Forward(re, im);

        foreach (var bin in new[] { 0, 1, length / 3, length / 2, length - 1 })
        {
            var (sumRe, sumIm) = (0.0, 0.0);
            for (var n = 0; n < length; n++)
            {
                var (sin, cos) = Math.SinCos(-2 * Math.PI * ((long)n * bin % length) / length);
                sumRe += inRe[n] * cos - inIm[n] * sin;
                sumIm += inRe[n] * sin + inIm[n] * cos;
            }

            Assert.InRange(Math.Abs(re[bin] - sumRe), 0, 2e-6 * length + 1e-5);
            Assert.InRange(Math.Abs(im[bin] - sumIm), 0, 2e-6 * length + 1e-5);
        }
    }

    [Theory]
    [InlineData(1 << 16)]
    [InlineData(1 << 17)]
    [InlineData(1 << 18)]
    [InlineData(1 << 19)]
    public void A_long_transform_and_its_inverse_give_the_signal_back(int length)
    {
        var (re, im) = Noise(length, 2);
        var (inRe, inIm) = ((float[])re.Clone(), (float[])im.Clone());
        var fft = new Fft(length);

        fft.Forward(re, im);
        fft.Inverse(re, im);

        Assert.InRange(LargestDifference(re, inRe), 0, 5e-6);
        Assert.InRange(LargestDifference(im, inIm), 0, 5e-6);
    }

    [Theory]
    [InlineData(1 << 16)]
    [InlineData(1 << 19)]
    public void A_long_transform_of_a_rotating_pointer_is_one_line(int length)
    {
        const int bin = 12_345;
        var (re, im) = (new float[length], new float[length]);
        for (var n = 0; n < length; n++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * ((long)n * bin % length) / length);
            (re[n], im[n]) = ((float)cos, (float)sin);
        }

        new Fft(length).Forward(re, im);

        Assert.InRange(re[bin], length * 0.99999, length * 1.00001);
        re[bin] = 0;
        Assert.InRange(re.Concat(im).Max(Math.Abs), 0, length * 1e-6);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(512)]
    [InlineData(1 << 17)]
    public void A_real_transform_agrees_with_the_complex_one_and_comes_back(int length)
    {
        var (signal, _) = Noise(length, 3);
        var (re, im) = ((float[])signal.Clone(), new float[length]);
        new Fft(length).Forward(re, im);
        var fft = new RealFft(length);
        var (halfRe, halfIm, back) = (new float[fft.Bins], new float[fft.Bins], new float[length]);

        fft.Forward(signal, halfRe, halfIm);
        fft.Inverse(halfRe, halfIm, back);

        var scale = 2e-6 * Math.Sqrt(length);
        Assert.InRange(LargestDifference(halfRe, re.AsSpan(0, fft.Bins).ToArray()), 0, 4 * scale);
        Assert.InRange(LargestDifference(halfIm, im.AsSpan(0, fft.Bins).ToArray()), 0, 4 * scale);
        Assert.InRange(LargestDifference(back, signal), 0, 5e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(48_000)]
    [InlineData(1 << 21)]
    public void A_length_that_is_no_power_of_two_in_range_is_refused(int length) =>
        Assert.Contains("power of two", Assert.Throws<ArgumentOutOfRangeException>(() => new Fft(length)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_transform_allocates_nothing()
    {
        var (re, im) = Noise(4096, 4);
        var fft = new Fft(4096);
        fft.Forward(re, im);

        var allocated = Allocated.Least(() =>
        {
            fft.Forward(re, im);
            fft.Inverse(re, im);
        });

        Assert.Equal(0, allocated);
    }

    private static (float[] Re, float[] Im) Noise(int length, ulong seed)
    {
        var random = new SplitMix64(seed);
        var (re, im) = (new float[length], new float[length]);
        for (var i = 0; i < length; i++)
            (re[i], im[i]) = ((float)(2 * random.NextUniform() - 1), (float)(2 * random.NextUniform() - 1));
        return (re, im);
    }

    private static double LargestDifference(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
