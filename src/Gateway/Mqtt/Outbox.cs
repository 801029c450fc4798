using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Mqtt;

/// <summary>What a retained message is, in the order in which a new connection gets them: Home Assistant shall know an entity before its state, and its state before it is available.</summary>
internal enum Rank
{
    /// <summary>Not remembered: its publisher says it again at each connect, by its own rules.</summary>
    Discovery,
    State,
    Availability,
    Gateway,
}

/// <summary>
/// What is still to be sent. Retained topics: only the latest payload of each, remembered and sent again at each connect. Others: a bounded
/// queue, of which a lost connection leaves only what is to be kept. A message at which the connection ended <see cref="MostEnds"/> times is
/// given up: it would keep everything else away for good. Any thread writes; the connection's loop alone takes.
/// </summary>
internal sealed class Outbox
{
    /// <summary>One-off messages waiting at most: with more the oldest goes.</summary>
    public const int Capacity = 10_000;

    /// <summary>Once may be chance, and the second time it goes alone.</summary>
    public const int MostEnds = 3;

    /// <summary>No broker has a smaller limit of size: what ends a connection below it does so for another reason.</summary>
    private const int SmallestLimit = 1024;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _something = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Dictionary<string, (ReadOnlyMemory<byte> Payload, Rank Rank)> _retained = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly LinkedList<Outgoing> _underWay = new(); // in order, those that the broker acknowledges
    private readonly Dictionary<string, int> _ends = new(StringComparer.Ordinal); // of retained topics: ends of the connection that met them under way
    private readonly Dictionary<string, long> _givenUp = new(StringComparer.Ordinal); // retained topics, with the size at which they were
    private readonly List<DroppedMessage> _dropped = [];
    private LinkedList<object> _queue = new(); // a string: the retained topic to send; an Outgoing: a one-off
    private int _oneOffs;
    private LinkedList<object> _kept = new(); // while opening: the one-offs that follow what is retained
    private bool _open;
    private bool _opening;
    private long _said = long.MaxValue; // the broker's word for the largest packet
    private long _learned = long.MaxValue; // a packet of this size ended the connection
    private long _largestTaken;
    private ReturningMessages? _returning; // of the present connection

    /// <summary>One-offs thrown away since the last call, because nobody took them.</summary>
    public int TakeOverflow() => Interlocked.Exchange(ref _overflow, 0);

    private int _overflow;

    /// <summary>What was given up or is too large, since the last call. A retained topic is named again at each connect.</summary>
    public IReadOnlyList<DroppedMessage> TakeDropped()
    {
        lock (_gate)
        {
            if (_dropped.Count == 0) return [];
            DroppedMessage[] dropped = [.. _dropped];
            _dropped.Clear();
            return dropped;
        }
    }

    /// <summary>Sets what a topic holds from now on.</summary>
    public void Retain(string topic, ReadOnlyMemory<byte> payload, Rank rank)
    {
        lock (_gate)
        {
            if (rank == Rank.Discovery && !_open) return;
            _retained[topic] = (payload, rank);
            if (!_open || (_opening && rank != Rank.Discovery)) return;
            if (_queued.Add(topic)) _queue.AddLast(topic);
        }

        Wake();
    }

    /// <summary>Empties a retained topic, now or at the next connect.</summary>
    public void Clear(string topic, Rank rank) => Retain(topic, ReadOnlyMemory<byte>.Empty, rank);

    /// <summary>Sends once. Dropped while there is no connection, unless it is to be kept.</summary>
    public void Send(Outgoing message)
    {
        lock (_gate)
        {
            if ((!_open || _opening) && !message.Keep) return;
            (_opening ? _kept : _queue).AddLast(message);
            if (++_oneOffs > Capacity) DropOldest();
        }

        Wake();
    }

    /// <summary>
    /// A connection is there: discovery first (<paramref name="discovery"/> says it), then everything retained by rank, then what was kept. Whatever
    /// <paramref name="discovery"/> throws, the rest is sent.
    /// </summary>
    /// <param name="largestPacket">What the broker says that it takes; null: it says nothing.</param>
    /// <param name="returning">Tells what a broker without words has left out; null: this one has words.</param>
    public void Open(Action discovery, long? largestPacket = null, ReturningMessages? returning = null)
    {
        lock (_gate)
        {
            _returning = returning;
            (_kept, _queue) = (_queue, new());
            (_open, _opening) = (true, true);
            _said = largestPacket ?? long.MaxValue;
        }

        try
        {
            discovery();
        }
        finally
        {
            lock (_gate)
            {
                foreach (var (topic, _) in _retained.Where(r => r.Value.Rank != Rank.Discovery).OrderBy(r => r.Value.Rank))
                {
                    if (_queued.Add(topic)) _queue.AddLast(topic);
                }

                foreach (var message in _kept) _queue.AddLast(message);
                _kept = new();
                _opening = false;
            }

            Wake();
        }
    }

