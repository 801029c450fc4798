using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary>
/// Reads a house file (<c>plan --house</c>): what is observed of the house now. A missing key is unknown; <c>null</c> or <c>[]</c> is known to be none.
/// A null where "none" has no meaning (<c>online: null</c>) is unknown too.
/// </summary>
public static class HouseFileLoader
{
    private static readonly string[] s_root = ["adapters", "echoes", "speakers", "wifi_groups", "stereo_pairs", "transmitters"];
    private static readonly string[] s_adapter = ["name", "address", "powered", "le_audio", "max_streams"];
    private static readonly string[] s_echo = ["id", "online", "firmware", "account", "network", "paired_on", "link", "wifi_group", "audio_output", "alexa_group"];
    private static readonly string[] s_link = ["peer", "role"];
    private static readonly string[] s_speaker = ["id", "reachable", "paired_on", "connected_on", "held_elsewhere", "modalias"];
    private static readonly string[] s_wifiGroup = ["id", "members"];
    private static readonly string[] s_stereoPair = ["id", "left", "right"];
    private static readonly string[] s_transmitter = ["id", "spread_ms"];

    /// <summary>Reads a file against the configuration that it belongs to.</summary>
    public static LoadResult<HouseObservation> Load(string path, HouseConfiguration house)
    {
        var problems = new Problems(path);
        var text = TextFile.Read(path, problems);
        return text is null ? new LoadResult<HouseObservation>(null, problems.Errors) : Parse(text, problems, house);
    }

    /// <summary>Reads a text as if it were the file <paramref name="fileName"/>.</summary>
    public static LoadResult<HouseObservation> Parse(string text, string fileName, HouseConfiguration house) => Parse(text, new Problems(fileName), house);

    private static LoadResult<HouseObservation> Parse(string text, Problems problems, HouseConfiguration house)
    {
        var tree = YamlTree.Read(text, problems) ?? new YamlMap([], "", 1, 1);
        var observed = new Reading(new MapReader(tree, "this file", s_root, problems), problems, house).House();
        var errors = problems.Errors;
        return new LoadResult<HouseObservation>(errors.Count == 0 ? observed : null, errors);
    }

    /// <summary>One file being read.</summary>
    private sealed class Reading(MapReader root, Problems problems, HouseConfiguration house)
    {
        private readonly NameBook _names = NameBook.Of(house);

        /// <summary>Adapters' names by name and by address; null: the file says nothing of adapters, so any name may be true.</summary>
        private Dictionary<string, string>? _adapters;

        public HouseObservation House()
        {
            var adapters = root.Has("adapters") ? Adapters() : null;
            return new HouseObservation
            {
                Adapters = adapters,
                Echoes = Devices("echoes", "an Echo", s_echo, DeviceKind.Echo, Echo),
                Speakers = Devices("speakers", "a speaker", s_speaker, DeviceKind.Speaker, Speaker),
                WifiGroups = root.Has("wifi_groups") ? WifiGroups() : null,
                StereoPairs = root.Has("stereo_pairs") ? StereoPairs() : null,
                TransmitterSpreadMs = Devices("transmitters", "a transmitter", s_transmitter, DeviceKind.Transmitter, (block, id) => (Id: id, Spread: block.Number("spread_ms", 0, 10_000)))
                    .Where(t => t.Spread is not null).ToDictionary(t => t.Id, t => t.Spread!.Value, StringComparer.Ordinal),
            };
        }

        private List<ObservedAdapter> Adapters()
        {
            _adapters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            var adapters = new List<ObservedAdapter>();
            foreach (var block in root.Blocks("adapters", "an adapter", s_adapter))
            {
                var address = block.Address("address");
                var name = block.Text("name") ?? Configured(c => c.Address is not null && c.Address == address)?.Name;
                if (name is null)
                {
                    if (!block.Has("name") && block.At is YamlMap) problems.Add(block.At, "The adapter has no name.", "Write the kernel's name, such as name: hci0.");
                    continue;
                }

                address ??= block.Has("address") ? null : Configured(c => c.Name == name)?.Address;
                if (!_adapters.TryAdd(name, name)) problems.Add(block.Place("name"), $"The adapter {Problems.Quote(name)} is listed twice.", "Keep one of the two.");
                if (address is not null && !_adapters.TryAdd(address, name)) problems.Add(block.Place("address"), $"{address} is already the address of another adapter.", "Correct one of the two.");
                adapters.Add(new ObservedAdapter
                {
                    Name = name,
                    Address = address,
                    Powered = Fact.OfNullable(block.Flag("powered")),
                    LeAudio = Fact.OfNullable(block.Flag("le_audio")),
                    LearnedMaxStreams = block.Integer("max_streams", 0, 7),
                });
            }

            return adapters;
        }

        private ConfiguredAdapter? Configured(Func<ConfiguredAdapter, bool> wanted) => house.Adapters?.FirstOrDefault(wanted);

        private ObservedEcho Echo(MapReader block, string id) => new()
        {
            Id = id,
            Online = Fact.OfNullable(block.Flag("online")),
            Firmware = OfText(block.Text("firmware")),
            Account = OfText(block.Text("account")),
            Network = OfText(block.Text("network")),
            PairedOn = PairedOn(block),
            Link = IsNone(block, "link") ? Fact.Of<EchoLink?>(null) : Link(block) is { } link ? Fact.Of<EchoLink?>(link) : default,
            WifiGroup = OptionalText(block, "wifi_group"),
            AudioOutput = Fact.OfNullable(block.Choice("audio_output", HouseWords.AudioOutputs)),
            AlexaGroup = block.Choice("alexa_group", HouseWords.Tristates, "yes, no or unknown") ?? Tristate.Unknown,
        };

