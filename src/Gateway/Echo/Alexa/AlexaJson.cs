using System.Text.Json;

namespace Gateway.Echo.Alexa;

/// <summary>Reads JSON of which nothing is promised: what is missing, or of another kind, is null or nothing.</summary>
internal static class AlexaJson
{
    /// <summary>Null: it is no JSON.</summary>
    public static JsonElement? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonElement Member(this JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    public static IEnumerable<JsonElement> Items(this JsonElement element) => element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) => element.Member(name).Items();

    public static string? Text(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.String } text ? TextOf(text) : null;

    public static IEnumerable<string> Texts(this JsonElement element, string name) => element.Items(name).Where(i => i.ValueKind == JsonValueKind.String).Select(TextOf).OfType<string>();

    public static bool? Flag(this JsonElement element, string name) => element.Member(name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static int? Number(this JsonElement element, string name) => element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    /// <summary>Null for half a character, which is no text.</summary>
    private static string? TextOf(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
