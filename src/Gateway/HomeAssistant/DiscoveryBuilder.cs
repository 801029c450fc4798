using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Mqtt;

namespace Gateway.HomeAssistant;

/// <summary>
/// From a snapshot to Home Assistant's devices. The gateway comes first, because the others name it as the device they are reached through.
/// What is an entity, and of which platform, is listed in docs/mqtt.md. The same house gives the same messages; a device whose document is the one of
/// the snapshot before is not made again. Not thread-safe.
/// </summary>
internal sealed class DiscoveryBuilder(HomeAssistantOptions options, GatewayIdentity gateway, Topics topics)
{
    /// <summary>What works; no entity offers the rest.</summary>
    public Abilities Abilities { get; init; } = Abilities.ThisVersion;

    private readonly string _gatewayObject = $"tutti_gateway_{gateway.Id}";

    // What the last call made, by document; and the names that went into it.
    private Dictionary<object, DiscoveryConfig> _made = [];
    private KeyValuePair<string, string>[] _names = [];

    public IReadOnlyList<DiscoveryConfig> Build(HouseSnapshot house)
    {
        var names = house.Speakers.Select(s => KeyValuePair.Create(s.Id, s.Name)).Concat(house.Echoes.Select(e => KeyValuePair.Create(e.Id, e.Name)))
            .Append(new("gateway", gateway.Name)).ToArray();
        var adapters = ShownWords.Adapters(house.Adapters);
        KeyValuePair<string, string>[] all = [.. names, .. adapters];
        var before = _names.SequenceEqual(all) ? _made : [];
        (_made, _names) = ([], all);
        return
        [
            Gateway(house),
            .. house.Echoes.Select(e => Made(e, Echo)),
            .. house.Speakers.Select(s => Made(s, d => Speaker(d, adapters))),
            .. house.Adapters.Select((a, i) => Made(a, d => Adapter(d, adapters[i].Value))),
            .. house.Transmitters.Select(t => Made(t, d => Transmitter(d, names))),
            .. house.Groups.Select(g => Made(g, Group)),
        ];

        DiscoveryConfig Made<T>(T document, Func<T, DiscoveryConfig> make) where T : class =>
            _made[document] = before.TryGetValue(document, out var made) ? made : make(document);
    }

    public string Prefix => options.DiscoveryPrefix;

    /// <summary>The topic that announces a device of the house.</summary>
    public string TopicOf(string kind, string id) => DeviceBuilder.Topic(options.DiscoveryPrefix, ObjectOf(kind, id));

    /// <summary>What Home Assistant knows a device by: Echos and speakers are the same for every gateway, the others are ours.</summary>
    private string ObjectOf(string kind, string id) => kind is "echo" or "speaker" ? $"tutti_{kind}_{id}" : $"tutti_{kind}_{gateway.Id}_{id}";

    private DiscoveryConfig Gateway(HouseSnapshot house)
    {
        var device = new DeviceBuilder(_gatewayObject, house.Gateway.Name, "Gateway")
        {
            StateTopic = topics.State("gateway", gateway.Id),
            AvailabilityTopics = [topics.GatewayAvailability],
            CommandTopic = property => topics.Set("gateway", gateway.Id, property),
            EntityStem = Ids.EntityStem(house.Gateway.Name, "gateway", gateway.Id),
            Version = gateway.Version,
            Software = gateway.Version,
        };
        device.Sensor("version", "Version", Jinja.Member("version"))
            .Switch("pairing_mode", "Pairing mode", "pairing_mode", "mdi:bluetooth-settings", config: true)
            .Button("rescan", "Rescan", "mdi:radar")
            .Status()
            .Sensor("last_problem", "Last problem", Jinja.Text("last_problem", "No problem"), c => c["ic"] = "mdi:alert-circle-outline")
            .Add("event", "events", "Events", c => (c["stat_t"], c["evt_typ"], c["ic"]) = (topics.Event, DeviceBuilder.Strings(Words.All<HouseEventType>()), "mdi:speaker-message"))
            .Add("image", "sync_plot", "Sync plot", c => (c["img_t"], c["cont_type"], c["ent_cat"]) = (topics.SyncPlot, "image/svg+xml", "diagnostic"));
        foreach (var routine in house.Routines)
        {
            device.Add("scene", $"routine_{routine.Id}", string.IsNullOrWhiteSpace(routine.Name) ? routine.Id : routine.Name,
                c => (c["cmd_t"], c["pl_on"], c["qos"]) = (topics.Voice(routine.Id), "ON", 1));
        }

        return device.Build(options.DiscoveryPrefix);
    }

