using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

public sealed class FadeTests
{
    [Fact]
    public void It_goes_evenly_from_one_gain_to_the_other()
    {
        float[] samples = [1, 1, 1, 1];

        Assert.Equal(0.5f, Fade.Apply(samples, 1f, 0.5f));
        Assert.Equal([0.875f, 0.75f, 0.625f, 0.5f], samples);
    }

    [Fact]
    public void Nothing_read_changes_no_gain() => Assert.Equal(1f, Fade.Apply([], 1f, 0.25f));

    [Fact]
    public void Full_gain_leaves_samples_alone()
    {
        float[] samples = [0.3f, -0.7f];

        Assert.Equal(1f, Fade.Apply(samples, 1f, 1f));
        Assert.Equal([0.3f, -0.7f], samples);
    }
}
