using Gateway.Playback.Audio;

namespace Gateway.Tests.Playback;

public sealed class TimelineTests
{
    [Fact]
    public void Frames_keep_their_positions_around_the_end_of_the_ring()
    {
        var timeline = new Timeline();
        timeline.WriteSilence((1 << 18) - 3);
        timeline.Write([1, -1, 2, -2, 3, -3, 4, -4, 5, -5]);

        var read = new float[10];
        timeline.Read((1 << 18) - 3, read);

        Assert.Equal([1, -1, 2, -2, 3, -3, 4, -4, 5, -5], read);
        Assert.Equal((1 << 18) + 2, timeline.End);
    }

    [Fact]
    public void What_is_not_held_is_silence()
    {
        var timeline = new Timeline();
        timeline.Write([1, 1, 2, 2]);

        var read = new float[8];
        Array.Fill(read, 9f);
        timeline.Read(-1, read);

        Assert.Equal([0, 0, 1, 1, 2, 2, 0, 0], read);
    }

    [Fact]
    public void What_is_too_old_is_silence()
    {
        var timeline = new Timeline();
        timeline.Write([1, 1]);
        timeline.WriteSilence(1 << 19);

        var read = new float[2];
        timeline.Read(0, read);

        Assert.Equal([0, 0], read);
    }
}
