using Gateway.Sound;

namespace Gateway.Tests.Sound;

public sealed class GainRampTests
{
    [Fact]
    public void It_goes_evenly_to_the_gain_that_is_wanted_alike_in_all_channels_and_stays_there()
    {
        var ramp = new GainRamp(1, sampleRate: 8, swingMs: 1000);
        float[] stereo = [1, 1, 1, 1, 1, 1];

        ramp.Apply(stereo, 2, 0.75f);

        Assert.Equal([0.875f, 0.875f, 0.75f, 0.75f, 0.75f, 0.75f], stereo);
        Assert.Equal(0.75f, ramp.Gain);
    }

    [Fact]
    public void A_block_does_not_begin_anew_what_the_one_before_began()
    {
        var ramp = new GainRamp(0, sampleRate: 4, swingMs: 1000);
        float[] first = [1, 1], second = [1, 1];

        ramp.Apply(first, 1, 1);
        ramp.Apply(second, 1, 1);

        Assert.Equal([0.25f, 0.5f, 0.75f, 1f], first.Concat(second));
    }

    [Fact]
    public void A_full_swing_takes_20_ms_at_any_rate()
    {
        foreach (var rate in new[] { 16_000, 44_100, 48_000 })
        {
            var ramp = new GainRamp(0, rate);
            var frames = 0;
            for (; ramp.Gain < 1; frames++) ramp.Next(1);
            Assert.InRange(frames, rate / 50, (rate / 50) + 1);
        }
    }

    [Fact]
    public void What_has_no_gain_yet_begins_with_the_one_that_is_wanted() => Assert.Equal(0.25f, new GainRamp(float.NaN, 48_000).Next(0.25f));

    [Fact]
    public void Nothing_changes_no_gain_and_full_gain_no_sample()
    {
        var ramp = new GainRamp(1, 48_000);
        float[] samples = [0.3f, -0.7f];

        ramp.Apply([], 1, 0.25f);
        ramp.Apply(samples, 1, 1);

        Assert.Equal([0.3f, -0.7f], samples);
        Assert.Equal(1, ramp.Gain);
    }

    [Fact]
    public void Half_a_volume_is_18_dB_down() => Assert.Equal(-18.06, 20 * Math.Log10(GainCurve.Of(0.5f)), 2);
}
