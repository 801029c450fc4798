using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Simulation;

/// <summary>Sequences (<c>/api/behaviors/preview</c>): a tree of nodes in a text of JSON. Volumes are set, the rest is kept for who asks what was said.</summary>
internal static class AlexaSequences
{
    private const int MostNodes = 200;
    private const string Prefix = "com.amazon.alexa.behaviors.model.";

    public static void Run(JsonNode? body, AlexaExtras extras, Action<string, JsonNode> setVolume)
    {
        if (body is not JsonObject || body["sequenceJson"] is not JsonValue text || !text.TryGetValue<string>(out var json) || Parse(json) is not JsonObject sequence) return;
        var todo = new Stack<JsonNode?>([sequence["startNode"]]);
        for (var i = 0; i < MostNodes && todo.TryPop(out var node); i++)
        {
            if (node is not JsonObject leaf) continue;
            if (leaf["nodesToExecute"] is JsonArray children)
            {
                foreach (var child in children.Reverse()) todo.Push(child);
                continue;
            }

            extras.Ran(leaf);
            if (leaf["operationPayload"] is JsonObject payload && leaf["type"]?.ToString() == "Alexa.DeviceControls.Volume" && payload["value"] is { } value) setVolume(payload["deviceSerialNumber"]?.ToString() ?? "", value);
        }
    }

    /// <summary>The account's one routine.</summary>
    public static JsonNode Example() => new JsonObject
    {
        ["automationId"] = "amzn1.alexa.automation.example-1", ["name"] = "Good evening", ["status"] = "ENABLED",
        ["triggers"] = new JsonArray(new JsonObject { ["payload"] = new JsonObject { ["utterance"] = "good evening", ["locale"] = "en-GB" } }),
        ["sequence"] = new JsonObject
        {
            ["@type"] = Prefix + "Sequence",
            ["startNode"] = new JsonObject
            {
                ["@type"] = Prefix + "OpaquePayloadOperationNode", ["type"] = "Alexa.Speak", ["skillId"] = "amzn1.ask.1p.saysomething",
                ["operationPayload"] = new JsonObject
                {
                    ["deviceType"] = "ALEXA_CURRENT_DEVICE_TYPE", ["deviceSerialNumber"] = "ALEXA_CURRENT_DSN", ["customerId"] = "ALEXA_CUSTOMER_ID", ["locale"] = "ALEXA_CURRENT_LOCALE", ["textToSpeak"] = "Good evening",
                },
            },
        },
    };

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
