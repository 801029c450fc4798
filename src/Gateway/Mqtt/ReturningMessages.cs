using System.Buffers;
using MQTTnet;

namespace Gateway.Mqtt;

/// <summary>
/// Over MQTT 3.1.1 a broker has no word for what it leaves out, and acknowledges it all the same. What we send on topics that we listen to comes back in its
/// order: what is missing when a later one is here, and is larger than all that came back, was left out for its size. Under the outbox's lock.
/// </summary>
internal sealed class ReturningMessages(IReadOnlyList<string> filters)
{
    /// <summary>One that never comes back may be followed by none that does, where a broker lets us write and not read.</summary>
    private const int Most = 1000;

    private readonly Queue<Outgoing> _away = new();
    private long _largestBack;

    /// <summary>In the order in which they are sent.</summary>
    public void Sent(Outgoing message)
    {
        if (!message.Retain || !filters.Any(f => MqttTopicFilterComparer.Compare(message.Topic, f) == MqttTopicFilterCompareResult.IsMatch)) return;
        _away.Enqueue(message);
        if (_away.Count > Most) _away.Dequeue();
    }

    /// <summary>Something was heard: what should have come before it.</summary>
    public IReadOnlyList<DroppedMessage> Heard(MqttApplicationMessage heard)
    {
        // A retained one stood there before; another's is not among ours.
        if (heard.Retain || !_away.Any(m => IsSame(m, heard))) return [];
        List<Outgoing> missing = [];
        Outgoing next;
        while (!IsSame(next = _away.Dequeue(), heard)) missing.Add(next);
        _largestBack = Math.Max(_largestBack, next.PacketBytes);
        return [.. missing.Where(m => m.PacketBytes > _largestBack).Select(m => new DroppedMessage(m.Topic, m.PacketBytes, DropReason.LeftOut, _largestBack))];
    }

    private static bool IsSame(Outgoing ours, MqttApplicationMessage heard) => ours.Topic == heard.Topic && ours.Payload.Span.SequenceEqual(heard.Payload.ToArray());
}
