using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Gateway.Native.Hci;
using Gateway.Native.Libc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// Each link's share of its controller's buffers. A controller has some eight for all its links, and keeps a packet until the speaker has
/// acknowledged it: without shares the packets of a speaker that left fill them all, and everybody stalls until its link ends. Any thread.
/// </summary>
internal sealed class ControllerBuffers
{
    private readonly ConcurrentDictionary<int, Controller?> _controllers = new();

    /// <summary>The share of the link that a stream's socket runs over; null where it cannot be known (no right to listen to the controller, or no such socket).</summary>
    /// <param name="socket">BlueZ's, of the stream.</param>
    /// <param name="device">The controller's number: 0 for <c>hci0</c>; null: not known.</param>
    public LinkShare? Of(SafeHandle socket, int? device)
    {
        if (device is not { } number || HciSocket.LinkOf(socket) is not { } link) return null;
        var controller = _controllers.AddOrUpdate(number, Open, (_, known) => known is { IsGone: false } ? known : Open(number));
        return controller?.Join(link);
    }

    private static Controller? Open(int device) => HciSocket.TryOpen(device) is { } socket ? new Controller(socket) : null;

    /// <summary>One controller: a thread hears what it has got rid of, as long as it is there.</summary>
    private sealed class Controller
    {
        /// <summary>Above the senders: what they may send depends on what it has heard.</summary>
        private const int RealTimePriority = 6;
        private const int Links = 0x1000;
        private readonly HciSocket _socket;
        private readonly LinkShare?[] _shares = new LinkShare?[Links];
        private int _streams;
        private volatile bool _gone;

        public Controller(HciSocket socket)
        {
            _socket = socket;
            new Thread(Listen) { IsBackground = true, Name = "hci buffers" }.Start();
        }

        public bool IsGone => _gone;

        public LinkShare Join(ushort link)
        {
            Interlocked.Increment(ref _streams);
            var share = new LinkShare(_socket.PacketBytes, MayHold, Leave);
            Volatile.Write(ref _shares[link & (Links - 1)], share);
            return share;
        }

        /// <summary>An equal share, and two at least: one on the air and the next.</summary>
        private int MayHold() => _gone || Volatile.Read(ref _streams) < 2 ? int.MaxValue : Math.Max(2, _socket.Packets / Volatile.Read(ref _streams));

        private void Leave(LinkShare share)
        {
            Interlocked.Decrement(ref _streams);
            for (var i = 0; i < _shares.Length; i++) Interlocked.CompareExchange(ref _shares[i], null, share);
        }

        private void Listen()
        {
            try
            {
                AudioThread.TryRaisePriority(RealTimePriority);
                Action<ushort, int> completed = (link, packets) => Volatile.Read(ref _shares[link])?.Complete(packets);
                while (_socket.Read(-1, completed))
                {
                }
            }
            catch (Exception)
            {
                // Whatever it is, only the shares end with it: nothing is known of the buffers any more, and so nothing is limited.
            }

            _gone = true;
            _socket.Dispose();
        }
    }
}

/// <summary>What one link's controller holds of it. The stream's sender takes, the controller's listener completes.</summary>
/// <param name="bufferBytes">Of one of the controller's buffers.</param>
/// <param name="mayHold">How many it may fill now.</param>
/// <param name="left">Told when the stream ends.</param>
internal sealed class LinkShare(int bufferBytes, Func<int> mayHold, Action<LinkShare> left)
{
    private const int L2capHeader = 4;

    /// <summary>A share that stands still for so long is asked for with one packet more: the link may be well, and what was completed not have been told.</summary>
    private const long QuietNanoseconds = 300_000_000;

    private long _completed;

    // The sender's own.
    private long _sent;
    private long _seen;
    private long? _seenAt;
    private bool _asked;

    /// <summary>The last packet went beyond the share, and nothing was heard since.</summary>
    public bool IsAsking => _asked;

    /// <summary>True: the packet may be sent, and counts from now on.</summary>
    public bool TryTake(int packetBytes, long now)
    {
        var completed = Volatile.Read(ref _completed);
        _seenAt ??= now;
        if (completed != _seen)
        {
            // The controller answers in order. What it owed before so long a silence it has told, or nobody heard (a full socket drops events).
            if (now - _seenAt > QuietNanoseconds) _sent = completed;
            (_seen, _seenAt, _asked) = (completed, now, false);
        }

        // What went over the link before us, and its signalling, is completed too and was never counted as sent.
        if (_sent < completed) _sent = completed;
        if (_sent - completed >= mayHold())
        {
            if (_asked || now - _seenAt <= QuietNanoseconds) return false;
            _asked = true;
        }

        _sent += Buffers(packetBytes);
        return true;
    }

    /// <summary>The packet was not sent after all.</summary>
    public void GiveBack(int packetBytes)
    {
        _sent -= Buffers(packetBytes);
        _asked = false;
    }

    public void Complete(int packets) => Interlocked.Add(ref _completed, packets);

    public void End() => left(this);

    private int Buffers(int packetBytes) => (packetBytes + L2capHeader + bufferBytes - 1) / bufferBytes;
}