    /// <summary>The connection is gone.</summary>
    /// <param name="mayBeOurs">What was under way may be the reason.</param>
    public void Close(bool mayBeOurs = true)
    {
        lock (_gate)
        {
            _open = false;
            _queued.Clear();
            if (mayBeOurs) Suspect();
            foreach (var topic in _retained.Where(r => r.Value.Rank == Rank.Discovery).Select(r => r.Key).ToArray()) _retained.Remove(topic);
            // In order: what was under way and may or may not have arrived (at least once), then what was still waiting.
            _queue = new(_underWay.Concat(_queue.OfType<Outgoing>()).Where(m => m is { Keep: true, Ends: < MostEnds }));
            _underWay.Clear();
            _oneOffs = _queue.Count;
        }
    }

    /// <summary>The broker may take now what it did not take earlier: what was given up is tried once more.</summary>
    public void Forgive()
    {
        lock (_gate)
        {
            foreach (var topic in _givenUp.Keys) _ends[topic] = MostEnds - 1;
            _givenUp.Clear();
            (_learned, _largestTaken) = (long.MaxValue, 0);
        }
    }

    /// <summary>The next one. What may have ended the last connection goes alone: if this one ends too, it is known by what.</summary>
    public bool TryTake(out Outgoing message)
    {
        lock (_gate)
        {
            message = null!;
            while (_open && _queue.First is { } first)
            {
                if (_underWay.Count > 0 && (IsSuspect(first.Value) || _underWay.First!.Value.IsSuspect)) return false;
                _queue.RemoveFirst();
                var next = first.Value as Outgoing;
                if (next is not null) _oneOffs--;
                else next = OfTopic((string)first.Value);
                if (!MayGo(ref next)) continue;
                if (next.Quality != MqttQualityOfServiceLevel.AtMostOnce) _underWay.AddLast(next);
                _returning?.Sent(next);
                message = next;
                return true;
            }

            return false;
        }
    }

    /// <summary>The broker has it.</summary>
    /// <param name="taken">False: it has answered that it does not take it.</param>
    public void Acknowledge(Outgoing message, bool taken = true)
    {
        lock (_gate)
        {
            _underWay.Remove(message);
            if (_underWay.Count == 0) Wake(); // for one that has to go alone
            if (taken) _largestTaken = Math.Max(_largestTaken, message.PacketBytes);
            if (!message.Retain) return;
            _ends.Remove(message.Topic);
            _givenUp.Remove(message.Topic);
            // A cleared topic needs no memory, unless it was filled, or cleared once more, meanwhile.
            if (message.Payload.IsEmpty && !_queued.Contains(message.Topic) && _retained.TryGetValue(message.Topic, out var now) && now.Payload.IsEmpty) _retained.Remove(message.Topic);
        }
    }

    /// <summary>Something was heard on a topic that we listen to, perhaps of our own.</summary>
    public void Heard(MqttApplicationMessage message)
    {
        lock (_gate)
        {
            if (_returning?.Heard(message) is not { Count: > 0 } leftOut) return;
            _dropped.AddRange(leftOut);
        }

        Wake();
    }

    public bool IsEmpty
    {
        get
        {
            lock (_gate) return _queue.Count == 0;
        }
    }

    /// <summary>Waits until there may be something to take.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _something.Reader.ReadAsync(cancellationToken);

    private bool IsSuspect(object queued) => queued is Outgoing oneOff ? oneOff.IsSuspect : _ends.ContainsKey((string)queued);

    private Outgoing OfTopic(string topic)
    {
        _queued.Remove(topic);
        return new Outgoing { Topic = topic, Payload = _retained[topic].Payload, Retain = true, Ends = _ends.GetValueOrDefault(topic) };
    }

    private bool MayGo(ref Outgoing message)
    {
        var most = Math.Min(_said, _learned - 1);
        if (message.PacketBytes > most && message.Shorter is not null) message = message.Shortened();
        if (message.PacketBytes > most)
        {
            _dropped.Add(new(message.Topic, message.PacketBytes, message.PacketBytes > _said ? DropReason.TooLarge : DropReason.LikelyTooLarge, Math.Min(_said, _learned)));
            return false;
        }

        return !message.Retain || !_givenUp.TryGetValue(message.Topic, out var size) || message.PacketBytes < size;
    }

    /// <summary>Counts an end against all that were under way: one alone, if it was a suspect before.</summary>
    private void Suspect()
    {
        foreach (var message in _underWay)
        {
            message.Ends++;
            if (message.Retain) _ends[message.Topic] = message.Ends;
            if (message.Ends < MostEnds) continue;
            if (message.Retain)
            {
                _givenUp[message.Topic] = message.PacketBytes;
                _ends[message.Topic] = MostEnds - 1; // whatever it holds next goes alone, and once
            }

            _dropped.Add(new(message.Topic, message.PacketBytes, DropReason.EndsConnection, 0));
            // A broker that takes no more than this would else be asked three times for each that is larger.
            if (message.PacketBytes > Math.Max(_largestTaken, SmallestLimit)) _learned = Math.Min(_learned, message.PacketBytes);
        }
    }

    private void DropOldest()
    {
        for (var node = _queue.First; node is not null; node = node.Next)
        {
            if (node.Value is not Outgoing) continue;
            _queue.Remove(node);
            _oneOffs--;
            _overflow++;
            return;
        }
    }

    private void Wake() => _something.Writer.TryWrite(true);
}