    private DiscoveryConfig Echo(EchoDocument echo)
    {
        var device = Device("echo", echo.Id, echo.Name, echo.Model ?? "Echo", manufacturer: "Amazon", software: echo.Firmware, bluetooth: echo.Address);
        var peers = new SelectOptions([new(SelectOptions.Disconnected, ""), .. echo.BluetoothOptions.Where((o, i) => i > 0 || o.Text != SelectOptions.Disconnected)]);
        device.BinarySensor("online", "Online", Jinja.OnOff("online"), "connectivity")
            .Select("bluetooth", "Bluetooth", BluetoothTemplate(peers), peers.Texts, "mdi:bluetooth-audio", peers.CommandTemplate)
            .Words("bluetooth_link", "Bluetooth link", "bluetooth.state", ShownWords.Links, "mdi:bluetooth-connect")
            .Button("pair", "Pair", "mdi:link-variant-plus")
            .Button("forget", "Forget", "mdi:link-variant-off")
            .Volume()
            .Sensor("firmware", "Firmware", Jinja.Member("firmware"))
            .BinarySensor("firmware_ok", "Firmware OK", Jinja.OnOff("firmware_ok"))
            .Sensor("wifi_group", "Multi-room group", "{{ value_json.wifi_group.name if value_json.wifi_group else 'In no group' if value_json.in_wifi_group is false else None }}", c => c["ic"] = "mdi:speaker-multiple");
        const string OutputIcon = "mdi:audio-input-stereo-minijack";
        if (echo.AudioOutputOptions.Count > 0)
        {
            var outputs = ShownWords.Outputs(echo.AudioOutputOptions);
            // Home Assistant logs an error for a state that is no option: what is not offered is unknown.
            device.Select(
                "audio_output", "Audio output", $"{{{{ {Jinja.Lookup(outputs, "value_json.audio_output", "None")} }}}}", outputs.Select(o => o.Value), OutputIcon,
                $"{{{{ {Jinja.Lookup(outputs.Select(o => KeyValuePair.Create(o.Value, o.Key)), "value", "value")} }}}}");
        }
        else
        {
            device.Words("audio_output", "Audio output", "audio_output", ShownWords.Outputs(System.Enum.GetValues<AudioOutput>()), OutputIcon);
        }

        device.Enum("readiness", "Readiness",
            "{% set r = value_json.readiness %}{{ 'Not ready' if r.fail else 'Ready, with warnings' if r.warn else 'Ready' if r.pass else None }}",
            ["Ready", "Ready, with warnings", "Not ready"],
            c => (c["json_attr_t"], c["json_attr_tpl"], c["ic"]) = (device.StateTopic, "{{ value_json.readiness | tojson }}", "mdi:clipboard-check-outline"));
        return device.Build(options.DiscoveryPrefix);
    }

