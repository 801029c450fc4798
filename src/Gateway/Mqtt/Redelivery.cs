using MQTTnet;

namespace Gateway.Mqtt;

/// <summary>
/// Tells a message that the broker delivers once more, because our acknowledgement was lost with the connection, from a new one (MQTT 5 §4.4): it has
/// the same packet identifier and is marked as a duplicate. For the receive loop of one connection after the other.
/// </summary>
internal sealed class Redelivery
{
    private readonly Dictionary<ushort, (string Topic, int Payload)> _handled = []; // by packet identifier, of which there are 65,535

    /// <summary>Was this message handled before? Else it is from now on.</summary>
    public bool IsRepeated(MqttApplicationMessage message, ushort packetId)
    {
        if (packetId == 0) return false; // QoS 0
        var hash = new HashCode();
        foreach (var part in message.Payload) hash.AddBytes(part.Span);
        var seen = (message.Topic, hash.ToHashCode());
        if (message.Dup && _handled.TryGetValue(packetId, out var before) && before == seen) return true;
        _handled[packetId] = seen;
        return false;
    }

    /// <summary>The broker has a new session for us, and numbers from the beginning.</summary>
    public void Forget() => _handled.Clear();
}
