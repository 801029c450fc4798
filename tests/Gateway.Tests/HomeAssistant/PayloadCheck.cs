using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Gateway.Tests.HomeAssistant;

/// <summary>
/// Checks discovery messages against the table of Home Assistant's own schemas (<c>ha-mqtt-keys.json</c>). Knows nothing of the builder: it expands the abbreviations
/// and judges what is there, as Home Assistant would and where Home Assistant would be silent.
/// </summary>
internal sealed partial class PayloadCheck
{
    private readonly JsonObject _table;
    private readonly HashSet<string> _uniqueIds = [];
    private readonly List<string> _faults = [];

    public PayloadCheck(string tablePath) => _table = (JsonObject)JsonNode.Parse(File.ReadAllText(tablePath))!;

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Checks one message; faults of all messages add up, and unique ids must be unique over all.</summary>
    public void Check(string topic, string text)
    {
        var payload = Expand((JsonObject)JsonNode.Parse(text)!, Table("abbreviations"));
        var parts = topic.Split('/');
        Require(topic, parts is [_, "device", _, "config"] or [_, "device", _, _, "config"] && parts[2..^1].All(p => Id().IsMatch(p)), "the topic is not one of device discovery");
        Closed(topic, payload, Keys("device_discovery"));
        var device = Expand((JsonObject)payload["device"]!, Table("device_abbreviations"));
        Closed($"{topic} device", device, Keys("device"));
        Require(topic, device["identifiers"] is JsonArray { Count: > 0 } || device["connections"] is JsonArray { Count: > 0 }, "the device has no identifier");
        Require(topic, device["name"] is not null, "the device has no name");
        foreach (var connection in device["connections"] as JsonArray ?? []) Require(topic, (string)connection![0]! == "bluetooth" && Address().IsMatch((string)connection[1]!), "a connection is not the one of the Bluetooth integration");
        var origin = Expand((JsonObject)payload["origin"]!, Table("origin_abbreviations"));
        Closed($"{topic} origin", origin, Keys("origin"));
        Require(topic, origin["support_url"] is null || Uri.TryCreate((string)origin["support_url"]!, UriKind.Absolute, out var url) && url.Scheme is "http" or "https", "support_url is no URL");
        var availability = (JsonArray)payload["availability"]!;
        foreach (var item in availability) Closed($"{topic} availability", Expand((JsonObject)item!, Table("abbreviations")), Keys("availability_item"));
        Require(topic, availability.Count < 2 || (string?)payload["availability_mode"] == "all", "several availability topics without mode all");
        foreach (var (id, component) in (JsonObject)payload["components"]!) CheckComponent($"{topic} {id}", id, Expand((JsonObject)component!, Table("abbreviations")), (string)device["name"]!);
        var main = ((JsonObject)payload["components"]!).Where(c => c.Value!.AsObject().TryGetPropertyValue("name", out var name) && name is null).GroupBy(c => (string)c.Value!["p"]!);
        foreach (var platform in main) Require(topic, platform.Count() == 1, $"several main entities of platform {platform.Key}");
    }

