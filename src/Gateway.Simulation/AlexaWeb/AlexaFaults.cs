using System.Text.Json.Nodes;

namespace Gateway.Simulation;

/// <summary>What shall go wrong. No status and no body: it is only late.</summary>
/// <param name="Path">A whole path, or its beginning with <c>*</c> behind it.</param>
internal sealed record AlexaFault(string Path, string? Method, int? Status, string? Body, TimeSpan Delay, IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public bool Meets(AlexaRequest request) => (Method is null || Method.Equals(request.Method, StringComparison.OrdinalIgnoreCase))
        && (Path.EndsWith('*') ? request.Path.StartsWith(Path[..^1], StringComparison.Ordinal) : request.Path == Path);

    public AlexaAnswer? Answer => Status is null && Body is null ? null
        : new AlexaAnswer(Status ?? 200, Body ?? "", Body?.TrimStart().StartsWith('<') == true ? "text/html;charset=UTF-8" : "application/json; charset=UTF-8") { Headers = Headers };
}

/// <summary>Faults that are due, and every request so far. Thread-safe.</summary>
internal sealed class AlexaFaults
{
    /// <summary>Requests that are remembered; older ones go.</summary>
    private const int MostRequests = 5000;

    private const string Shape = "Send {\"path\": \"/api/bluetooth\" (or a beginning with * behind it), \"method\"?, \"status\"?, \"body\"?, \"headers\"?, \"delay_ms\"?, \"times\"? (1)}.";
    private static readonly string[] s_members = ["path", "method", "status", "body", "headers", "delay_ms", "times"];
    private readonly Lock _gate = new();
    private readonly List<(AlexaFault Fault, int Left)> _due = [];
    private readonly Queue<JsonObject> _requests = new();
    private int _atOnce;
    private int _mostAtOnce;

    /// <summary>The first that meets the request; it is due once less from now on.</summary>
    public AlexaFault? Take(AlexaRequest request)
    {
        lock (_gate)
        {
            var at = _due.FindIndex(d => d.Fault.Meets(request));
            if (at < 0) return null;
            var (fault, left) = _due[at];
            if (left > 1) _due[at] = (fault, left - 1);
            else _due.RemoveAt(at);
            return fault;
        }
    }

    /// <returns>What is wrong with it; null: it is due now.</returns>
    public string? Add(JsonNode? json, out AlexaFault? fault)
    {
        fault = null;
        if (json is not JsonObject told) return $"That is no JSON object. {Shape}";
        if (told.FirstOrDefault(m => !s_members.Contains(m.Key)).Key is { } unknown) return $"\"{unknown}\" is not known. {Shape}";
        if (Text(told["path"]) is not { Length: > 0 } path || path[0] != '/') return $"\"path\" is missing, or does not begin with /. {Shape}";
        var (status, delay, times) = (Number(told["status"]), Number(told["delay_ms"]), Number(told["times"]));
        if ((told["status"] is not null && status is not (>= 200 and <= 599)) || (told["delay_ms"] is not null && delay is not (>= 0 and <= 600_000)) || (told["times"] is not null && times is not (>= 1 and <= 1_000_000)))
            return $"\"status\" is 200 to 599, \"delay_ms\" 0 to 600000, \"times\" 1 to 1000000. {Shape}";
        fault = new AlexaFault(
            path, Text(told["method"]), status, told["body"] is { } body ? Text(body) ?? body.ToJsonString() : null, TimeSpan.FromMilliseconds(delay ?? 0),
            told["headers"] is JsonObject headers ? [.. headers.Select(h => KeyValuePair.Create(h.Key, Text(h.Value) ?? h.Value?.ToJsonString() ?? ""))] : []);
        lock (_gate) _due.Add((fault, times ?? 1));
        return null;
    }

    public void Record(AlexaRequest request)
    {
        var headers = new JsonObject();
        foreach (var (name, value) in request.Headers) headers[name] = value;
        var query = new JsonObject();
        foreach (var (name, value) in request.Query) query[name] = value;
        var record = new JsonObject
        {
            ["method"] = request.Method, ["host"] = request.Host, ["path"] = request.Path, ["query"] = query, ["protocol"] = request.Protocol, ["headers"] = headers, ["body"] = request.Body,
        };
        lock (_gate)
        {
            if (_requests.Count == MostRequests) _requests.Dequeue();
            _requests.Enqueue(record);
        }
    }

    /// <summary>A request is being answered.</summary>
    public void Enter()
    {
        lock (_gate) _mostAtOnce = Math.Max(_mostAtOnce, ++_atOnce);
    }

    public void Leave()
    {
        lock (_gate) _atOnce--;
    }

    /// <summary>All of them, and how many there were at the same time.</summary>
    public JsonObject Requests()
    {
        lock (_gate) return new JsonObject { ["requests"] = new JsonArray([.. _requests.Select(r => r.DeepClone())]), ["most_at_once"] = _mostAtOnce };
    }

    public void Reset()
    {
        lock (_gate)
        {
            _due.Clear();
            _requests.Clear();
            _mostAtOnce = 0;
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
