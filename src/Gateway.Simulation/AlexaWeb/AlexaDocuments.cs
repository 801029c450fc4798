using System.Text.Json.Nodes;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>The account as the web API words it.</summary>
internal sealed class AlexaDocuments(World world, AlexaExtras extras)
{
    private const string Owner = "A1OWNEREXAMPLE";
    private const string GroupType = "A3C9PE6TNYLTCH";
    private const string PairType = "AP1F6KUH00XPV";

    public JsonNode Devices() => world.Do(() => new JsonObject { ["devices"] = Array([.. world.Echoes.Select(DeviceOf), .. world.WifiGroups.Select(GroupOf), .. world.StereoPairs.Select(PairOf)]) });

    /// <summary>Paired, and which of them has the one link (L1, L3).</summary>
    public JsonNode Bluetooth() => new JsonObject
    {
        ["bluetoothStates"] = Array(world.Echo.Echoes.Select(e => (JsonNode)new JsonObject
        {
            ["deviceSerialNumber"] = e.Serial, ["deviceType"] = e.DeviceType, ["friendlyName"] = null, ["online"] = e.Online, ["softwareVersion"] = e.Firmware,
            ["gadgetPaired"] = false, ["sconePaired"] = false, ["sconeBattery"] = null, ["streamingState"] = "NONE",
            ["pairedDeviceList"] = e.Paired.Count == 0 || e.Online != true ? null : Array(e.Paired.Select(p => (JsonNode)new JsonObject
            {
                ["address"] = p.Address.Text, ["friendlyName"] = p.Name, ["connected"] = e.Link.Or(null)?.Address == p.Address, ["deviceClass"] = "OTHER",
                ["profiles"] = new JsonArray(p.Role == LinkRole.PlaysTo ? "A2DP-SINK" : "A2DP-SOURCE", "AVRCP"),
            })),
        })),
    };

    public JsonNode Volumes() => new JsonObject
    {
        ["volumes"] = Array(world.Echo.Echoes.Select(e => (JsonNode)new JsonObject
        {
            ["dsn"] = e.Serial, ["deviceType"] = e.DeviceType, ["speakerVolume"] = e.VolumePercent, ["speakerMuted"] = false, ["alertVolume"] = null, ["error"] = null,
        })),
    };

    public JsonNode DoNotDisturb() => new JsonObject
    {
        ["doNotDisturbDeviceStatusList"] = Array(world.Echo.Echoes.Select(e => (JsonNode)new JsonObject { ["deviceSerialNumber"] = e.Serial, ["deviceType"] = e.DeviceType, ["enabled"] = extras.IsDoNotDisturb(e.Serial) })),
    };

    public JsonNode Groups() => new JsonObject
    {
        ["groups"] = Array(world.Echo.WifiGroups!.Select(g => (JsonNode)new JsonObject
        {
            ["id"] = g.Id, ["name"] = g.Name, ["members"] = Array(g.Members.Select(m => (JsonNode)new JsonObject { ["dsn"] = m, ["deviceType"] = TypeOf(m), ["speakerChannel"] = null })),
        })),
    };

    public JsonNode Player(string serial)
    {
        var echo = Echo(serial);
        return new JsonObject
        {
            ["playerInfo"] = new JsonObject
            {
                ["state"] = extras.StateOf(serial) ?? (echo?.WifiGroup.Or(null) is null ? "IDLE" : "PLAYING"), ["mediaId"] = null, ["queueId"] = null, ["isPlayingInLemur"] = echo?.WifiGroup.Or(null) is not null,
                ["provider"] = null, ["infoText"] = null, ["miniInfoText"] = null, ["mainArt"] = null, ["progress"] = null,
                ["volume"] = new JsonObject { ["muted"] = false, ["volume"] = echo?.VolumePercent }, ["lemurVolume"] = null, ["transport"] = null,
            },
        };
    }

    public JsonNode Aux(string serial) => new JsonObject
    {
        ["ports"] = world.Do(() => world.Echoes.Find(e => e.Serial == serial) is { } echo && CanSwitchSocket(echo)
            ? new JsonArray(new JsonObject { ["id"] = "aux0", ["direction"] = echo.ChosenOutput == AudioOutput.LineOut ? "OUTPUT" : "INPUT", ["inputActivity"] = null, ["isEnabled"] = true, ["isPlugged"] = false })
            : new JsonArray()),
    };

    /// <summary>The newer list, which has the models' names.</summary>
    public JsonNode GraphQl(JsonNode? query)
    {
        var answer = new JsonObject
        {
            ["data"] = new JsonObject
            {
                ["alexaVoiceDevices"] = new JsonObject
                {
                    ["endpoints"] = world.Do(() => Array(world.Echoes.Select((e, i) => (JsonNode)new JsonObject
                    {
                        ["endpointId"] = $"amzn1.alexa.endpoint.example-{i}", ["friendlyNameObject"] = Value(e.Name), ["manufacturer"] = Value("Amazon"), ["model"] = Value(e.Model?.Model ?? "Echo"),
                        ["serialNumber"] = Value(e.Serial), ["softwareVersion"] = Value(e.Firmware),
                        ["legacyIdentifiers"] = new JsonObject { ["dmsIdentifier"] = new JsonObject { ["deviceType"] = Value(e.Model?.Type ?? "") }, ["chrsIdentifier"] = new JsonObject { ["entityId"] = $"example-entity-{i}" } },
                        ["alexaEnabledMetadata"] = new JsonObject { ["category"] = "DEVICE", ["capabilities"] = new JsonArray() }, ["legacyAppliance"] = new JsonObject { ["applianceId"] = $"example-appliance-{i}" },
                    }))),
                },
            },
        };
        return query is JsonArray several ? Array(several.Select(_ => answer.DeepClone())) : answer;

        static JsonObject Value(string text) => new() { ["value"] = new JsonObject { ["text"] = text } };
    }

