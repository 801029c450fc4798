using System.Text.Json.Nodes;

namespace Gateway.Simulation;

/// <summary>A request as it came in, its body read.</summary>
/// <param name="Path">Without the query.</param>
internal sealed record AlexaRequest(string Method, string Host, string Path, string Body)
{
    public string[] Segments { get; } = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    public required IReadOnlyDictionary<string, string> Query { get; init; }
    public required IReadOnlyDictionary<string, string> Cookies { get; init; }

    /// <summary>Those that matter, by their names in lower case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>Such as <c>HTTP/2</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The body as JSON; null: it is none.</summary>
    public JsonNode? Json
    {
        get
        {
            try
            {
                return Body.Length == 0 ? null : JsonNode.Parse(Body);
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>The body as a form.</summary>
    public string? Form(string name)
    {
        foreach (var pair in Body.Split('&'))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at > 0 && Uri.UnescapeDataString(pair[..at]) == name) return Uri.UnescapeDataString(pair[(at + 1)..].Replace('+', ' '));
        }

        return null;
    }
}

/// <summary>What is answered.</summary>
internal sealed record AlexaAnswer(int Status, string Body = "", string ContentType = "application/json; charset=UTF-8")
{
    public static AlexaAnswer Empty { get; } = new(200);

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public static AlexaAnswer Of(JsonNode json) => new(200, json.ToJsonString());

    public static AlexaAnswer Problem(int status, string message) => new(status, new JsonObject { ["message"] = message }.ToJsonString());
}
