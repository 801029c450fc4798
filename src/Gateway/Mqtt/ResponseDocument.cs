using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine;
using Gateway.House;

namespace Gateway.Mqtt;

/// <summary>An answer as it stands on <c>tutti/response</c>. <paramref name="Device"/> is <c>kind/id</c>.</summary>
internal sealed record ResponseDocument(
    DateTimeOffset At, string Topic, string Device, string Command, string? Value, string? Correlation,
    CommandResult Result, string? Reason, IReadOnlyList<string> Rules, IReadOnlyList<PlanDrop> Drops, Plan? Plan)
{
    /// <summary>The answer's own: one that comes twice, because a connection was cut, has the same; a second answer has another. Given by who sends it.</summary>
    public string? Id { get; init; }

    public static ResponseDocument Of(Answer answer, Topics topics)
    {
        var command = answer.Command;
        var value = command.Value.Length > CommandReader.ShownCharacters ? command.Value[..CommandReader.ShownCharacters] : command.Value;
        return new(answer.At, TopicOf(command, topics), command.Device, command.Property, value, command.Correlation, answer.Result, answer.Reason, answer.Rules, answer.Drops, answer.Plan);
    }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ResponseJson.Readable.ResponseDocument);

    /// <summary>The topic it came on, or would have come on.</summary>
    private static string TopicOf(Command command, Topics topics) =>
        command.Origin is MqttOrigin mqtt ? mqtt.Topic
        : command.Kind == "voice" ? topics.Voice(command.Id)
        : topics.Set(command.Kind, command.Id, command.Property);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ResponseDocument))]
internal sealed partial class ResponseJson : JsonSerializerContext
{
    /// <summary>Readable text instead of \u escapes, as in the states.</summary>
    public static ResponseJson Readable => s_readable ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static ResponseJson? s_readable;
}
