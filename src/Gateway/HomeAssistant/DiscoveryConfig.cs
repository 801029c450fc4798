using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.HomeAssistant;

/// <summary>One device's discovery message. The payload is never changed after it was made.</summary>
internal sealed class DiscoveryConfig
{
    // Names keep their letters: MQTT payloads are UTF-8, never HTML.
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public DiscoveryConfig(string topic, JsonObject payload)
    {
        Topic = topic;
        Payload = payload;
        Text = Write(payload);
    }

    public string Topic { get; }
    public JsonObject Payload { get; }

    /// <summary>The payload as sent; equal texts are equal configurations.</summary>
    public string Text { get; }

    public string Name => (string?)Payload["dev"]?["name"] ?? Topic;

    public JsonObject Components => (JsonObject)Payload["cmps"]!;

    /// <summary>The message with more components: dropped ones in full, or their tombstones.</summary>
    public string With(IEnumerable<KeyValuePair<string, JsonObject>> more)
    {
        var payload = (JsonObject)Payload.DeepClone();
        var components = (JsonObject)payload["cmps"]!;
        foreach (var (id, component) in more) components.TryAdd(id, component.DeepClone());
        return Write(payload);
    }

    /// <summary>What deletes a component: its platform and nothing else.</summary>
    public static JsonObject Tombstone(JsonObject component) => new() { ["p"] = (string?)component["p"] };

    public static string Write(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_readable)) node.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
