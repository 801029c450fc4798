using System.Globalization;
using System.Text.Json;
using Gateway.Engine.Text;

namespace Gateway.Simulation;

/// <summary>What somebody does to the house, from a message on <c>tutti-sim/control</c>.</summary>
internal enum Deed
{
    Off,
    On,
    Latency,
    Ppm,
    Starve,
    Link,
    Muffle,
    Unmuffle,

    /// <summary>The microphone's recording has a gap from now on.</summary>
    Lose,
}

/// <summary>A control message, syntactically sound.</summary>
/// <param name="Device">The id of a speaker or an echo; a microphone may be called anything, there is one.</param>
/// <param name="Number">ms or ppm, for the deeds that take one.</param>
/// <param name="Peer">For <see cref="Deed.Link"/>.</param>
internal sealed record ControlRequest(bool IsEcho, string Device, Deed Do, double Number = 0, string? Peer = null)
{
    public bool IsMicrophone { get; init; }

    private const string Shape = "Send {\"speaker\" or \"echo\": id, \"do\": \"off\", \"on\", \"latency\", \"ppm\", \"starve\", \"link\", \"muffle\" or \"unmuffle\", \"value\": …}, or {\"microphone\": \"room\", \"do\": \"lose\", \"value\": …}.";
    private static readonly string[] s_deeds = ["off", "on", "latency", "ppm", "starve", "link", "muffle", "unmuffle", "lose"];

    /// <summary>Throws <see cref="ControlException"/> with a sentence for the sender.</summary>
    public static ControlRequest Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return Of(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ControlException($"The control message is no JSON ({e.Message}). {Shape}");
        }
    }

    private static ControlRequest Of(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw new ControlException($"The control message is no JSON object. {Shape}");
        string? speaker = null, echo = null, microphone = null, word = null;
        JsonElement? value = null;
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "speaker": speaker = Text(member); break;
                case "echo": echo = Text(member); break;
                case "microphone": microphone = Text(member); break;
                case "do": word = Text(member); break;
                case "value": value = member.Value; break;
                default:
                    throw new ControlException($"The control message has an unknown member \"{member.Name}\".{NearestNames.DidYouMean(member.Name, ["speaker", "echo", "microphone", "do", "value"])} {Shape}");
            }
        }

        if (new[] { speaker, echo, microphone }.Count(named => named is not null) != 1) throw new ControlException($"The control message must name one speaker, one echo or the microphone. {Shape}");
        var deed = Array.IndexOf(s_deeds, word);
        if (deed < 0) throw new ControlException($"The control message's \"do\" is {(word is null ? "missing" : $"\"{word}\"")}.{NearestNames.DidYouMean(word ?? "", s_deeds)} {Shape}");
        if (microphone is not null != (Deed)deed is Deed.Lose) throw new ControlException($"\"lose\" is the microphone's, and all it can be told. {Shape}");
        return With(new ControlRequest(echo is not null, (speaker ?? echo ?? microphone)!, (Deed)deed) { IsMicrophone = microphone is not null }, value);
    }

    private static ControlRequest With(ControlRequest request, JsonElement? value) => request.Do switch
    {
        Deed.Latency => request with { Number = Between(value, request, 1, 2000, "ms") },
        Deed.Ppm => request with { Number = Between(value, request, -1000, 1000, "ppm") },
        Deed.Lose => request with { Number = Between(value, request, 1, 10_000, "ms") },
        Deed.Starve => request with { Number = Between(value, request, 0, 60_000, "ms") },
        Deed.Link => value is { ValueKind: JsonValueKind.String } peer && !string.IsNullOrWhiteSpace(peer.GetString())
            ? request with { Peer = peer.GetString() }
            : throw new ControlException("\"link\" needs as value the id or name of the peer, or \"none\"."),
        _ => request,
    };

    private static double Between(JsonElement? value, ControlRequest request, double low, double high, string unit)
    {
        var number = value switch
        {
            { ValueKind: JsonValueKind.Number } n => n.GetDouble(),
            { ValueKind: JsonValueKind.String } s when double.TryParse(s.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => double.NaN,
        };
        if (number >= low && number <= high) return number;
        throw new ControlException(string.Create(CultureInfo.InvariantCulture, $"\"{s_deeds[(int)request.Do]}\" needs as value a number of {unit} from {low} to {high}."));
    }

    private static string Text(JsonProperty member) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw new ControlException($"The control message's \"{member.Name}\" is no text. {Shape}");
}

/// <summary>A control message that cannot be obeyed; the message is answered on <c>tutti-sim/problem</c>.</summary>
internal sealed class ControlException(string message) : Exception(message);
