using Gateway.Bluetooth.BlueZ;

namespace Gateway.Tests.Bluetooth;

public sealed class VolumeScaleTests
{
    private static readonly TimeSpan s_now = TimeSpan.FromDays(1000);

    [Fact]
    public void Every_percentage_comes_back_as_itself()
    {
        for (var percent = 0; percent <= 100; percent++) Assert.Equal(percent, VolumeScale.ToPercent(VolumeScale.ToAvrcp(percent)));
    }

    [Fact]
    public void The_nearest_step_of_a_coarse_speaker_is_the_echo_of_what_was_set()
    {
        var scale = new VolumeScale();
        scale.Set(50, s_now);

        Assert.Equal(50, Told(scale, 60, s_now + TimeSpan.FromMilliseconds(300)));
        Assert.Equal(50, Told(scale, 60, s_now + TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void The_old_value_still_on_its_way_does_not_flicker()
    {
        var scale = new VolumeScale();
        scale.Set(80, s_now);

        Assert.Equal(80, Told(scale, 20, s_now + TimeSpan.FromMilliseconds(50)));
        Assert.Equal(80, Told(scale, 102, s_now + TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void A_turned_knob_wins_over_what_was_set()
    {
        var scale = new VolumeScale();
        scale.Set(50, s_now);
        Told(scale, 64, s_now + TimeSpan.FromMilliseconds(100));

        Assert.Equal(79, Told(scale, 100, s_now + TimeSpan.FromMilliseconds(500)));
        Assert.Equal(79, Told(scale, 100, s_now + TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void A_refused_set_shows_the_speakers_own_word_after_two_seconds()
    {
        var scale = new VolumeScale();
        scale.Set(90, s_now);

        Assert.Equal(16, Told(scale, 20, s_now + TimeSpan.FromSeconds(3)));
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(127, 100)]
    [InlineData(65_535, 100)]
    public void Nonsense_is_a_percentage_all_the_same(int reported, int percent) => Assert.Equal(percent, new VolumeScale().Show(reported, s_now));

    [Fact]
    public void To_look_at_a_reported_value_changes_nothing()
    {
        var scale = new VolumeScale();
        scale.Set(50, s_now);

        Assert.Equal(79, scale.Show(100, s_now + TimeSpan.FromSeconds(3)));
        Assert.Equal(50, scale.Show(64, s_now + TimeSpan.FromSeconds(3)));
    }

    private static int Told(VolumeScale scale, int reported, TimeSpan at)
    {
        scale.Note(reported, at);
        return scale.Show(reported, at);
    }
}
