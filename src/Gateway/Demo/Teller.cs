using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.House;

namespace Gateway.Demo;

/// <summary>
/// Turns what passes the broker into lines for people, one an outcome, or into JSON objects, one a message that shows something new. Messages are told by one task;
/// the story says what it does from another.
/// </summary>
internal sealed class Teller(Screen screen, bool json, HouseConfiguration house, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly DemoNames _names = new(house);
    private readonly Dictionary<string, string> _lastSummary = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _states = new(StringComparer.Ordinal);

    // An event and the answer that follows it often say the same.
    private string? _lastOutcome;

    // Commands that are not answered yet, by device: their answer will tell what states and events tell meanwhile.
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>A message was told: the story goes on from what has been seen.</summary>
    public event Action<Seen>? Told;

    public void Broker(MqttSettings settings)
    {
        if (json)
        {
            Json("broker", settings.DisplayUrl, null);
            return;
        }

        var at = $"-h {settings.Host} -p {settings.Port}{(settings.Username is { } user ? $" -u {user} -P PASSWORD" : "")}";
        screen.Write($"broker {settings.DisplayUrl}");
        screen.Write($"watch   mosquitto_sub {at} -t 'tutti/#' -v");
        screen.Write($"command mosquitto_pub {at} -t tutti/group/party/active/set -m OFF");
        screen.Write($"truth   mosquitto_sub {at} -t tutti-sim/truth");
        screen.Write($"house   {DemoNames.Count(house.Echoes.Count, "Echo")}, {DemoNames.Count(house.Speakers.Count, "speaker")}, {DemoNames.Count(house.Transmitters.Count, "transmitter")}, {DemoNames.Count(house.Groups.Count, "group")}: simulated; the gateway is the real one");
    }

    /// <summary>What the story does, as against what comes back.</summary>
    public void Say(string text, string command = "")
    {
        if (json) Json("demo", command.Length == 0 ? text : $"{text}  ({command})", null);
        else Line($"> {text}", Tone.Story, command.Length == 0 ? "" : $"({command})");
    }

    public void End() => Say("the demo ends");

    public async Task TellAsync(ChannelReader<Seen> messages, string baseTopic, CancellationToken cancellationToken)
    {
        await foreach (var seen in messages.ReadAllAsync(cancellationToken))
        {
            if (seen.Topic.StartsWith(baseTopic + "/", StringComparison.Ordinal)) TryTell(seen.Topic[(baseTopic.Length + 1)..], seen);
            Told?.Invoke(seen);
        }
    }

    /// <summary>Anybody may publish below the base topic: what is not the gateway's own form is not told.</summary>
    private void TryTell(string topic, Seen seen)
    {
        try
        {
            Tell(topic, seen);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Say($"somebody else wrote to {topic}");
        }
    }

    private void Tell(string topic, Seen seen)
    {
        switch (topic.Split('/'))
        {
            case [var kind, var id, _, "set"] when !seen.Retained: _asked.Add($"{kind}/{id}"); break;
            case ["voice", var routine] when !seen.Retained: _asked.Add($"voice/{routine}"); break;
            case ["response"]: Answer(Parse(seen), seen.Payload); break;
            case ["event"]: Event(Parse(seen), seen.Payload); break;
            case [var kind, var id, "state"] when seen.Payload.Length > 0: State(kind, id, Parse(seen), seen.Payload); break;
        }
    }

    private void State(string kind, string id, JsonElement state, string payload)
    {
        var device = $"{kind}/{id}";
        _names.Saw(kind, id, state);
        var before = _states.GetValueOrDefault(device);
        _states[device] = state;
        if (json)
        {
            // Told when what a person would notice has changed, not for every number in it.
            var summary = DemoSentences.Summary(kind, state);
            if (_lastSummary.GetValueOrDefault(device) != summary) Json(device, summary, payload);
            _lastSummary[device] = summary;
        }
        else if (before.ValueKind == JsonValueKind.Object && !_asked.Contains(device))
        {
            // How the house stood before anything happened is no outcome.
            foreach (var (text, tone) in DemoSentences.Changes(kind, before, state, _names)) Outcome(_names.Sentence(device, text), tone);
        }
    }

    private void Answer(JsonElement answer, string payload)
    {
        var device = answer.Text("device") ?? "gateway";
        var result = answer.Word<CommandResult>("result");
        if (json) Json(device, DemoSentences.AnswerSummary(answer), payload);
        if (result != CommandResult.Accepted) _asked.Remove(device);
        if (!json && DemoSentences.Answer(answer, _states.GetValueOrDefault(device), _names) is { } text)
            Outcome(_names.Sentence(device, text), result switch { CommandResult.Refused or CommandResult.Failed => Tone.Bad, CommandResult.Done => Tone.Good, _ => Tone.Plain });
    }

    private void Event(JsonElement happened, string payload)
    {
        var word = happened.Text("event_type") ?? "";
        var type = Words.Read<HouseEventType>(word);
        var device = happened.Text("group") is { } group ? $"group/{group}" : happened.Text("device") is { } id ? _names.DeviceOf(id) : "gateway";
        if (json) Json(device, $"{word}: {happened.Text("text")}", payload);
        else if (!IsToldElsewhere(type, device)) Outcome(_names.Sentence(device, happened.Text("text") ?? word), ToneOf(type));
    }

    /// <summary>Of what tells the same, one line: the speaker's own "connected", the answer with its remedy.</summary>
    private bool IsToldElsewhere(HouseEventType? type, string device) =>
        type == HouseEventType.LinkRestored || (type is HouseEventType.Problem or HouseEventType.Calibrated or HouseEventType.CalibrationFailed && _asked.Contains(device));

    private static Tone ToneOf(HouseEventType? type) => type switch
    {
        HouseEventType.MemberBack or HouseEventType.Calibrated => Tone.Good,
        HouseEventType.LinkReplaced or HouseEventType.LinkLost or HouseEventType.Dropout or HouseEventType.Jump or HouseEventType.CalibrationFailed or HouseEventType.NeedsCalibration
            or HouseEventType.MemberMissing or HouseEventType.HeldElsewhere or HouseEventType.Problem => Tone.Bad,
        _ => Tone.Plain,
    };

    private static JsonElement Parse(Seen seen)
    {
        using var document = JsonDocument.Parse(seen.Payload);
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("not an object");
    }

    private double Seconds => time.GetElapsedTime(_start).TotalSeconds;

    private void Outcome(string text, Tone tone)
    {
        if (text != _lastOutcome) Line(text, tone);
        _lastOutcome = text;
    }

    private void Line(string text, Tone tone, string aside = "") => screen.Write(string.Create(CultureInfo.InvariantCulture, $"{Seconds,7:0.0} s  {text}"), tone, aside);

    private void Json(string device, string text, string? payload)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("t", Math.Round(Seconds, 3));
            writer.WriteString("device", device);
            writer.WriteString("text", text);
            if (payload is not null)
            {
                writer.WritePropertyName("message");
                writer.WriteRawValue(payload);
            }

            writer.WriteEndObject();
        }

        screen.WriteRaw(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
