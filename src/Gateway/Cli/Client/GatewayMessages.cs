using System.Text.Json;
using Gateway.House;

namespace Gateway.Cli.Client;

// What the gateway says, as this process heard it. It may be of another version, so nothing is taken for granted: a member that is missing or of another type is null.

/// <summary>A device's state document.</summary>
internal sealed record DeviceState(string Kind, string Id, JsonElement Json)
{
    public string Name => Json.Text("name") is { Length: > 0 } name ? name : Id;
    public string? Address => Json.Text("address");
    public bool? Paired => Json.Flag("paired");
    public bool? Connected => Json.Flag("connected");
    public double? RssiDbm => Json.Number("rssi_dbm");
}

/// <summary>An answer on <c>…/response</c>.</summary>
internal sealed record GatewayAnswer(JsonElement Json)
{
    public string Result => Json.Text("result") ?? "no result";
    public string? Reason => Json.Text("reason");
    public bool IsAccepted => Json.Word<CommandResult>("result") == CommandResult.Accepted;
    public bool IsDone => Json.Word<CommandResult>("result") == CommandResult.Done;
    public bool IsRefused => Json.Word<CommandResult>("result") == CommandResult.Refused;

    /// <summary>The adapter's name in the first step of the plan; null: there is no plan, or it needs none.</summary>
    public string? Adapter => Json.Member("plan").Items("steps").Select(s => s.Text("adapter")).FirstOrDefault(a => a is not null);
}

/// <summary>Something on <c>…/event</c>.</summary>
internal sealed record GatewayEvent(JsonElement Json)
{
    /// <summary>Null: one that only another version knows.</summary>
    public HouseEventType? Type => Json.Word<HouseEventType>("event_type");
    public string? Device => Json.Text("device");
    public string? Group => Json.Text("group");
    public string Text => Json.Text("text") ?? "";
    public int? Question => (int?)Json.Number("question");
}

/// <summary>A phone or an Echo that is paired with the gateway and plays to it: an entry of the gateway's <c>a2dp_sources</c>.</summary>
internal sealed record SourceState(string Name, string Address, string? Adapter, bool Connected);

internal static class JsonMembers
{
    public static JsonElement Member(this JsonElement json, string name) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    public static string? Text(this JsonElement json, string name) => AsText(json.Member(name));

    /// <summary>A word of the contract.</summary>
    public static T? Word<T>(this JsonElement json, string name) where T : struct, Enum => Words.Read<T>(json.Text(name));

    public static bool? Flag(this JsonElement json, string name) => json.Member(name).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static double? Number(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    public static IEnumerable<string> Texts(this JsonElement json, string name) => json.Items(name).Select(AsText).OfType<string>();

    private static string? AsText(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // an escaped half of a surrogate pair
        }
    }
}
