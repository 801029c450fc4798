using Gateway.Bluetooth.BlueZ;
using Gateway.Native.Libc;
using Gateway.Native.Sbc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>Why receiving ended.</summary>
internal enum ReceiveEnd
{
    Closed,

    /// <summary>The sender stopped the stream or the link ended.</summary>
    Gone,

    /// <summary>The stream is up and nothing comes.</summary>
    Silent,
}

/// <summary>The receiving half of a stream: a thread that takes packets, decodes them and fills the jitter buffer. It allocates nothing while it runs.</summary>
internal sealed class PacketReceiver : IDisposable
{
    private const int PollMs = 200;
    private const int MaxSbcSamples = 16 * 8 * 2;

    private readonly PacketSocket _socket;
    private readonly JitterBuffer _buffer;
    private readonly SbcDecoder _decoder = new();
    private readonly byte[] _packet;
    private readonly short[] _pcm = new short[MaxSbcSamples * RtpHeader.MaxSbcFrames];
    private readonly TimeSpan? _patience;
    private readonly TaskCompletionSource<ReceiveEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _packets;

    /// <param name="patience">How long it may be silent before its first packet; null: as long as it likes. Afterwards it is <see cref="SilenceWatch.Patience"/>.</param>
    public PacketReceiver(PacketSocket socket, int mtu, JitterBuffer buffer, TimeSpan? patience, string name)
    {
        (_socket, _buffer, _patience) = (socket, buffer, patience);
        _packet = new byte[Math.Max(mtu, 1024)];
        _thread = new Thread(Run) { IsBackground = true, Name = $"a2dp from {name}" };
        _thread.Start();
    }

    public Task<ReceiveEnd> Ended => _ended.Task;

    public long Packets => Volatile.Read(ref _packets);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _socket.Dispose();
        _decoder.Dispose();
    }

    private void Run()
    {
        AudioThread.TryRaisePriority();
        _ended.TrySetResult(Receive());
    }

    private ReceiveEnd Receive()
    {
        var now = AudioThread.NowNanoseconds;
        var silent = now + Nanoseconds(_patience);
        while (!_stop)
        {
            var ready = _socket.WaitReadable((int)Math.Clamp((silent - now) / 1_000_000, 1, PollMs));
            now = AudioThread.NowNanoseconds;
            if (ready == PacketResult.Gone) return ReceiveEnd.Gone;
            if (ready == PacketResult.WouldBlock)
            {
                if (now >= silent) return ReceiveEnd.Silent;
                continue;
            }

            var received = _socket.Receive(_packet, out var length);
            if (received == PacketResult.Gone) return ReceiveEnd.Gone;
            if (received != PacketResult.Done) continue;
            silent = now + Nanoseconds(SilenceWatch.Patience);
            Take(_packet.AsSpan(0, length), now);
        }

        return ReceiveEnd.Closed;
    }

    private static long Nanoseconds(TimeSpan? patience) => patience is { } time ? time.Ticks * 100 : long.MaxValue / 2;

    // What cannot be read is left out, and shows as a gap.
    private void Take(ReadOnlySpan<byte> packet, long now)
    {
        if (!RtpHeader.TryRead(packet, out var sequence, out var timestamp, out var at)) return;
        var samples = 0;
        while (at < packet.Length && samples + MaxSbcSamples <= _pcm.Length)
        {
            var consumed = _decoder.Decode(packet[at..], _pcm.AsSpan(samples), out var written);
            if (consumed == 0) break;
            at += consumed;
            samples += written;
        }

        if (samples == 0) return;
        Volatile.Write(ref _packets, _packets + 1);
        _buffer.Push(now, sequence, timestamp, _pcm.AsSpan(0, samples));
    }
}
