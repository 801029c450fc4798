using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tests.Calibration;

public sealed class ProbeSetTests
{
    [Fact]
    public void Each_speaker_gets_a_second_of_faint_noise_and_then_its_probes_at_the_level_asked_for()
    {
        var set = new ProbeSet(2);

        var signal = set.Render(1);

        var faint = Rms(signal.AsSpan(0, ProbeSet.LeadInFrames));
        var probe = Rms(signal.AsSpan(ProbeSet.GetProbeStart(1), set.ProbeFrames));
        Assert.Equal(set.TotalFrames, signal.Length);
        Assert.Equal(-27, 20 * Math.Log10(probe), 0.1);
        Assert.InRange(20 * Math.Log10(faint / probe), -33, -27);
        Assert.InRange(20 * Math.Log10(signal.Max(Math.Abs)), -14.5, -11.5);
    }

    [Fact]
    public void No_two_probes_of_any_speaker_or_series_share_a_code()
    {
        var codes =
            from series in Enumerable.Range(0, 3)
            from speaker in Enumerable.Range(0, 16)
            from probe in Enumerable.Range(0, 3)
            select new ProbeSet(16, 3, series).GetCode(speaker, probe);

        Assert.Equal(3 * 16 * 3, codes.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(17, 2)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    public void A_run_that_cannot_be_is_refused(int speakers, int probes) => Assert.Throws<ArgumentOutOfRangeException>(() => new ProbeSet(speakers, probes));

    [Fact]
    public void A_run_of_two_probes_takes_less_than_20_s() => Assert.InRange(new ProbeSet(8).TotalFrames / 48_000.0, 13, 20);

    private static double Rms(ReadOnlySpan<float> samples)
    {
        var sum = 0.0;
        foreach (var x in samples)
            sum += x * x;
        return Math.Sqrt(sum / samples.Length);
    }
}
