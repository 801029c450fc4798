namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// Which speaker of an adapter is given up because it takes no sound any more. A socket that takes nothing is no evidence by itself: the machine may have
/// stood still, the controller's buffers may be full of another's packets, the whole air may be jammed. Two things are evidence:
/// <list type="bullet">
/// <item>it took nothing for 1.5 s, while another speaker on the same adapter took its packets all that time;</item>
/// <item>it is the only stream of its adapter, so there is nobody to compare it with, and nobody whom it holds up: it took nothing for 4 s.</item>
/// </list>
/// Only time counts in which its own sender looked when it wanted to and the <see cref="Heartbeat"/> was on time. Where all stand still it is nobody's: the
/// radio itself ends a dead link (after 20 s, Linux's supervision timeout), and the others go on. A pure object: told the time, it asks no clock. Each
/// stream's thread tells its own part; no lock but to come and go.
/// </summary>
internal sealed class StallWatch(Heartbeat heartbeat)
{
    /// <summary>With what the kernel and the radio had still taken (0.3 s) it stays below 2 s.</summary>
    public const long WitnessedNanoseconds = 1_500_000_000;

    /// <summary>Longer than what a radio at the edge of its reach is silent for at times: giving it up would cost more than waiting.</summary>
    public const long AloneNanoseconds = 4_000_000_000;

    /// <summary>Who took nothing for so long is no witness for the time before: it stood still itself.</summary>
    public const long PauseNanoseconds = 300_000_000;

    /// <summary>A sender that waits looks every few milliseconds; more in between is its own lateness.</summary>
    private const long LookNanoseconds = 50_000_000;

    private readonly Lock _coming = new();
    private volatile Member[] _members = [];
    private long _lastGivenUp = long.MinValue / 2;

    /// <summary>
    /// A stream is there, and the machine is watched until its <see cref="Closed"/>. Never called by an audio thread: the heartbeat's thread may have to be
    /// started, for which .NET waits without sleeping, and on a single processor nothing of lower priority would run meanwhile.
    /// </summary>
    public void Opened() => heartbeat.Listen();

    public void Closed() => heartbeat.Leave();

    /// <summary>For a stream that begins to send; it leaves when it ends.</summary>
    public Member Join()
    {
        var member = new Member(this, heartbeat);
        lock (_coming) _members = [.. _members, member];
        return member;
    }

    public void Leave(Member member)
    {
        lock (_coming) _members = [.. _members.Where(m => m != member)];
    }

    private bool IsAlone => _members.Length == 1;

    // Another took its packets for as long, and still does.
    private bool HasWitness(Member member, long now)
    {
        foreach (var other in _members)
        {
            if (other != member && other.Moves(now)) return true;
        }

        return false;
    }

    /// <summary>One stream's part. Told by its sender's thread.</summary>
    internal sealed class Member(StallWatch watch, Heartbeat heartbeat)
    {
        // The sender's own: since it took the last packet.
        private bool _waits;
        private long _waitsSince, _steadyBefore, _lastLook, _looked;

        // Read by the others.
        private long _lastTaken = long.MinValue / 2, _movingSince;

        /// <summary>A packet was taken.</summary>
        public void Taken(long now)
        {
            _waits = false;
            if (now - _lastTaken > PauseNanoseconds) Volatile.Write(ref _movingSince, now);
            Volatile.Write(ref _lastTaken, now);
        }

        /// <summary>A packet was offered, and not taken.</summary>
        public void Refused(long now)
        {
            // Evidence begins anew where nobody looked for long (it may have taken packets meanwhile), and after another was given up, who may have held it up.
            if (!_waits || now - _lastLook > PauseNanoseconds || Volatile.Read(ref watch._lastGivenUp) > _waitsSince)
            {
                (_waits, _waitsSince, _steadyBefore, _looked) = (true, now, heartbeat.SteadyNanoseconds, 0);
            }
            else if (now - _lastLook <= LookNanoseconds)
            {
                _looked += now - _lastLook;
            }

            _lastLook = now;
        }

        /// <summary>True: it is to be given up, which the caller does.</summary>
        public bool IsGone(long now)
        {
            // A sender that comes late drops packets before it looks again: what it saw before is no evidence for the time since.
            if (!_waits || now - _lastLook > PauseNanoseconds) return false;
            var last = Volatile.Read(ref watch._lastGivenUp);
            if (last > _waitsSince) return false;
            var waited = Math.Min(_looked, heartbeat.SteadyNanoseconds - _steadyBefore);
            if (waited < WitnessedNanoseconds) return false;
            if (!watch.HasWitness(this, now) && !(watch.IsAlone && waited >= AloneNanoseconds)) return false;
            return Interlocked.CompareExchange(ref watch._lastGivenUp, now, last) == last;
        }

        /// <summary>It took its packets, without a long pause, for as long as a stall must last, and still does.</summary>
        public bool Moves(long now) =>
            now - Volatile.Read(ref _lastTaken) <= PauseNanoseconds && now - Volatile.Read(ref _movingSince) >= WitnessedNanoseconds;
    }
}