    private DiscoveryConfig Speaker(SpeakerDocument speaker, IEnumerable<KeyValuePair<string, string>> adapters)
    {
        // An output of the sound server has no link, and so nothing that is about one.
        var hasLink = speaker.Sink is null;
        var device = Device("speaker", speaker.Id, speaker.Name, speaker.Model ?? (hasLink ? "Bluetooth speaker" : "Speaker"), bluetooth: speaker.Address);
        if (hasLink)
        {
            device.Switch("connected", "Connected", "connected", "mdi:bluetooth-connect")
                .BinarySensor("paired", "Paired", Jinja.OnOff("paired"))
                .Button("pair", "Pair", "mdi:link-variant-plus")
                .Button("forget", "Forget", "mdi:link-variant-off");
        }

        device.Button("test", "Test sound", "mdi:music-note")
            .Volume()
            .Add("number", "trim_ms", "Trim", c =>
            {
                (c["stat_t"], c["val_tpl"], c["cmd_t"], c["qos"]) = (topics.State("speaker", speaker.Id), Jinja.Member("trim_ms"), topics.Set("speaker", speaker.Id, "trim_ms"), 1);
                (c["min"], c["max"], c["step"], c["mode"]) = (-500, 2000, 0.1, "box");
                (c["dev_cla"], c["unit_of_meas"], c["ent_cat"], c["ic"]) = ("duration", "ms", "config", "mdi:timer-cog-outline");
            })
            .Measure("delay_ms", "Applied delay", Jinja.Member("delay_ms"), "duration", "ms", 1, enabled: true)
            .Measure("offset_ms", "Offset", Jinja.Member("sync.offset_ms"), "duration", "ms", 2, enabled: true)
            .Measure("latency_ms", "Latency", Jinja.Member("sync.latency_ms"), "duration", "ms", 1, enabled: false)
            .Measure("drift_ppm", "Drift", Jinja.Member("sync.drift_ppm"), null, "ppm", 1, enabled: false)
            .Measure("jitter_ms", "Jitter", Jinja.Member("sync.jitter_ms"), "duration", "ms", 2, enabled: false);
        if (hasLink)
        {
            device.Measure("battery", "Battery", Jinja.Member("battery"), "battery", "%", 0, enabled: true)
                .Measure("rssi_dbm", "Signal", Jinja.Member("rssi_dbm"), "signal_strength", "dBm", 0, enabled: false)
                .Sensor("codec", "Codec", "{{ value_json.codec | upper if value_json.codec else None if value_json.connected else 'Not connected' }}", c => c["ic"] = "mdi:waveform")
                .Sensor("adapter", "Adapter", $"{{{{ {Jinja.Lookup(adapters, "value_json.adapter", "value_json.adapter or 'Not connected'")} }}}}", c => c["ic"] = "mdi:usb-port")
                .Measure("stability", "Stability", Jinja.Inside("stability", "value"), null, null, 1, enabled: true)
                .Measure("dropouts", "Drop-outs", Jinja.Member("dropouts"), null, null, 0, enabled: true, stateClass: "total_increasing")
                .Measure("reconnect_s", "Reconnect time", Jinja.Member("reconnect_s"), "duration", "s", 1, enabled: false);
        }

        return device.Switch("keep_awake", "Keep awake", "keep_awake", "mdi:sleep-off", config: true)
            .Sensor("advice", "Advice", Jinja.Text("advice", "No advice"), c => c["ic"] = "mdi:lightbulb-on-outline")
            .Build(options.DiscoveryPrefix);
    }

    private DiscoveryConfig Adapter(AdapterDocument adapter, string name) =>
        Device("adapter", adapter.Id, name, adapter.Product ?? "Bluetooth adapter", bluetooth: adapter.Address)
            .Switch("powered", "Powered", "powered", "mdi:bluetooth")
            .Measure("streams_used", "Streams used", Jinja.Member("streams_used"), null, null, 0, enabled: true)
            .Switch("discovering", "Scanning", "discovering", "mdi:radar")
            .Build(options.DiscoveryPrefix);

    private DiscoveryConfig Transmitter(TransmitterDocument transmitter, IReadOnlyList<KeyValuePair<string, string>> house)
    {
        // Only the names that it needs: another device's new name is no reason to announce this one again.
        var names = house.Where(n => n.Key == transmitter.FedBy || transmitter.Slots.Contains(n.Key)).ToArray();
        var device = Device("transmitter", transmitter.Id, transmitter.Name, transmitter.Model ?? "Bluetooth transmitter");
        device.Sensor("fed_by", "Fed by", $"{{{{ {Jinja.Lookup(names, "value_json.fed_by", "value_json.fed_by")} }}}}", c => c["ic"] = "mdi:audio-input-stereo-minijack");
        for (var slot = 0; slot < transmitter.Slots.Count; slot++)
        {
            var member = $"value_json.slots[{slot}]";
            device.Sensor($"slot_{slot + 1}", $"Slot {slot + 1}", $"{{{{ {Jinja.Lookup(names, member, $"{member} or 'Empty'")} }}}}", c => c["ic"] = "mdi:speaker-bluetooth");
        }

        return device.Measure("spread_ms", "Spread", Jinja.Member("spread_ms"), "duration", "ms", 1, enabled: true)
            .BinarySensor("t1_pass", "Passes 15 ms", Jinja.OnOff("t1_pass"))
            .Build(options.DiscoveryPrefix);
    }

