using System.Text;

namespace Gateway.Mqtt;

/// <summary>
/// Which MQTT 5 response topics are used. Whoever may send commands chooses them and we write there, with our rights: never into what programs take for
/// our word or for a command, and nothing that a broker ends the connection for.
/// </summary>
internal sealed class ResponseTopics(Topics topics, MqttOptions options)
{
    /// <summary>As AWS IoT; Mosquitto takes 65,535.</summary>
    public const int MostBytes = 256;

    /// <summary>Mosquitto ends the connection above 200.</summary>
    public const int MostLevels = 32;

    /// <summary>Null: it can be used.</summary>
    public string? WhyNot(string topic)
    {
        var levels = topic.Split('/');
        return Encoding.UTF8.GetByteCount(topic) > MostBytes ? $"it is longer than {MostBytes} bytes"
            : levels.Length > MostLevels ? $"it has more than {MostLevels} levels"
            : topic.AsSpan().ContainsAny('+', '#') ? "it has a wildcard"
            : topic.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c >= '\uFFFE') ? "it has a character that does not belong into topics"
            : topic.StartsWith('$') ? "topics that begin with $ belong to the broker"
            : IsBelow(topic, topics.Base) ? $"topics below {topics.Base} are the gateway's own"
            : IsBelow(topic, options.DiscoveryPrefix) || IsBelow(topic, "homeassistant") ? "Home Assistant takes what is there for discovery"
            : levels is [.., "set"] || levels is [.., "voice", _] ? "it is the topic of a command"
            : null;
    }

    private static bool IsBelow(string topic, string root) => topic.StartsWith(root, StringComparison.Ordinal) && (topic.Length == root.Length || topic[root.Length] == '/');
}
