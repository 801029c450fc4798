using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

public sealed class JitterBufferTests
{
    private const int Rate = 48_000;
    private const int PacketFrames = 896;
    private const long PacketNanoseconds = PacketFrames * 1_000_000_000L / Rate;
    private const long Start = 5_000_000_000;

    private readonly JitterBuffer _buffer = new(Rate, 2);
    private readonly float[] _block = new float[2 * 48_000];
    private readonly List<float> _heard = [];

    [Fact]
    public void What_went_in_evenly_comes_out_whole_and_evenly()
    {
        Play(packets: 300, delay: _ => 0);

        Assert.Equal(0, _buffer.Statistics.Gaps);
        Assert.Equal(0, _buffer.Statistics.ConcealedFrames);
        AssertRamp(_heard);
        Assert.InRange(_heard.Count, 280 * PacketFrames, 300 * PacketFrames);
    }

    [Fact]
    public void Bursts_like_an_Echos_come_out_evenly()
    {
        // Five packets at once, then nothing for 93 ms.
        var sizes = Play(packets: 500, delay: i => (4 - (i % 5)) * PacketNanoseconds);

        Assert.Equal(0, _buffer.Statistics.ConcealedFrames);
        AssertRamp(_heard);
        // Read every 10 ms: 480 frames each time once it flows, and never a burst.
        Assert.All(sizes.SkipWhile(s => s == 0).Skip(1).SkipLast(60), s => Assert.InRange(s, 470, 490));
    }

    [Fact]
    public void A_lost_packet_is_made_up_and_counted()
    {
        Play(packets: 200, delay: _ => 0, lost: i => i == 100);

        Assert.Equal(1, _buffer.Statistics.Gaps);
        Assert.Equal(PacketFrames, _buffer.Statistics.ConcealedFrames);
        Assert.InRange(_heard.Count, 185 * PacketFrames, 200 * PacketFrames);
    }

    [Fact]
    public void Jitter_beyond_the_depth_makes_it_deeper_and_is_heard_once()
    {
        // From packet 200 on, every 20th comes 300 ms late, and those behind it with it.
        Play(packets: 800, delay: i => i >= 200 && i % 20 < 16 ? Math.Max(0, 300_000_000 - (i % 20 * PacketNanoseconds)) : 0);

        Assert.InRange(_buffer.Statistics.TargetMs, 300, 600);
        Assert.InRange(_buffer.Statistics.ConcealedFrames, 1, (long)(0.4 * Rate));
    }

    [Fact]
    public void A_sender_that_pauses_is_not_made_up_for_ever()
    {
        Play(packets: 100, delay: _ => 0);
        var before = _buffer.Statistics.ConcealedFrames;

        var after = Start + (100 * PacketNanoseconds) + 5_000_000_000;
        for (var now = Start + (100 * PacketNanoseconds); now < after; now += 10_000_000) _buffer.Read(now, _block);

        Assert.Equal(0, _buffer.Read(after, _block));
        Assert.InRange(_buffer.Statistics.ConcealedFrames - before, 0, (long)(0.5 * Rate));
    }

    [Fact]
    public void Constant_timestamps_do_no_harm()
    {
        for (var i = 0; i < 100; i++) _buffer.Push(Start + (i * PacketNanoseconds), (ushort)i, 7, Packet(i));
        _buffer.Push(Start + (101 * PacketNanoseconds), 101, 7, Packet(101));

        Assert.Equal((1, PacketFrames), (_buffer.Statistics.Gaps, _buffer.Statistics.ConcealedFrames));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public void A_senders_crystal_is_followed(int ppm)
    {
        var packets = 6_000;
        Play(packets, delay: i => (long)(i * PacketNanoseconds * ppm / 1e6));

        Assert.Equal(0, _buffer.Statistics.ConcealedFrames);
        AssertRamp(_heard);
    }

    [Theory]
    [InlineData(450)]
    [InlineData(-450)]
    public void A_clock_that_is_off_for_longer_than_the_buffer_is_deep_neither_runs_it_dry_nor_fills_it(int ppm)
    {
        const int Packets = 30_000; // 560 s: 252 ms apart at the end
        var packet = Packet(0);
        long Arrival(int i) => Start + (long)(i * PacketNanoseconds * (1 + (ppm / 1e6)));
        long pushed = 0, read = 0;
        for (var (now, next) = (Start, 0); next < Packets; now += 10_000_000)
        {
            for (; next < Packets && Arrival(next) <= now; next++, pushed += PacketFrames) _buffer.Push(Arrival(next), (ushort)next, (uint)(next * PacketFrames), packet);
            read += _buffer.Read(now, _block);
        }

        Assert.Equal(0, _buffer.Statistics.ConcealedFrames);
        Assert.InRange((pushed - read) * 1000.0 / Rate, 100, 250); // 175 ms is the depth
    }

    [Fact]
    public void Neither_side_allocates()
    {
        var packet = Packet(0);
        for (var i = 0; i < 50; i++) _buffer.Push(Start + (i * PacketNanoseconds), (ushort)i, (uint)(i * PacketFrames), packet);
        _buffer.Read(Start + (50 * PacketNanoseconds), _block);

        var next = 50;
        var allocated = Allocated.Least(() =>
        {
            for (var end = next + 100; next < end; next++)
            {
                _buffer.Push(Start + (next * PacketNanoseconds), (ushort)next, (uint)(next * PacketFrames), packet);
                _buffer.Read(Start + (next * PacketNanoseconds), _block);
            }
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Who_reads_does_not_wait_for_who_pushes_and_gets_what_was_due_at_the_next_look()
    {
        Play(packets: 100, delay: _ => 0);
        var now = Start + (100 * PacketNanoseconds) + 5_000_000;
        var met = -1;
        var reader = new Thread(() => met = _buffer.Read(now, _block));
        using (_buffer.Gate.EnterScope())
        {
            reader.Start();
            Assert.True(reader.Join(Patience.Hang));
        }

        Assert.Equal(0, met);
        Assert.True(_buffer.Read(now, _block) > 0);
        Assert.Equal(0, _buffer.Statistics.Gaps);
    }

    // Packets as they arrive, and a reader every 10 ms; returns what each read gave.
    private List<int> Play(int packets, Func<int, long> delay, Func<int, bool>? lost = null)
    {
        var sizes = new List<int>();
        var next = 0;
        long Arrival(int i) => Start + (i * PacketNanoseconds) + delay(i);
        for (var now = Start; next < packets; now += 10_000_000)
        {
            for (; next < packets && Arrival(next) <= now; next++)
            {
                if (lost?.Invoke(next) != true) _buffer.Push(Arrival(next), (ushort)next, (uint)(next * PacketFrames), Packet(next));
            }

            var frames = _buffer.Read(now, _block);
            sizes.Add(frames);
            for (var i = 0; i < frames; i++) _heard.Add(_block[2 * i]);
        }

        return sizes;
    }

    // A saw tooth by position, so that any lost or doubled frame shows.
    private static short[] Packet(int index)
    {
        var pcm = new short[2 * PacketFrames];
        for (var i = 0; i < PacketFrames; i++) pcm[2 * i] = pcm[(2 * i) + 1] = (short)(((index * PacketFrames) + i) % 30_000);
        return pcm;
    }

    private static void AssertRamp(List<float> heard)
    {
        Assert.NotEmpty(heard);
        for (var i = 1; i < heard.Count; i++)
        {
            var step = (int)Math.Round((heard[i] - heard[i - 1]) * 32768);
            Assert.True(step is 1 or -29_999, $"Frame {i} of {heard.Count} follows its neighbour by {step}.");
        }
    }
}