    private void CheckComponent(string where, string id, JsonObject component, string deviceName)
    {
        var platform = (string)component["platform"]!;
        Require(where, Id().IsMatch(id), "a component id with letters that Home Assistant refuses");
        Require(where, id.StartsWith(platform + "_", StringComparison.Ordinal), "the component id does not contain the platform");
        var known = (JsonObject)_table["platforms"]![platform]!["keys"]!;
        foreach (var (key, value) in component)
        {
            if (key == "platform") continue;
            Require(where, key != "object_id", "object_id is deprecated");
            if (known[key] is not JsonObject rule)
            {
                Require(where, false, $"unknown key {key}");
                continue;
            }

            Require(where, rule["since"] is null, $"{key} is newer than the oldest supported Home Assistant");
            if (rule["values"] is JsonArray values && value is not null) Require(where, values.Any(v => (string?)v == (string?)value), $"{key} = {value} is not one of the allowed");
            if (rule["min"] is { } min && value is not null) Require(where, Number(value) >= Number(min), $"{key} below its minimum");
        }

        foreach (var (key, rule) in known) Require(where, rule!["required"]?.GetValue<bool>() != true || component.ContainsKey(key), $"the required key {key} is missing");
        Require(where, component["unique_id"] is not null && _uniqueIds.Add($"{platform}:{component["unique_id"]}"), "unique_id is missing or not unique");
        CheckName(where, component, deviceName);
        Require(where, component["default_entity_id"] is null || Regex.IsMatch((string)component["default_entity_id"]!, $"^{platform}\\.[a-z0-9_]+$"), "default_entity_id does not begin with the platform and a dot");
        Require(where, component["icon"] is null || ((string)component["icon"]!).Contains(':', StringComparison.Ordinal), "the icon has no prefix");
        Require(where, platform is not ("sensor" or "binary_sensor") || (string?)component["entity_category"] != "config", "entity_category config on a sensor");
        Require(where, component["retain"]?.GetValue<bool>() != true, "a command would be retained");
        Require(where, !component.ContainsKey("availability") && !component.ContainsKey("availability_topic"), "availability has two forms");
        Require(where, platform is not ("switch" or "number" or "select") || component["state_topic"] is not null, "no state topic: Home Assistant would guess");
        if (component["options"] is JsonArray options) CheckOptions(where, platform, component, options);
        if (platform == "image") Require(where, component.ContainsKey("image_topic") != component.ContainsKey("url_topic"), "an image needs exactly one topic");
        if (platform == "number") Require(where, Number(component["min"]!) <= Number(component["max"]!) && Number(component["step"]!) >= 0.001, "min, max or step");
        if (platform == "sensor") CheckSensor(where, component);
    }

    private void CheckName(string where, JsonObject component, string deviceName)
    {
        if (!component.TryGetPropertyValue("name", out var name)) Require(where, component["device_class"] is not null, "neither a name nor a device class");
        else if (name is not null) Require(where, ((string)name!).Length > 0 && !((string)name!).StartsWith(deviceName, StringComparison.OrdinalIgnoreCase), "the name begins with the device's");
    }

    private void CheckOptions(string where, string platform, JsonObject component, JsonArray options)
    {
        Require(where, options.Count > 0, "no options");
        Require(where, options.All(o => !string.Equals(((string)o!).Trim(), "none", StringComparison.OrdinalIgnoreCase)), "an option None means unknown");
        Require(where, options.Select(o => (string)o!).Distinct().Count() == options.Count, "an option stands there twice");
        if (platform != "sensor") return;
        Require(where, (string?)component["device_class"] == "enum", "options without device class enum");
        Require(where, !component.ContainsKey("state_class") && !component.ContainsKey("unit_of_measurement"), "options with a unit or a state class");
    }

    private void CheckSensor(string where, JsonObject component)
    {
        var kind = (string?)component["device_class"];
        var unit = (string?)component["unit_of_measurement"];
        var stateClass = (string?)component["state_class"];
        if (kind is null) return;
        if (_table["sensor_device_class_units"]![kind] is JsonArray units) Require(where, units.Any(u => (string?)u == unit), $"the unit {unit} does not fit {kind}");
        if (stateClass is not null && _table["sensor_device_class_state_classes"]![kind] is JsonArray classes) Require(where, classes.Any(c => (string?)c == stateClass), $"the state class {stateClass} does not fit {kind}");
    }

    private void Closed(string where, JsonObject found, JsonObject known)
    {
        foreach (var (key, _) in found)
        {
            Require(where, known.ContainsKey(key), $"the unknown key {key} has the whole message refused");
            Require(where, known[key]?["since"] is null, $"{key} is newer than the oldest supported Home Assistant");
        }

        foreach (var (key, rule) in known) Require(where, rule!["required"]?.GetValue<bool>() != true || found.ContainsKey(key), $"the required key {key} is missing");
    }

    private static JsonObject Expand(JsonObject from, JsonObject abbreviations)
    {
        var expanded = new JsonObject();
        foreach (var (key, value) in from) expanded.Add((string?)abbreviations[key] ?? key, value?.DeepClone()); // the same key in both forms throws
        return expanded;
    }

    private static double Number(JsonNode node) => double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private JsonObject Table(string name) => (JsonObject)_table[name]!;

    private JsonObject Keys(string name) => (JsonObject)_table[name]!["keys"]!;

    private void Require(string where, bool fine, string fault)
    {
        if (!fine) _faults.Add($"{where}: {fault}");
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]+$")]
    private static partial Regex Id();

    [GeneratedRegex("^([0-9A-F]{2}:){5}[0-9A-F]{2}$")]
    private static partial Regex Address();
}
