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

    // A name that stands twice is found out only when somebody looks for it.
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

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

    /// <summary>Reads a text that may be anybody's; null: it is not what we write.</summary>
    public static T? TryRead<T>(byte[] text, Func<JsonObject, T?> read) where T : class
    {
        try
        {
            return read(Parse(text));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A text that may be anybody's. Whatever would fail when it is looked at or written later fails here.</summary>
    /// <exception cref="JsonException">It is no UTF-8, no JSON object, or has a name twice.</exception>
    /// <exception cref="InvalidOperationException">It holds half a character.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> text)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text)) throw new JsonException("It is no UTF-8.");
        var node = JsonNode.Parse(text, null, s_strict) as JsonObject ?? throw new JsonException("It is no object.");
        Write(node);
        return node;
    }

    /// <summary>Is what is read of a message of the kind that we write: components that are objects, and texts for platforms and the device's name?</summary>
    public static bool IsOurKind(JsonObject payload) =>
        payload["cmps"] is JsonObject components && components.All(c => c.Value is JsonObject component && IsComponent(component))
        && (payload["dev"] is null || (payload["dev"] is JsonObject device && IsTextOrNone(device["name"])));

    public static bool IsComponent(JsonObject component) => IsTextOrNone(component["p"]);

    private static bool IsTextOrNone(JsonNode? value) => value is null || value.GetValueKind() == JsonValueKind.String;

    public static string Write(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_readable)) node.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
