using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Engine.Text;

/// <summary>Reads JSON that somebody else wrote, or another version: what cannot be read is the same as none.</summary>
public static class ForeignJson
{
    /// <summary>Null: it is no JSON, or not of this form.</summary>
    public static T? TryRead<T>(string text, JsonTypeInfo<T> type) where T : class => Try(() => JsonSerializer.Deserialize(text, type));

    /// <inheritdoc cref="TryRead{T}(string, JsonTypeInfo{T})"/>
    public static T? TryRead<T>(byte[] text, JsonTypeInfo<T> type) where T : class => Try(() => JsonSerializer.Deserialize(text, type));

    /// <summary>Null: it is no JSON.</summary>
    public static JsonElement? TryParse(string text) => TryParse(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc cref="TryParse(string)"/>
    public static JsonElement? TryParse(ReadOnlySequence<byte> text) => Try<JsonElement?>(() =>
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    });

    private static T? Try<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
