using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Configuration;

namespace Gateway.Demo;

/// <summary>Turns what passes the broker into lines for people (<c>T+12.3s group/party …</c>) or JSON objects. Safe from several tasks: one line at a time.</summary>
internal sealed class Teller(TextWriter output, bool json, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _lastLine = new(StringComparer.Ordinal);

    // Events name devices by bare ids; the states seen before say of which kind they are.
    private readonly Dictionary<string, string> _deviceOfId = new(StringComparer.Ordinal);

    /// <summary>A message was told: the story goes on from what has been seen.</summary>
    public event Action<Seen>? Told;

    public void Broker(string url, MqttSettings settings)
    {
        if (json)
        {
            Json("broker", url, null);
            return;
        }

        Write($"broker {url}");
        Write($"watch   mosquitto_sub -V 5 -h {settings.Host} -p {settings.Port} -t 'tutti/#' -v");
        Write($"command mosquitto_pub -V 5 -h {settings.Host} -p {settings.Port} -t tutti/group/party/active/set -m OFF");
        Write($"truth   mosquitto_sub -V 5 -h {settings.Host} -p {settings.Port} -t tutti-sim/truth");
    }

    /// <summary>What the story does, as against what comes back.</summary>
    public void Say(string text) => Line("demo", text, null);

    public void End() => Line("demo", "end", null);

    public async Task TellAsync(ChannelReader<Seen> messages, string baseTopic, CancellationToken cancellationToken)
    {
        await foreach (var seen in messages.ReadAllAsync(cancellationToken))
        {
            var topic = seen.Topic[(baseTopic.Length + 1)..];
            if (seen.Payload.Length > 0 && seen.Payload[0] == '{') Tell(topic, seen.Payload);
            Told?.Invoke(seen);
        }
    }

    private void Tell(string topic, string payload)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement;
        switch (topic.Split('/'))
        {
            case ["response"]: Line(Text(root, "device") ?? "gateway", Answer(root), payload); break;
            case ["event"]: Line(EventDevice(root), $"{Text(root, "event_type")}: {Text(root, "text")}", payload); break;
            case [var kind, var id, "state"]:
                if (kind != "group") _deviceOfId[id] = $"{kind}/{id}";
                State($"{kind}/{id}", Summary(kind, root), payload);
                break;
        }
    }

    /// <summary>A state is told when what a person would notice has changed, not for every number in it.</summary>
    private void State(string device, string summary, string payload)
    {
        if (_lastLine.TryGetValue(device, out var last) && last == summary) return;
        _lastLine[device] = summary;
        Line(device, summary, payload);
    }

    private static string Summary(string kind, JsonElement root) => kind switch
    {
        "group" => $"{Text(root, "phase")}{With(" via ", Text(root, "route"))}{With(", source ", Text(root, "source"))}{Sync(root)}{Members(root)}{Problem(root)}",
        "speaker" => $"{Text(root, "link")}{(root.GetProperty("paired").ValueKind == JsonValueKind.False ? ", not paired" : "")}{With(" on ", Text(root, "adapter"))}",
        "echo" => $"{Online(root)}, Bluetooth {Text(root.GetProperty("bluetooth"), "state") ?? "unknown"}{With(" with ", Peer(root))}{With(", in Wi-Fi group ", WifiGroup(root))}{With(", output ", Text(root, "audio_output"))}",
        "adapter" => $"{Text(root, "name")}: {root.GetProperty("streams_used")} of {root.GetProperty("streams_max")} streams",
        "transmitter" => $"fed by {Text(root, "fed_by") ?? "nobody"}, slots {string.Join(", ", root.GetProperty("slots").EnumerateArray().Select(s => s.GetString() ?? "empty"))}",
        _ => $"version {Text(root, "version")}",
    };

    private static string Answer(JsonElement root)
    {
        var drops = string.Join(", ", root.GetProperty("drops").EnumerateArray().Select(d => $"{Text(d, "device")} loses {Text(d, "peer")}"));
        var route = root.GetProperty("plan") is { ValueKind: JsonValueKind.Object } plan ? $" via {Text(plan, "route")}" : "";
        var rules = string.Join(", ", root.GetProperty("rules").EnumerateArray().Select(r => r.GetString()));
        return $"{Text(root, "command")} {Text(root, "value")} {Text(root, "result")}{route}{With("; drops: ", drops)}{With(": ", Text(root, "reason"))}{With(" [", rules)}{(rules.Length > 0 ? "]" : "")}";
    }

    private string EventDevice(JsonElement root) =>
        Text(root, "group") is { } group ? $"group/{group}" : Text(root, "device") is { } device ? _deviceOfId.GetValueOrDefault(device, device) : "gateway";

    private static string Sync(JsonElement root)
    {
        if (Text(root, "phase") is not ("playing" or "degraded")) return "";
        var sync = root.GetProperty("sync");
        var spread = sync.GetProperty("spread_ms") is { ValueKind: JsonValueKind.Number } known ? string.Create(CultureInfo.InvariantCulture, $" ({known.GetDouble():0.0} ms apart)") : "";
        return Text(sync, "class") is { } named ? $", sync {named}{spread}" : ", sync not measured";
    }

    private static string Members(JsonElement root)
    {
        var states = root.GetProperty("members").EnumerateArray().Where(m => Text(m, "state") is not null)
            .GroupBy(m => Text(m, "state")!).Select(g => $"{g.Key} {string.Join(' ', g.Select(m => Text(m, "id")))}");
        return With("; ", string.Join("; ", states));
    }

    private static string Problem(JsonElement root) =>
        root.GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem ? $"; problem: {Text(problem, "text")} {Text(problem, "remedy")}" : "";

    private static string Online(JsonElement root) => root.GetProperty("online").ValueKind switch { JsonValueKind.True => "online", JsonValueKind.False => "offline", _ => "online unknown" };

    private static string? Peer(JsonElement root) =>
        root.GetProperty("bluetooth").GetProperty("peer") is { ValueKind: JsonValueKind.Object } peer ? Text(peer, "name") : null;

    private static string? WifiGroup(JsonElement root) => root.GetProperty("wifi_group") is { ValueKind: JsonValueKind.Object } group ? Text(group, "name") : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.String ? value.GetString() : null : null;

    private static string With(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;

    private void Line(string device, string text, string? payload)
    {
        if (json) Json(device, text, payload);
        else Write(string.Create(CultureInfo.InvariantCulture, $"T+{time.GetElapsedTime(_start).TotalSeconds:0.0}s {device} {text}"));
    }

    private void Json(string device, string text, string? payload)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("t", Math.Round(time.GetElapsedTime(_start).TotalSeconds, 3));
            writer.WriteString("device", device);
            writer.WriteString("text", text);
            if (payload is not null)
            {
                writer.WritePropertyName("message");
                writer.WriteRawValue(payload);
            }

            writer.WriteEndObject();
        }

        Write(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
