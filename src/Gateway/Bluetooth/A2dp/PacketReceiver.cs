using System.Collections.Immutable;
using Gateway.Engine.Ports;
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

/// <summary>
/// The receiving half of a stream: a thread that takes packets, decodes them and fills the listeners' buffers. It allocates nothing while it runs. What waits
/// in the socket when it begins was sent while nobody took it: it is old, would stay ahead of everything that follows, and is dropped.
/// </summary>
internal sealed class PacketReceiver : IDisposable
{
    private const int PollMs = 200;

    /// <summary>A thread that comes late has not looked meanwhile: that is no evidence of the sender's silence, and no more than this counts.</summary>
    private const long MostOfALookNanoseconds = 300_000_000;

    /// <summary>A sender that never leaves the socket empty is not old for ever.</summary>
    private const long MostOldNanoseconds = 1_000_000_000;
    private const int MaxSbcSamples = 16 * 8 * 2;

    private readonly PacketSocket _socket;
    private readonly Func<ImmutableArray<JitterBuffer>> _listeners;
    private readonly SbcDecoder _decoder = new();
    private readonly byte[] _packet;
    private readonly short[] _pcm = new short[MaxSbcSamples * RtpHeader.MaxSbcFrames];
    private readonly Func<TimeSpan?> _patience;
    private readonly TaskCompletionSource<ReceiveEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile bool _stop;
    private long _packets;
    private long _first, _last; // when packets came, nanoseconds of the audio clock; 0: none did

    /// <param name="listeners">Whoever listens now; asked for each packet.</param>
    /// <param name="patience">How long it may be silent from now on before it flows; null: as long as it likes. Afterwards it is <see cref="SilenceWatch.Patience"/>.</param>
    public PacketReceiver(PacketSocket socket, int mtu, Func<ImmutableArray<JitterBuffer>> listeners, Func<TimeSpan?> patience, string name)
    {
        (_socket, _listeners, _patience) = (socket, listeners, patience);
        _packet = new byte[Math.Max(mtu, 1024)];
        _thread = new Thread(Run) { IsBackground = true, Name = $"a2dp from {name}" };
        _thread.Start();
    }

    public Task<ReceiveEnd> Ended => _ended.Task;

    public long Packets => Volatile.Read(ref _packets);

    /// <summary>From the first packet to the last: some devices that stalled send one or two whenever their stream is started, and no more.</summary>
    public TimeSpan FlowedFor => TimeSpan.FromTicks((Volatile.Read(ref _last) - Volatile.Read(ref _first)) / 100);

    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _socket.Dispose();
        _decoder.Dispose();
    }

    private void Run()
    {
        try
        {
            AudioThread.TryRaisePriority();
            _ended.TrySetResult(Receive());
        }
        catch (Exception fault)
        {
            // Whatever it is, it ends this stream and nothing else; whoever follows it takes it again after a pause.
            _ended.TrySetException(new PortException(PortError.Other, $"what came could not be read, by an internal fault ({fault.GetType().Name}: {fault.Message}). Please report this."));
        }
    }

    private ReceiveEnd Receive()
    {
        var looked = AudioThread.NowNanoseconds;
        var (isOld, oldUntil) = (true, looked + MostOldNanoseconds);
        var (isHeard, silence, patience, atFirst) = (false, 0L, long.MaxValue, long.MaxValue);
        while (!_stop)
        {
            if (isHeard == _listeners().IsEmpty)
            {
                isHeard = !isHeard;
                atFirst = isHeard ? Nanoseconds(_patience()) : long.MaxValue;
                (silence, patience) = (0, atFirst);
            }

            var ready = _socket.WaitReadable(isOld ? 0 : (int)Math.Clamp((patience - silence) / 1_000_000, 1, PollMs));
            var now = AudioThread.NowNanoseconds;
            silence += Math.Min(now - looked, MostOfALookNanoseconds);
            looked = now;
            if (ready == PacketResult.Gone) return ReceiveEnd.Gone;
            if (ready == PacketResult.WouldBlock)
            {
                if (silence >= patience) return ReceiveEnd.Silent;
                isOld = false;
                continue;
            }

            isOld &= now < oldUntil;
            var received = _socket.Receive(_packet, out var length);
            if (received == PacketResult.Gone) return ReceiveEnd.Gone;
            if (received != PacketResult.Done || isOld) continue;
            Take(_packet.AsSpan(0, length), now, _listeners());
            (silence, patience) = (0, isHeard && FlowedFor > SilenceWatch.Patience ? Nanoseconds(SilenceWatch.Patience) : atFirst);
        }

        return ReceiveEnd.Closed;
    }

    private static long Nanoseconds(TimeSpan? patience) => patience is { } time ? time.Ticks * 100 : long.MaxValue;

    // What cannot be read is left out, and shows as a gap.
    private void Take(ReadOnlySpan<byte> packet, long now, ImmutableArray<JitterBuffer> listeners)
    {
        if (!RtpHeader.TryRead(packet, out var sequence, out var timestamp, out var at)) return;
        if (listeners.IsEmpty)
        {
            Count(now);
            return;
        }

        var samples = 0;
        while (at < packet.Length && samples + MaxSbcSamples <= _pcm.Length)
        {
            var consumed = _decoder.Decode(packet[at..], _pcm.AsSpan(samples), out var written);
            if (consumed == 0) break;
            at += consumed;
            samples += written;
        }

        if (samples == 0) return;
        Count(now);
        foreach (var listener in listeners) listener.Push(now, sequence, timestamp, _pcm.AsSpan(0, samples));
    }

    private void Count(long now)
    {
        if (_first == 0) Volatile.Write(ref _first, now);
        Volatile.Write(ref _last, now);
        Volatile.Write(ref _packets, _packets + 1);
    }
}
