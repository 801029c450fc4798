using System.Text.Json.Nodes;
using Gateway.Engine.Text;

namespace Gateway.HomeAssistant;

/// <summary>Builds one device's message, component by component. Keys are Home Assistant's abbreviations; all are known to 2024.12 or ignored by it inside a component.</summary>
/// <param name="objectId"><c>tutti_&lt;kind&gt;_&lt;id&gt;</c>, with the gateway's id in front of the id where the kind needs it.</param>
internal sealed class DeviceBuilder(string objectId, string name, string model)
{
    /// <summary>Who says so.</summary>
    public const string Origin = "Tutti";

    private readonly JsonObject _components = [];
    private readonly string _name = string.IsNullOrWhiteSpace(name) ? objectId : name.Trim();

    /// <summary>Where the components' states are.</summary>
    public required string StateTopic { get; init; }
    public required IReadOnlyList<string> AvailabilityTopics { get; init; }
    public required Func<string, string> CommandTopic { get; init; }
    public required string Version { get; init; }

    /// <summary>What its entity ids begin with where Home Assistant cannot make them of the name.</summary>
    public required string EntityStem { get; init; }
    public string? Manufacturer { get; init; }
    public string? Software { get; init; }
    public string? ViaDevice { get; init; }

    /// <summary>Its Bluetooth address, <c>AA:BB:CC:DD:EE:FF</c>; null or empty: none known.</summary>
    public string? Bluetooth { get; init; }

    public DeviceBuilder Sensor(string property, string name, string template, Action<JsonObject>? more = null) =>
        Add("sensor", property, name, c => { Read(c, template); c["ent_cat"] = "diagnostic"; more?.Invoke(c); });

    /// <summary>A sensor whose state is one of some texts.</summary>
    public DeviceBuilder Enum(string property, string name, string template, IEnumerable<string> texts, Action<JsonObject>? more = null) =>
        Sensor(property, name, template, c => { c["dev_cla"] = "enum"; c["ops"] = Strings(texts); more?.Invoke(c); });

    /// <summary>A sensor that shows a document's words as people say them; null, and a word that is none of them, is unknown.</summary>
    public DeviceBuilder Words(string property, string name, string member, IReadOnlyList<KeyValuePair<string, string>> words, string icon) =>
        Enum(property, name, $"{{{{ {Jinja.Lookup(words, $"value_json.{member}", "None")} }}}}", words.Select(w => w.Value), c => c["ic"] = icon);

    /// <summary>Is something wrong here? Home Assistant shows <c>OK</c> or <c>Problem</c>.</summary>
    public DeviceBuilder Status() => BinarySensor("status", "Status", "{{ 'ON' if value_json.problem else 'OFF' }}", "problem");

    /// <summary>A measured number.</summary>
    public DeviceBuilder Measure(string property, string name, string template, string? deviceClass, string? unit, int decimals, bool enabled, string stateClass = "measurement") =>
        Sensor(property, name, template, c =>
        {
            if (deviceClass is not null) c["dev_cla"] = deviceClass;
            if (unit is not null) c["unit_of_meas"] = unit;
            c["stat_cla"] = stateClass;
            c["sug_dsp_prc"] = decimals;
            if (!enabled) c["en"] = false;
        });

    public DeviceBuilder BinarySensor(string property, string name, string template, string? deviceClass = null) =>
        Add("binary_sensor", property, name, c =>
        {
            Read(c, template);
            c["ent_cat"] = "diagnostic";
            if (deviceClass is not null) c["dev_cla"] = deviceClass;
        });

    /// <param name="name">Null: the device's own switch, shown under the device's name alone.</param>
    public DeviceBuilder Switch(string property, string? name, string member, string icon, bool config = false) =>
        Add("switch", property, name, c => { Read(c, Jinja.OnOff(member)); Write(c, property, config); c["ic"] = icon; });

    public DeviceBuilder Button(string property, string name, string icon, bool config = true) =>
        Add("button", property, name, c => { Write(c, property, config); c["ic"] = icon; });

    public DeviceBuilder Volume() => Add("number", "volume", "Volume", c =>
    {
        Read(c, Jinja.Member("volume"));
        Write(c, "volume", config: false);
        (c["min"], c["max"], c["step"], c["mode"], c["unit_of_meas"], c["ic"]) = (0, 100, 1, "slider", "%", "mdi:volume-high");
    });

    public DeviceBuilder Select(string property, string name, string template, IEnumerable<string> options, string icon, string? commandTemplate = null) =>
        Add("select", property, name, c =>
        {
            Read(c, template);
            Write(c, property, config: false);
            c["ops"] = Strings(options);
            c["ic"] = icon;
            if (commandTemplate is not null) c["cmd_tpl"] = commandTemplate;
        });

    /// <param name="name">Null: the device's main entity of this platform, shown under the device's name alone.</param>
    public DeviceBuilder Add(string platform, string property, string? name, Action<JsonObject> fill)
    {
        var component = new JsonObject
        {
            ["p"] = platform,
            ["uniq_id"] = $"{objectId}_{property}",
            ["name"] = name is null ? null : WithoutDeviceName(name),
        };
        // Home Assistant makes the entity's id of the two names, in any alphabet and the same in every version. Of a name without a letter or a digit it makes nothing.
        if (!_name.Any(char.IsLetterOrDigit)) component["def_ent_id"] = $"{platform}.{EntityStem}{(name is null ? "" : "_" + Ids.Slug(name))}";
        fill(component);
        _components.Add($"{platform}_{property}", component);
        return this;
    }

    public DiscoveryConfig Build(string prefix)
    {
        var device = new JsonObject { ["ids"] = Strings([objectId]), ["name"] = _name, ["mf"] = Manufacturer ?? "Tutti", ["mdl"] = model };
        // In the form of Home Assistant's own Bluetooth integration, so that both are one device there.
        if (!string.IsNullOrEmpty(Bluetooth)) device["cns"] = new JsonArray(Strings(["bluetooth", Bluetooth.ToUpperInvariant()]));
        if (!string.IsNullOrWhiteSpace(Software)) device["sw"] = Software;
        if (ViaDevice is not null) device["via_device"] = ViaDevice;
        return new DiscoveryConfig(Topic(prefix, objectId), new JsonObject
        {
            ["dev"] = device,
            ["o"] = new JsonObject { ["name"] = Origin, ["sw"] = Version },
            ["avty"] = new JsonArray([.. AvailabilityTopics.Select(t => (JsonNode)new JsonObject { ["t"] = t })]),
            ["avty_mode"] = "all",
            ["cmps"] = _components,
        });
    }

    public static string Topic(string prefix, string objectId) => $"{prefix}/device/{objectId}/config";

    public static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(t => (JsonNode)t)]);

    private void Read(JsonObject component, string template)
    {
        component["stat_t"] = StateTopic;
        component["val_tpl"] = template;
    }

    private void Write(JsonObject component, string property, bool config)
    {
        component["cmd_t"] = CommandTopic(property);
        component["qos"] = 1;
        if (config) component["ent_cat"] = "config";
    }

    /// <summary>Home Assistant puts the device's name in front of every entity's: "Kitchen Kitchen lights" helps nobody.</summary>
    private string WithoutDeviceName(string text)
    {
        var trimmed = text.Trim();
        if (!trimmed.StartsWith(_name, StringComparison.OrdinalIgnoreCase)) return trimmed;
        var rest = trimmed[_name.Length..].Trim(' ', '-', ':', '_');
        return rest.Length > 0 ? rest : $"“{trimmed}”";
    }
}
