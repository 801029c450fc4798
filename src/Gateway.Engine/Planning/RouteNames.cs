using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>Routes as they are written, in JSON, in the configuration and for people.</summary>
public static class RouteNames
{
    private static readonly string[] s_names = ["stereo-pair", "wifi-group", "fan-out", "broadcast", "transmitter", "party-mode", "airplay", "mixed", "infeasible"];

    public static string Of(Route route) => (int)route >= 0 && (int)route < s_names.Length ? s_names[(int)route] : "infeasible";

    /// <summary>False for what is no route.</summary>
    public static bool TryRead(string? text, out Route route)
    {
        var index = Array.IndexOf(s_names, text);
        route = (Route)Math.Max(index, 0);
        return index >= 0;
    }
}

/// <summary>Their JSON form.</summary>
public sealed class RouteConverter : JsonConverter<Route>
{
    public override Route Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RouteNames.TryRead(reader.GetString(), out var route) ? route : throw new JsonException("This is no route.");

    public override void Write(Utf8JsonWriter writer, Route value, JsonSerializerOptions options) => writer.WriteStringValue(RouteNames.Of(value));
}
