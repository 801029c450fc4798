using MQTTnet;
using MQTTnet.Protocol;

namespace Gateway.Mqtt;

/// <summary>What the broker says of itself when it lets us in (the CONNACK); MQTT 3.1.1 says nothing.</summary>
/// <param name="Window">Messages that it wants to have under way at most.</param>
/// <param name="LargestPacket">Null: no limit is told.</param>
/// <param name="SpeaksV5">Over MQTT 5.</param>
/// <param name="KeepAlive">How often it wants to hear from us, where that is more often than we meant to.</param>
/// <param name="AskEvery">How often we ask whether it is there.</param>
/// <param name="MostQuality">The highest quality of service.</param>
/// <param name="ClientId">The one that it knows us by.</param>
/// <param name="HasSession">It has kept our session, and what was sent to us meanwhile.</param>
internal sealed record BrokerTraits(
    bool SpeaksV5, int Window, long? LargestPacket, TimeSpan? KeepAlive, TimeSpan AskEvery, MqttQualityOfServiceLevel MostQuality, bool KeepsRetained, string ClientId, bool HasSession)
{
    /// <summary>Messages on their way to a broker that names no limit of its own (MQTT 5 "receive maximum"); Mosquitto's default limit is 20.</summary>
    private const int DefaultWindow = 16;

    private const int AsksPerKeepAlive = 4;

    public static BrokerTraits Of(MqttClientConnectResult answer, bool speaksV5, string clientId, TimeSpan keepAlive)
    {
        if (!speaksV5) return new(false, DefaultWindow, null, null, keepAlive / AsksPerKeepAlive, MqttQualityOfServiceLevel.ExactlyOnce, true, clientId, false);
        var wanted = TimeSpan.FromSeconds(answer.ServerKeepAlive);
        var often = wanted > TimeSpan.Zero && wanted < keepAlive ? wanted : (TimeSpan?)null;
        return new(
            true,
            Math.Min(DefaultWindow, answer.ReceiveMaximum is > 0 and var most ? (int)most : DefaultWindow),
            answer.MaximumPacketSize is > 0 and var largest ? largest : null,
            often,
            (often ?? keepAlive) / AsksPerKeepAlive,
            answer.MaximumQoS,
            answer.RetainAvailable,
            string.IsNullOrEmpty(answer.AssignedClientIdentifier) ? clientId : answer.AssignedClientIdentifier,
            answer.IsSessionPresent);
    }

    /// <summary>For the log: only what is not as usual.</summary>
    public override string ToString() => string.Join(", ", new[]
    {
        LargestPacket is { } largest ? $"packets up to {largest} bytes" : null,
        KeepAlive is { } often ? $"keep-alive {often.TotalSeconds:0} s" : null,
        Window < DefaultWindow ? $"{Window} messages under way" : null,
        MostQuality == MqttQualityOfServiceLevel.AtMostOnce ? "QoS 0 only" : null,
        HasSession ? "our session kept" : null,
    }.OfType<string>());
}
