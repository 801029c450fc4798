using System.Text;
using MQTTnet.Protocol;

namespace Gateway.Mqtt;

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

    /// <summary>Says the same with less, for a broker that does not take it whole; null: nothing can be left out.</summary>
    public Func<ReadOnlyMemory<byte>>? Shorter { get; init; }

    /// <summary>Ends of the connection that met it under way.</summary>
    public int Ends { get; set; }

    /// <summary>It may be what ended the connection: it goes alone, so that the next end tells.</summary>
    public bool IsSuspect => Ends > 0;

    /// <summary>The size of its MQTT 5 packet (§3.3); 3.1.1 needs a few bytes less.</summary>
    public long PacketBytes
    {
        get
        {
            var properties = CorrelationData.IsEmpty ? 0 : 3 + CorrelationData.Length;
            var packetId = Quality == MqttQualityOfServiceLevel.AtMostOnce ? 0 : 2;
            long rest = 2 + Encoding.UTF8.GetByteCount(Topic) + packetId + LengthBytes(properties) + properties + Payload.Length;
            return 1 + LengthBytes(rest) + rest;
        }
    }

    public Outgoing Shortened() => new()
    {
        Topic = Topic, Payload = Shorter!(), Retain = Retain, Keep = Keep, Quality = Quality, CorrelationData = CorrelationData, Ends = Ends,
    };

    /// <summary>Bytes of a "variable byte integer" (MQTT 5 §1.5.5).</summary>
    private static int LengthBytes(long value) => value switch { < 128 => 1, < 16_384 => 2, < 2_097_152 => 3, _ => 4 };
}

/// <summary>Why a message is not sent.</summary>
internal enum DropReason
{
    /// <summary>The broker has said how much it takes.</summary>
    TooLarge,

    /// <summary>The broker ended the connection at a message that was no larger, and has never taken one as large.</summary>
    LikelyTooLarge,

    /// <summary>The connection ended whenever it was under way.</summary>
    EndsConnection,

    /// <summary>The broker took it and passed it on to nobody, which it did with all that are smaller.</summary>
    LeftOut,
}

/// <summary>A message that is not sent (any more), or was in vain.</summary>
internal sealed record DroppedMessage(string Topic, long Bytes, DropReason Reason, long Limit);
