namespace Gateway.Configuration;

/// <summary>Every setting that <c>tutti.yaml</c> may hold, by block: what the loader accepts, what "did you mean" chooses from, what the annotated example has to show.</summary>
internal static class SettingKeys
{
    public static readonly string[] Root =
        ["gateway", "mqtt", "home_assistant", "bluetooth", "echo", "audio", "echoes", "speakers", "transmitters", "groups", "routines", "web", "simulation"];

    public static readonly string[] Gateway = ["id", "name", "data"];
    public static readonly string[] Mqtt = ["url", "username", "password", "ca", "certificate", "key", "client_id", "base_topic", "protocol", "embedded", "listen"];
    public static readonly string[] HomeAssistant = ["discovery_prefix", "url", "token"];
    public static readonly string[] Bluetooth = ["adapters", "audio"];
    public static readonly string[] Adapter = ["name", "address", "max_streams", "role"];
    public static readonly string[] Echo = ["control", "refresh_token", "site", "url", "ca", "on_second_link", "create_groups", "max_members", "min_firmware"];
    public static readonly string[] Audio = ["microphone", "tracking", "media_dir"];
    public static readonly string[] Web = ["listen", "token"];
    public static readonly string[] EchoDevice = ["id", "name", "model", "serial", "address", "outputs", "account", "network", "alexa_group", "on_second_link"];
    public static readonly string[] Speaker = ["id", "name", "model", "address", "sink", "alexa_group", "matter", "airplay", "le_audio", "vendor"];
    public static readonly string[] Transmitter = ["id", "name", "model", "slots", "fed_by", "output", "speakers"];
    public static readonly string[] Group = ["id", "name", "members", "source", "route"];
    public static readonly string[] Routine = ["id", "name", "steps"];
    public static readonly string[] Step = ["group", "speaker", "echo", "state", "source", "volume", "connect", "to", "disconnect", "announce", "wait"];
    public static readonly string[] Simulation = ["firmware", "off"];

    /// <summary>The blocks by the words that messages use for them.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> All = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [""] = Root, ["gateway"] = Gateway, ["mqtt"] = Mqtt, ["home_assistant"] = HomeAssistant, ["bluetooth"] = Bluetooth, ["an adapter"] = Adapter,
        ["echo"] = Echo, ["audio"] = Audio, ["web"] = Web, ["an Echo"] = EchoDevice, ["a speaker"] = Speaker, ["a transmitter"] = Transmitter,
        ["a group"] = Group, ["a routine"] = Routine, ["a step"] = Step, ["simulation"] = Simulation,
    };
}