    private DiscoveryConfig Group(GroupDocument group)
    {
        var device = Device("group", group.Id, group.Name, "Group");
        var sources = new SelectOptions(group.SourceOptions);
        device.Switch("active", null, "active", "mdi:speaker-multiple");
        if (!sources.IsEmpty)
        {
            var template = $"{{{{ {Jinja.Lookup(sources.ShownByValue, "value_json.source", "None")} }}}}";
            device.Select("source", "Source", template, sources.Texts, "mdi:import", sources.CommandTemplate);
        }

        device.Volume()
            .Switch("mute", "Mute", "muted", "mdi:volume-off")
            .Enum("route", "Route", $"{{{{ 'Off' if value_json.phase == 'off' else {Jinja.Lookup(ShownWords.Routes, "value_json.route", "None")} }}}}",
                ["Off", .. ShownWords.Routes.Select(r => r.Value)], c => c["ic"] = "mdi:transit-connection-variant")
            .Measure("spread_ms", "Spread", Jinja.Member("sync.spread_ms"), "duration", "ms", 2, enabled: true)
            .Enum("sync_class", "Sync class", $"{{{{ {Jinja.Lookup(ShownWords.Classes, "value_json.sync.class", "'Not measured' if value_json.active else 'Not playing'")} }}}}",
                ["Not playing", "Not measured", .. ShownWords.Classes.Select(c => c.Value)], c => c["ic"] = "mdi:metronome")
            .Button("calibrate", "Calibrate", "mdi:tune-variant")
            .Button("calibrate_undo", "Undo", "mdi:undo")
            .Status()
            .Sensor("problem", "Problem", Jinja.Text("problem.text", "No problem", guard: "problem"), c =>
                (c["json_attr_t"], c["json_attr_tpl"], c["ic"]) = (device.StateTopic, "{{ (value_json.problem or {}) | tojson }}", "mdi:alert-circle-outline"));
        if (Abilities.Has(Feature.Announcements))
        {
            // Any text, also one that begins like JSON, arrives as the message.
            device.Add("notify", "announce", "Announce", c => (c["cmd_t"], c["cmd_tpl"], c["qos"], c["ic"]) = (topics.Set("group", group.Id, "announce"), "{{ {'value': value} | tojson }}", 1, "mdi:bullhorn"));
        }

        return device.Add("scene", "scene", null, c => (c["cmd_t"], c["pl_on"], c["qos"]) = (topics.Set("group", group.Id, "active"), "ON", 1))
            .Build(options.DiscoveryPrefix);
    }

    private DeviceBuilder Device(string kind, string id, string name, string model, string? manufacturer = null, string? software = null, string? bluetooth = null) =>
        new(ObjectOf(kind, id), name, model)
        {
            StateTopic = topics.State(kind, id),
            AvailabilityTopics = [topics.GatewayAvailability, topics.Availability(kind, id)],
            CommandTopic = property => topics.Set(kind, id, property),
            EntityStem = Ids.EntityStem(name, kind, id),
            Version = gateway.Version,
            Manufacturer = manufacturer,
            Software = software,
            Bluetooth = bluetooth,
            ViaDevice = _gatewayObject,
        };

    /// <summary>The connected peer's option; a peer that is no option is unknown (an error for each message otherwise).</summary>
    private static string BluetoothTemplate(SelectOptions options) =>
        $"{{% set b = value_json.bluetooth %}}{{% set o = {Jinja.Table(options.ShownByValue)} %}}"
        + "{{ None if b.state is none else 'Disconnected' if b.state != 'connected' or not b.peer else o.get(b.peer.address, o.get(b.peer.id, o.get(b.peer.name))) }}";
}
