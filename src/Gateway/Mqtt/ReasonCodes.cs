namespace Gateway.Mqtt;

/// <summary>MQTT 5's reason codes (§2.4) in words; libraries do not know them all, and nobody knows them by heart.</summary>
internal static class ReasonCodes
{
    /// <summary>Why the broker did not take it, and what the user can do about it.</summary>
    public static (string Words, string Remedy) Of(int code) => code switch
    {
        0x81 or 0x82 => ("it calls it a fault of protocol", "Please report it, with the broker's name and log."),
        0x87 => ("its access rules do not allow it", "Allow it in the broker's access rules."),
        0x88 => ("it does not serve now", "Look at the broker's log."),
        0x89 => ("it is busy", "Look at the broker's log."),
        0x8F => ("it does not like the topic filter", "Choose another mqtt.base_topic or home_assistant.discovery_prefix."),
        0x90 => ("it does not like the topic", "Look at the broker's limits for topics (length, levels)."),
        0x93 => ("too many messages were under way", "Raise the broker's limit (Mosquitto: max_inflight_messages)."),
        0x95 => ("it is too large", "Raise the broker's limit (Mosquitto: message_size_limit, max_packet_size)."),
        0x96 => ("messages come too fast", "Raise the broker's limit for messages a second."),
        0x97 => ("a quota is used up", "Raise the broker's limits."),
        0x98 => ("its administrator has decided so", "Look at the broker's log and its access rules."),
        0x99 => ("it does not like the content", "Switch off the broker's check of payloads for these topics."),
        0x9A => ("it keeps no retained messages", "Switch them on in the broker (Mosquitto: retain_available true)."),
        0x9B => ("it does not allow this quality of service", "Allow QoS 1 in the broker (Mosquitto: max_qos 1)."),
        0x9C or 0x9D => ("it wants us to use another broker", "Correct mqtt.url."),
        0x9E or 0xA1 or 0xA2 => ("it does not allow this kind of subscription", "Allow wildcards in the broker."),
        0x9F => ("connections come too fast", "Wait, or raise the broker's limit."),
        0xA0 => ("the longest time of a connection is over", "Raise the broker's limit."),
        _ => ($"it gives no better reason than code {code}", "Look at the broker's log."),
    };
}