    /// <summary>What is really so, in words of its own: <c>/_sim/state</c>.</summary>
    public JsonNode Truth() => world.Do(() => (JsonNode)new JsonObject
    {
        ["echoes"] = Array(world.Echo.Echoes.Select(e => (JsonNode)new JsonObject
        {
            ["serial"] = e.Serial, ["type"] = e.DeviceType, ["name"] = e.Name, ["online"] = e.Online, ["firmware"] = e.Firmware, ["volume"] = e.VolumePercent, ["do_not_disturb"] = extras.IsDoNotDisturb(e.Serial),
            ["audio_output"] = Word(e.AudioOutput), ["wifi_group"] = e.WifiGroup.Or(null),
            ["link"] = e.Link.Or(null) is { } link ? new JsonObject { ["address"] = link.Address.Text, ["name"] = link.Name, ["role"] = Word<LinkRole>(link.Role) } : null,
            ["paired"] = Array(e.Paired.Select(p => (JsonNode)new JsonObject { ["address"] = p.Address.Text, ["name"] = p.Name, ["role"] = Word<LinkRole>(p.Role) })),
        })),
        ["groups"] = Array(world.Echo.WifiGroups!.Select(g => (JsonNode)new JsonObject { ["id"] = g.Id, ["name"] = g.Name, ["members"] = Array(g.Members.Select(m => (JsonNode)m)) })),
        ["stereo_pairs"] = Array(world.Echo.StereoPairs!.Select(p => (JsonNode)new JsonObject { ["id"] = p.Id, ["left"] = p.Left, ["right"] = p.Right })),
        ["sequences"] = extras.Sequences(),
    });

    public static JsonArray Array(IEnumerable<JsonNode> items) => new([.. items]);

    public EchoDevice? Echo(string? serial) => world.Echo.Echoes.FirstOrDefault(e => e.Serial == serial);

    private JsonNode DeviceOf(Echo echo)
    {
        string?[] flags =
        [
            "AUDIO_PLAYER", "VOLUME_SETTING", "MICROPHONE", "MUSIC_SKILL", "PAIR_BT_SINK", "PAIR_BT_SOURCE",
            echo.Model?.MultiRoom == false ? null : "LEMUR_ALPHA", CanSwitchSocket(echo) ? "AUX_SETTINGS" : null,
        ];
        var groups = world.WifiGroups.Where(g => g.Members.Contains(echo.Serial)).Select(g => g.Id).Concat(world.StereoPairs.Where(p => p.Left == echo.Serial || p.Right == echo.Serial).Select(p => p.Id));
        return Device(echo.Serial, echo.Model?.Type ?? "", "ECHO", echo.Name, echo.Powered, echo.Firmware, flags.OfType<string>(), [], groups);
    }

    private static JsonNode GroupOf(EchoWifiGroup group) => Device(group.Id, GroupType, "WHA", group.Name, online: true, null, ["AUDIO_PLAYER", "VOLUME_SETTING", "MUSIC_SKILL"], group.Members, []);

    private JsonNode PairOf(EchoStereoPair pair) =>
        Device(pair.Id, PairType, "ECHO", $"{Echo(pair.Left)?.Name} pair", online: true, null, ["AUDIO_PLAYER", "VOLUME_SETTING", "MUSIC_SKILL"], [pair.Left, pair.Right], []);

    private static JsonObject Device(
        string serial, string type, string family, string name, bool online, string? firmware, IEnumerable<string> capabilities, IEnumerable<string> members, IEnumerable<string> groups) => new()
        {
            ["accountName"] = name, ["serialNumber"] = serial, ["deviceType"] = type, ["deviceFamily"] = family, ["deviceTypeFriendlyName"] = null, ["deviceAccountId"] = $"A1ACCT{serial}",
            ["deviceOwnerCustomerId"] = Owner, ["online"] = online, ["softwareVersion"] = firmware, ["charging"] = null, ["remainingBatteryLevel"] = null,
            ["capabilities"] = Array(capabilities.Select(c => (JsonNode)c)), ["clusterMembers"] = Array(members.Select(m => (JsonNode)m)), ["parentClusters"] = Array(groups.Select(g => (JsonNode)g)),
            ["appDeviceList"] = new JsonArray(), ["associatedUnitIds"] = null, ["essid"] = null, ["language"] = null, ["macAddress"] = null, ["postalCode"] = null, ["registrationId"] = "A1REGEXAMPLE",
        };

    private static bool CanSwitchSocket(Echo echo) => echo.Model?.Jack == Socket.InOut;

    private string? TypeOf(string serial) => Echo(serial)?.DeviceType;

    private static string? Word<T>(T? value) where T : struct, Enum => value is { } known ? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()) : null;
}
