using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.HomeAssistant;

/// <summary>What the store remembers of a device: its last full message, and components that Home Assistant has still to be told are gone.</summary>
internal static class DiscoveryRecord
{
    public static string Write(DiscoveryConfig config, IReadOnlyDictionary<string, JsonObject> dropped)
    {
        var record = new JsonObject { ["config"] = config.Payload.DeepClone(), ["dropped"] = new JsonObject() };
        foreach (var (id, component) in dropped) record["dropped"]![id] = component.DeepClone();
        return DiscoveryConfig.Write(record);
    }

    /// <summary>False for a text that is no record (another version's, or damaged).</summary>
    public static bool TryRead(string topic, string text, out DiscoveryConfig config, out Dictionary<string, JsonObject> dropped)
    {
        Dictionary<string, JsonObject> found = [];
        var read = DiscoveryConfig.TryRead(Encoding.UTF8.GetBytes(text), record =>
        {
            if (record["config"]?.DeepClone() is not JsonObject payload || !DiscoveryConfig.IsOurKind(payload)) return null;
            foreach (var (id, component) in record["dropped"] as JsonObject ?? [])
            {
                if (component?.DeepClone() is not JsonObject gone || !DiscoveryConfig.IsComponent(gone)) return null;
                found[id] = gone;
            }

            return new DiscoveryConfig(topic, payload);
        });
        (config, dropped) = (read!, found);
        return read is not null;
    }
}
