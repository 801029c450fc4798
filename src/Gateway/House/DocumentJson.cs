using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.House;

/// <summary>The JSON form of everything above: snake_case, nulls written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EchoDocument))]
[JsonSerializable(typeof(SpeakerDocument))]
[JsonSerializable(typeof(AdapterDocument))]
[JsonSerializable(typeof(TransmitterDocument))]
[JsonSerializable(typeof(GroupDocument))]
[JsonSerializable(typeof(GatewayDocument))]
[JsonSerializable(typeof(HouseEvent))]
internal sealed partial class DocumentJson : JsonSerializerContext
{
    /// <summary>Readable text (umlauts, quotes) instead of \u escapes: MQTT payloads are UTF-8, never HTML.</summary>
    public static DocumentJson Readable => s_readable ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private static DocumentJson? s_readable;
}
