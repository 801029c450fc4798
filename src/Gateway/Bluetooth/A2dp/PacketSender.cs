using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Sound;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// The sending half of a stream: a thread that never allocates, wakes at each packet's due time and sends it, or silence where none was written in
/// time. Its clock runs with CLOCK_MONOTONIC whatever the radio does: a packet held up for too long is dropped, so the speaker stays in time.
/// </summary>
internal sealed class PacketSender : IDisposable
{
    /// <summary>Later than this a packet is not worth sending: it would only push the next ones back.</summary>
    private const long MaxLateNanoseconds = 150_000_000;

    /// <summary>Starts with less than the wanted reserve where the writer is slow to come.</summary>
    private const long PatienceNanoseconds = 400_000_000;
    private const int BlockedPollMs = 20;
    private const long AtOnceNanoseconds = 1_000_000;
    private const long PauseNanoseconds = 3_000_000;

    private readonly PacketSocket _socket;
    private readonly LinkShare? _share;
    private readonly PacketRing _ring;
    private readonly PacketGrid _grid;
    private readonly byte[] _silence;
    private readonly BitpoolControl _control;
    private readonly StallWatch _stalls;
    private readonly Action<StreamEnd, Exception?> _ended;
    private readonly Thread _thread;

    // Read by anyone, written by the sender's thread.
    private volatile bool _open = true;
    private volatile bool _stop;
    private volatile int _bitpool;
    private long _sent, _silent, _dropped, _worstLate;

    private readonly Published<OutputClock> _clock = new(new OutputClock(-1, 0, 0)); // it does not tick yet

    public PacketSender(StreamLink link, WrittenPackets packets, BitpoolControl control, Action<StreamEnd, Exception?> ended)
    {
        (_socket, _share, _stalls) = (link.Socket, link.Share, link.Stalls);
        (_ring, _grid, _silence) = (packets.Ring, packets.Grid, packets.Silence);
        (_control, _ended) = (control, ended);
        _bitpool = control.Current;
        _thread = new Thread(Run) { IsBackground = true, Name = $"a2dp {link.Device}" };
    }

    public bool IsOpen => _open;

    /// <summary>What the next packets shall be encoded with.</summary>
    public int Bitpool => _bitpool;

    public void Start()
    {
        _stalls.Opened();
        _thread.Start();
    }

    public A2dpStatistics Statistics(int sbcFramesPerPacket) => new(
        Volatile.Read(ref _sent), Volatile.Read(ref _silent), Volatile.Read(ref _dropped), _bitpool, Volatile.Read(ref _worstLate) / 1e6, sbcFramesPerPacket);

    public bool TryReadClock(out OutputClock clock)
    {
        clock = _clock.Read();
        return clock.FramesConsumed >= 0;
    }

    /// <summary>Ends the thread, then closes the socket. Never called by the thread itself.</summary>
    public void Dispose()
    {
        _stop = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Run()
    {
        var (end, fault) = (StreamEnd.Faulted, (Exception?)null);
        try
        {
            AudioThread.TryRaisePriority();
            end = WaitForAudio() ? Stream() : StreamEnd.Closed;
        }
        catch (Exception caught)
        {
            fault = caught; // whatever it is, it ends this stream and nothing else
        }

        _open = false;
        _stalls.Closed();
        _share?.End();
        _ended(end, fault);
    }

    private bool WaitForAudio()
    {
        long firstSeen = 0;
        while (!_stop)
        {
            var now = AudioThread.NowNanoseconds;
            if (_ring.Count > 0 && firstSeen == 0) firstSeen = now;
            if (_ring.Count >= _ring.Slots - 1 || (firstSeen != 0 && now - firstSeen > PatienceNanoseconds)) return true;
            if (_socket.WaitReadable(0) == PacketResult.Gone) return true; // Stream() finds out at once
            AudioThread.SleepUntil(now + 4_000_000);
        }

        return false;
    }

    private StreamEnd Stream()
    {
        var stall = _stalls.Join();
        try
        {
            return Stream(stall);
        }
        finally
        {
            _stalls.Leave(stall);
        }
    }

    private StreamEnd Stream(StallWatch.Member stall)
    {
        var first = _grid.IndexAtOrAfter(AudioThread.NowNanoseconds);
        var index = first;
        var sequence = (ushort)first;
        long zeros = 0;
        while (!_stop)
        {
            var due = _grid.DueNanoseconds(index);
            AudioThread.SleepUntil(due);
            var now = AudioThread.NowNanoseconds;
            var result = now - due > MaxLateNanoseconds ? PacketResult.WouldBlock : SendWithin(stall, due, ref now, sequence, index);
            if (result == PacketResult.Gone) return StreamEnd.Gone;
            if (result == PacketResult.Done)
            {
                if (_share is not { IsAsking: true }) stall.Taken(now); // a question is no answer
                sequence++;
                Volatile.Write(ref _sent, _sent + 1);
                if (now - due > _worstLate) Volatile.Write(ref _worstLate, now - due);
            }
            else
            {
                Volatile.Write(ref _dropped, _dropped + 1);
                if (stall.IsGone(now)) return StreamEnd.Stalled;
            }

            if (_ring.Count > 0) _ring.Release();
            else zeros += _grid.FramesPerPacket;
            index++;
            _clock.Write(new OutputClock((index - first) * _grid.FramesPerPacket, zeros, _grid.DueNanoseconds(index)));
        }

        return StreamEnd.Closed;
    }

    /// <summary>Sends the packet (or silence), waiting for the radio as long as the packet is worth it.</summary>
    private PacketResult SendWithin(StallWatch.Member stall, long due, ref long now, ushort sequence, long index)
    {
        var packet = _ring.Peek();
        var silent = packet.IsEmpty;
        if (silent) packet = _silence;
        else RtpHeader.Prepare(packet, _silence[RtpHeader.Length]);
        RtpHeader.Stamp(packet, sequence, _grid.RtpTimestamp(index));
        var blocked = false;
        while (true)
        {
            var result = Send(packet, now);
            if (result == PacketResult.Done)
            {
                if (silent) Volatile.Write(ref _silent, _silent + 1);
                if (!blocked) _control.Calm(now);
                _bitpool = _control.Current;
                return result;
            }

            if (result == PacketResult.Gone || _stop) return result;
            blocked = true;
            stall.Refused(now);
            _control.Congested(now);
            _bitpool = _control.Current; // what is encoded meanwhile is smaller already
            if (Wait(now) == PacketResult.Gone) return PacketResult.Gone;
            now = AudioThread.NowNanoseconds;
            if (now - due > MaxLateNanoseconds) return PacketResult.WouldBlock;
        }
    }

    private PacketResult Send(ReadOnlySpan<byte> packet, long now)
    {
        if (_share?.TryTake(packet.Length, now) == false) return PacketResult.WouldBlock;
        var result = _socket.Send(packet);
        if (result != PacketResult.Done) _share?.GiveBack(packet.Length);
        return result;
    }

    /// <summary>For the socket to take something, or for a moment where it would: our share is used up, or the kernel has no memory for it.</summary>
    private PacketResult Wait(long now)
    {
        var result = _socket.WaitWritable(BlockedPollMs);
        if (result == PacketResult.Done && AudioThread.NowNanoseconds - now < AtOnceNanoseconds) AudioThread.SleepUntil(now + PauseNanoseconds);
        return result;
    }
}
