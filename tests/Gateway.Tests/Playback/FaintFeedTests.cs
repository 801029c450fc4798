using Gateway.Playback.KeepAwake;

namespace Gateway.Tests.Playback;

public sealed class FaintFeedTests
{
    private const int Rate = 48_000;

    [Fact]
    public void In_silence_it_is_a_sine_of_30_Hz_at_the_level_that_was_seen_to_work_and_never_digital_silence()
    {
        var stereo = Fed(new FaintFeed(Rate), new float[2 * 3 * Rate]);

        var settled = stereo[^(2 * Rate)..].Where((_, i) => i % 2 == 0).ToArray();
        Assert.InRange(settled.Max(), 0.0119f, 0.01205f);
        var coarse = settled.Where((_, i) => i % 48 == 0).ToArray(); // the dither is no crossing
        Assert.InRange(coarse.Zip(coarse.Skip(1)).Count(p => p.First < 0 && p.Second >= 0), 29, 31);
        var equal = settled.Zip(settled.Skip(1)).Count(p => p.First == p.Second);
        Assert.True(equal < Rate / 100, $"{equal} samples were like the one before");
        // What is not the tone is dither: nothing that a loudspeaker could make audible.
        var residual = settled.Skip(2).Select((x, i) => x - (2 * Math.Cos(2 * Math.PI * 30 / Rate) * settled[i + 1]) + settled[i]).Max(Math.Abs);
        Assert.InRange(residual, 1e-6, 5f / 32768);
    }

    [Fact]
    public void It_comes_and_goes_without_a_step()
    {
        var feed = new FaintFeed(Rate);
        var on = Fed(feed, new float[2 * Rate]);
        var off = Fed(feed, new float[2 * Rate], wanted: false);

        var left = on.Concat(off).Where((_, i) => i % 2 == 0).ToArray();
        // A full 30 Hz swing moves by 4.7e-5 a sample; the dither by up to 2 LSB.
        Assert.True(left.Zip(left.Skip(1)).Max(p => Math.Abs(p.First - p.Second)) < 2e-4f);
        Assert.All(off[^200..], sample => Assert.Equal(0f, sample));
        Assert.False(feed.IsSounding);
    }

    [Fact]
    public void Music_at_full_scale_is_left_as_it_is()
    {
        var music = Enumerable.Range(0, 2 * 2 * Rate).Select(i => MathF.Sin(i / 2 * 0.1f)).ToArray();

        var stereo = Fed(new FaintFeed(Rate), [.. music]);

        Assert.Equal(music, stereo);
    }

    private static float[] Fed(FaintFeed feed, float[] stereo, bool wanted = true)
    {
        for (var at = 0; at < stereo.Length; at += 480) feed.AddTo(stereo.AsSpan(at, Math.Min(480, stereo.Length - at)), wanted);
        return stereo;
    }
}