        private EchoLink? Link(MapReader echo)
        {
            if (!echo.Has("link")) return null;
            var block = echo.Section("link", s_link);
            var peer = block.Required("peer", "Write what the Echo is linked to, or link: null where it has no link.");
            // Which way a link without a role goes is not known, and so neither what it is in the way of: it stays an unknown link (L2).
            return peer is not null && block.Choice("role", HouseWords.LinkRoles) is { } role ? new EchoLink(PeerId(peer), role) : null;
        }

        /// <summary>The id where we know the device, our adapter's digits where it is meant, else the text as it is.</summary>
        private string PeerId(string peer)
        {
            if (_names.Find(peer, DeviceKind.Speaker, DeviceKind.Echo).Entry is { } entry) return entry.Id;
            var address = BluetoothAddress.ReadWritten(peer);
            if (address is not null && house.Speakers.FirstOrDefault(s => s.Address == address) is { } speaker) return speaker.Id;
            if (address is not null && house.Echoes.FirstOrDefault(e => e.Address == address) is { } echo) return echo.Id;
            var ours = house.Adapters?.FirstOrDefault(a => a.Name == peer)?.Address ?? address;
            return ours?.Id ?? peer;
        }

        private ObservedSpeaker Speaker(MapReader block, string id) => new()
        {
            Id = id,
            Reachable = Fact.OfNullable(block.Flag("reachable")),
            PairedOn = PairedOn(block),
            ConnectedOn = IsNone(block, "connected_on") ? Fact.Of<string?>(null) : block.Scalar("connected_on") is { } at ? Fact.Of<string?>(Adapter(at)) : default,
            HeldElsewhere = Fact.OfNullable(block.Flag("held_elsewhere")),
            Modalias = block.Text("modalias"),
        };

        private Fact<IReadOnlyList<string>> PairedOn(MapReader block) =>
            block.Has("paired_on") ? Fact.Of<IReadOnlyList<string>>([.. block.Scalars("paired_on").Select(Adapter).Distinct(StringComparer.Ordinal)]) : default;

        private string Adapter(YamlScalar at)
        {
            var text = at.Text.Trim();
            if (_adapters is null) return BluetoothAddress.ReadWritten(text)?.Text ?? text;
            // A radio that is unplugged keeps its pairings: named and not listed, it is there in name only.
            return _adapters.GetValueOrDefault(text) ?? _adapters.GetValueOrDefault(BluetoothAddress.ReadWritten(text)?.Text ?? "") ?? text;
        }

        private List<ObservedWifiGroup> WifiGroups() =>
            Identified("wifi_groups", "a Wi-Fi group", s_wifiGroup, (block, id) => new ObservedWifiGroup(id, WifiMembers(block)));

        /// <summary>Ids where we know the device; the account may well have others, which stay as they are written: such a group is not exactly ours.</summary>
        private List<string> WifiMembers(MapReader block)
        {
            var ids = new List<string>();
            foreach (var at in block.Scalars("members"))
            {
                var found = _names.Find(at.Text, DeviceKind.Echo, DeviceKind.Speaker);
                ids.Add(found.Entry?.Id ?? at.Text.Trim());
            }

            return [.. ids.Distinct(StringComparer.Ordinal)];
        }

        private IReadOnlyList<ObservedStereoPair> StereoPairs() =>
            [.. Identified("stereo_pairs", "a stereo pair", s_stereoPair, StereoPair).OfType<ObservedStereoPair>()];

        private ObservedStereoPair? StereoPair(MapReader block, string id)
        {
            block.Required("left", "Name the Echo on the left.");
            block.Required("right", "Name the Echo on the right.");
            var left = References.ResolveOne(block, "left", _names, DeviceKind.Echo)?.Id;
            var right = References.ResolveOne(block, "right", _names, DeviceKind.Echo)?.Id;
            if (left is null || right is null) return null;
            if (left == right) problems.Add(block.Place("right"), $"The Echo {right} is both sides of the pair.", "A pair is two Echos.");
            return new ObservedStereoPair(id, left, right);
        }

        /// <summary>Blocks whose <c>id</c> is a configured device, each at most once.</summary>
        private List<T> Devices<T>(string key, string what, string[] keys, DeviceKind kind, Func<MapReader, string, T> read)
        {
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            var devices = new List<T>();
            foreach (var block in root.Blocks(key, what, keys))
            {
                block.Required("id", "Write the id or the exact name of a configured device.");
                if (References.ResolveOne(block, "id", _names, kind)?.Id is not { } id) continue;
                if (!lines.TryAdd(id, block.At.Line)) problems.Add(block.Place("id"), $"{Problems.Quote(id)} is listed twice; the first is in line {lines[id]}.", "Keep one of the two.");
                else devices.Add(read(block, id));
            }

            return devices;
        }

        /// <summary>Blocks whose <c>id</c> is the account's own, each at most once.</summary>
        private List<T> Identified<T>(string key, string what, string[] keys, Func<MapReader, string, T> read)
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var found = new List<T>();
            foreach (var block in root.Blocks(key, what, keys))
            {
                if (block.Required("id", "Give it any id.") is not { } id) continue;
                if (!seen.Add(id)) problems.Add(block.Place("id"), $"{Problems.Quote(id)} is listed twice.", "Keep one of the two.");
                else found.Add(read(block, id));
            }

            return found;
        }

        private static bool IsNone(MapReader block, string key) => block.Find(key) is YamlScalar { IsNull: true };

        private static Fact<string> OfText(string? text) => text is null ? default : Fact.Of(text);

        private static Fact<string?> OptionalText(MapReader block, string key) =>
            IsNone(block, key) ? Fact.Of<string?>(null) : block.Text(key) is { } text ? Fact.Of<string?>(text) : default;
    }
}
