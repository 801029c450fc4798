using Gateway.Bluetooth.A2dp;
using Gateway.Native.Sbc;

namespace Gateway.Tests.Bluetooth;

public sealed class A2dpStreamTests
{
    private const int Mtu = 895;
    private static readonly SbcConfiguration s_configuration = SbcConfiguration.Choose(SbcConfiguration.AllCapabilities)!;

    /// <summary>Ends a hang and judges nothing: a busy machine may take its time.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(3);
    private readonly TaskCompletionSource<StreamEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Heartbeat _heart = new();
    private readonly StallWatch _stalls;

    public A2dpStreamTests() => _stalls = new StallWatch(_heart);

    [Fact]
    public async Task The_machine_is_watched_before_the_first_sound_so_that_no_audio_thread_starts_another()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);

        await Eventually.TrueAsync("the heart beats", () => _heart.SteadyNanoseconds > 0);
    }

    [Fact]
    public void What_is_written_arrives_in_whole_packets_numbered_and_stamped_without_gap()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        FillWithTone(stream);

        var packets = Enumerable.Range(0, 10).Select(_ => Receive(pair)).ToList();

        Assert.All(packets, p => Assert.Equal(7, p[12]));
        Assert.All(packets, p => Assert.Equal(RtpHeader.SbcOffset + (7 * 115), p.Length));
        for (var i = 1; i < packets.Count; i++)
        {
            RtpHeader.TryRead(packets[i - 1], out var before, out var stampBefore, out _);
            Assert.True(RtpHeader.TryRead(packets[i], out var sequence, out var stamp, out _));
            Assert.Equal(1, (ushort)(sequence - before));
            Assert.Equal(896u, stamp - stampBefore);
        }

        Assert.True(Loudness(packets[5]) > 5_000);
    }

    [Fact]
    public void Without_sound_in_time_silence_is_sent_and_counted_as_underrun()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        var written = FillWithTone(stream);

        for (var i = 0; i < 25; i++) Receive(pair);
        var last = Receive(pair);
        Assert.True(stream.TryReadClock(out var clock));

        Assert.True(Loudness(last) < 10);
        Assert.True(clock.UnderrunFrames > 0);
        // The rest of a packet that never became whole stays behind.
        Assert.InRange(clock.FramesConsumed - clock.UnderrunFrames, written - 895, written);
    }

    [Fact]
    public void Streams_of_one_rate_are_due_at_the_same_moments()
    {
        using var first = new SeqPacketPair();
        using var second = new SeqPacketPair();
        using var one = Open(first);
        using var other = Open(second);
        FillWithTone(one);
        FillWithTone(other);
        RtpHeader.TryRead(Receive(first), out _, out var a, out _);
        RtpHeader.TryRead(Receive(second), out _, out var b, out _);

        Assert.Equal(0, (int)(a - b) % 896);
    }

    [Fact]
    public async Task A_closed_socket_ends_the_stream_as_gone()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        FillWithTone(stream);
        Receive(pair);

        pair.Theirs.Close();

        Assert.Equal(StreamEnd.Gone, await _ended.Task.WaitAsync(s_hang));
        Assert.False(stream.IsOpen);
    }

    [Fact]
    public async Task A_socket_that_takes_nothing_while_another_is_read_is_suspected_and_its_bitpool_falls_first()
    {
        using var pair = new SeqPacketPair();
        using var other = new SeqPacketPair();
        using var end = new CancellationTokenSource();
        pair.Ours.LimitSendBuffer(4 * Mtu);
        using var stream = Open(pair);
        using var witness = OpenOther(other);
        var reading = Task.Run(() => ReadAll(other, end.Token));
        FillWithTone(stream);
        FillWithTone(witness);

        Assert.Equal(StreamEnd.Stalled, await _ended.Task.WaitAsync(s_hang));
        Assert.InRange(stream.Statistics.Bitpool, 20, 50);
        Assert.True(stream.Statistics.PacketsDropped > 10);
        Assert.True(witness.IsOpen);
        await end.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task Where_no_socket_takes_anything_none_is_given_up_and_all_go_on_at_their_place_in_time()
    {
        using var pair = new SeqPacketPair();
        using var other = new SeqPacketPair();
        pair.Ours.LimitSendBuffer(4 * Mtu);
        other.Ours.LimitSendBuffer(4 * Mtu);
        using var stream = Open(pair);
        using var sibling = OpenOther(other);
        FillWithTone(stream);
        FillWithTone(sibling);
        RtpHeader.TryRead(Receive(pair), out _, out var begin, out _);
        await UntilAsync(() => stream.Statistics.PacketsDropped > 250 && sibling.Statistics.PacketsDropped > 250); // longer than a lone one is waited for

        Assert.True(stream.IsOpen && sibling.IsOpen);
        Assert.False(_ended.Task.IsCompleted);
        var places = new List<long>();
        for (var i = 0; i < 20; i++)
        {
            RtpHeader.TryRead(Receive(pair), out _, out var stamp, out _);
            places.Add((stamp - begin) / 896);
            Receive(other);
        }

        // What went by is gone, and what comes is due now: its place counts what was sent and what was dropped.
        var now = stream.Statistics.PacketsSent + stream.Statistics.PacketsDropped;
        Assert.True(places[^1] > 250, $"It went on where it had stopped: {string.Join(' ', places)}.");
        Assert.True(places[^1] < now, $"It is ahead of its time: {string.Join(' ', places)}, and {now} were due.");
        Assert.True(stream.IsOpen && sibling.IsOpen);
    }

    [Fact]
    public async Task A_speaker_that_acknowledges_nothing_gets_no_more_than_its_share_and_a_question_and_is_given_up()
    {
        using var pair = new SeqPacketPair();
        LinkShare? left = null;
        var share = new LinkShare(1021, () => 2, ended => left = ended);
        using var stream = Open(pair, share: share);
        FillWithTone(stream);

        Assert.Equal(StreamEnd.Stalled, await _ended.Task.WaitAsync(s_hang));
        for (var i = 0; i < 3; i++) Receive(pair);
        Assert.Equal(0, pair.Theirs.Available);
        Assert.Same(share, left);
    }

    [Fact]
    public async Task A_fault_on_the_senders_thread_ends_its_stream_with_the_fault_and_nothing_else()
    {
        using var pair = new SeqPacketPair();
        using var other = new SeqPacketPair();
        var fault = new TaskCompletionSource<(StreamEnd, Exception?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var broken = new LinkShare(1021, () => throw new InvalidOperationException("broken"), _ => { });
        using var stream = new A2dpStream(new StreamLink("test", pair.Ours, Mtu, broken, _stalls), s_configuration, (end, why) => fault.TrySetResult((end, why)));
        using var sibling = OpenOther(other);
        FillWithTone(stream);
        FillWithTone(sibling);

        var (end, why) = await fault.Task.WaitAsync(s_hang);
        Receive(other);

        Assert.Equal((StreamEnd.Faulted, "broken"), (end, why?.Message));
        Assert.False(stream.IsOpen);
        Assert.True(sibling.IsOpen);
    }

    [Fact]
    public async Task A_fault_on_the_receivers_thread_ends_its_stream_and_is_told_to_whoever_follows_it()
    {
        using var pair = new SeqPacketPair();
        using var writer = new PacketWriter(s_configuration, Mtu);
        using var receiver = new PacketReceiver(pair.Ours, Mtu, () => throw new InvalidOperationException("broken"), () => null, "test");

        pair.Theirs.Send(writer.SilentPacket());

        var told = await Assert.ThrowsAsync<Gateway.Engine.Ports.PortException>(() => receiver.Ended.WaitAsync(s_hang));
        Assert.StartsWith("what came could not be read, by an internal fault", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_that_empties_lets_the_next_packets_go()
    {
        using var pair = new SeqPacketPair();
        var share = new LinkShare(1021, () => 2, _ => { });
        using var stream = Open(pair, share: share);
        FillWithTone(stream);

        for (var i = 0; i < 20; i++)
        {
            Receive(pair);
            share.Complete(1);
        }

        Assert.True(stream.IsOpen);
    }

    [Fact]
    public async Task After_congestion_what_is_written_is_encoded_with_the_lower_bitpool()
    {
        using var pair = new SeqPacketPair();
        pair.Ours.LimitSendBuffer(4 * Mtu);
        using var stream = Open(pair);
        FillWithTone(stream);
        await UntilAsync(() => stream.Statistics.Bitpool <= 45);
        Assert.InRange(stream.Statistics.Bitpool, 20, 45);

        var lengths = new List<int>();
        for (var i = 0; i < 60; i++)
        {
            lengths.Add(Receive(pair).Length);
            FillWithTone(stream);
        }

        // The last ones were written after the fall; 7 frames each, and a bitpool step is 2 bytes of a frame.
        Assert.InRange(lengths[^1], RtpHeader.SbcOffset + (7 * s_configuration.FrameLength(20)), RtpHeader.SbcOffset + (7 * s_configuration.FrameLength(46)));
    }

    [Fact]
    public void A_change_of_gain_is_no_step()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        stream.Write(Tone(896), 1f);
        FillWithTone(stream, gain: 0f);

        Receive(pair);
        var fading = Decode(Receive(pair));
        Receive(pair);
        var silent = Decode(Receive(pair));

        Assert.InRange(fading[(2 * 300)..(2 * 600)].Max(), 5_000, 12_500); // 20 ms from full to nothing: between 0.7 and 0.4 here
        Assert.InRange(silent.Max(), 0, 10);
    }

    [Fact]
    public void The_writer_allocates_nothing()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        var block = Tone(4_800);
        FillWithTone(stream);
        Receive(pair);

        var allocated = Allocated.Least(() =>
        {
            long written = 0;
            for (var i = 0; i < 200_000 && written < 20_000; i++) written += stream.Write(block, 1f);
        });

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Samples_that_are_no_numbers_or_too_loud_do_no_harm()
    {
        using var pair = new SeqPacketPair();
        using var stream = Open(pair);
        var block = Enumerable.Range(0, 40_000).Select(i => (i % 4) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, _ => 5f }).ToArray();

        Assert.True(stream.Write(block, 1f) > 0);

        Assert.Equal(7, Receive(pair)[12]);
    }

    private A2dpStream Open(SeqPacketPair pair, LinkShare? share = null) => new(new StreamLink("test", pair.Ours, Mtu, share, _stalls), s_configuration, (end, _) => _ended.TrySetResult(end));

    private A2dpStream OpenOther(SeqPacketPair pair) => new(new StreamLink("other", pair.Ours, Mtu, null, _stalls), s_configuration, (_, _) => { });

    private static void ReadAll(SeqPacketPair pair, CancellationToken end)
    {
        while (!end.IsCancellationRequested) Receive(pair);
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var hang = new CancellationTokenSource(s_hang);
        while (!reached()) await Task.Delay(10, hang.Token);
    }

    private static int FillWithTone(A2dpStream stream, float gain = 1f)
    {
        var total = 0;
        var block = Tone(4_800);
        while (stream.FreeFrames > 0) total += stream.Write(block.AsSpan(0, 2 * Math.Min(4_800, stream.FreeFrames)), gain);
        return total;
    }

    private static float[] Tone(int frames)
    {
        var block = new float[2 * frames];
        for (var i = 0; i < frames; i++) block[2 * i] = block[(2 * i) + 1] = 0.5f * MathF.Sin(2 * MathF.PI * 1_000 * i / 48_000);
        return block;
    }

    private static byte[] Receive(SeqPacketPair pair)
    {
        var buffer = new byte[2 * Mtu];
        var length = pair.Theirs.Receive(buffer);
        Assert.True(length > RtpHeader.SbcOffset, "The stream ended.");
        return buffer[..length];
    }

    private static int Loudness(byte[] packet) => Decode(packet).Max(s => Math.Abs((int)s));

    private static short[] Decode(byte[] packet)
    {
        using var decoder = new SbcDecoder();
        var pcm = new short[256];
        var decoded = new List<short>();
        for (var at = RtpHeader.SbcOffset; at < packet.Length;)
        {
            var consumed = decoder.Decode(packet.AsSpan(at), pcm, out var samples);
            Assert.True(consumed > 0, "This is no SBC frame.");
            at += consumed;
            decoded.AddRange(pcm[..samples]);
        }

        return [.. decoded];
    }
}
