using Gateway.House;

namespace Gateway.Mqtt;

/// <summary>A command that came as a message.</summary>
/// <param name="Topic">As it came; names the command in its answers.</param>
/// <param name="ReplyTo">Where the answers also go; null: only to the common topic.</param>
internal sealed record MqttOrigin(string Topic, ReplyAddress? ReplyTo) : CommandOrigin
{
    public override string NameOf(Command command) => Topic;
}

/// <summary>An MQTT 5 response topic and correlation data.</summary>
internal sealed record ReplyAddress(string Topic, ReadOnlyMemory<byte> CorrelationData);
