using System.Threading.Channels;
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

/// <summary>A message on its way out.</summary>
internal sealed class Outgoing
{
    public required string Topic { get; init; }
    public required ReadOnlyMemory<byte> Payload { get; init; }
    public bool Retain { get; init; }

    /// <summary>Outlives a lost connection (answers and events do, telemetry does not).</summary>
    public bool Keep { get; init; }
    public MqttQualityOfServiceLevel Quality { get; init; } = MqttQualityOfServiceLevel.AtLeastOnce;

    /// <summary>MQTT 5 correlation data of an answer.</summary>
    public ReadOnlyMemory<byte> CorrelationData { get; init; }
}

/// <summary>
/// What is still to be sent. Retained topics: only the latest payload of each, remembered and sent again at each connect. Others: a bounded
/// queue, of which a lost connection leaves only what is to be kept. Any thread writes; the connection's loop alone takes.
/// </summary>
internal sealed class Outbox
{
    /// <summary>One-off messages waiting at most: with more the oldest goes.</summary>
    public const int Capacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _something = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Dictionary<string, (ReadOnlyMemory<byte> Payload, Rank Rank)> _retained = new(StringComparer.Ordinal);
    private readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    private readonly LinkedList<Outgoing> _unacknowledged = new();
    private LinkedList<object> _queue = new(); // a string: the retained topic to send; an Outgoing: a one-off
    private int _oneOffs;
    private LinkedList<object> _kept = new(); // while opening: the one-offs that follow what is retained
    private bool _open;
    private bool _opening;

    /// <summary>One-offs thrown away since the last call, because nobody took them.</summary>
    public int TakeOverflow() => Interlocked.Exchange(ref _overflow, 0);

    private int _overflow;

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

    /// <summary>A connection is there: discovery first (<paramref name="discovery"/> says it), then everything retained by rank, then what was kept.</summary>
    public void Open(Action discovery)
    {
        lock (_gate)
        {
            (_kept, _queue) = (_queue, new());
            (_open, _opening) = (true, true);
        }

        discovery();
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

    /// <summary>The connection is gone.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _open = false;
            _queued.Clear();
            foreach (var topic in _retained.Where(r => r.Value.Rank == Rank.Discovery).Select(r => r.Key).ToArray()) _retained.Remove(topic);
            // In order: what was under way and may or may not have arrived (at least once), then what was still waiting.
            _queue = new(_unacknowledged.Concat(_queue.OfType<Outgoing>()).Where(m => m.Keep));
            _unacknowledged.Clear();
            _oneOffs = _queue.Count;
        }
    }

    public bool TryTake(out Outgoing message)
    {
        lock (_gate)
        {
            message = null!;
            if (!_open || _queue.First is not { } first) return false;
            _queue.RemoveFirst();
            if (first.Value is Outgoing oneOff)
            {
                _oneOffs--;
                if (oneOff.Keep) _unacknowledged.AddLast(oneOff);
                message = oneOff;
                return true;
            }

            var topic = (string)first.Value;
            _queued.Remove(topic);
            message = new Outgoing { Topic = topic, Payload = _retained[topic].Payload, Retain = true };
            return true;
        }
    }

    /// <summary>The broker has it.</summary>
    public void Acknowledge(Outgoing message)
    {
        lock (_gate)
        {
            if (message.Keep) _unacknowledged.Remove(message);
            // A cleared topic needs no memory, unless it was filled again meanwhile.
            if (message.Retain && message.Payload.IsEmpty && _retained.TryGetValue(message.Topic, out var now) && now.Payload.IsEmpty) _retained.Remove(message.Topic);
        }
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
