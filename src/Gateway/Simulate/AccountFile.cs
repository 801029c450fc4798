using Gateway.Configuration;
using Gateway.Configuration.Yaml;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Simulation;

namespace Gateway.Simulate;

/// <summary>
/// Reads the house file of <c>simulate echo --house</c>: that of <c>plan --house</c>, whose Echos also have <c>serial</c>, <c>type</c>, <c>name</c> and <c>paired</c>. It stands alone: there is no
/// configuration that it belongs to. What it says of radios, speakers and transmitters is not the cloud's business.
/// </summary>
internal static class AccountFile
{
    /// <summary>Names come from devices of any maker; this much of one is kept.</summary>
    private const int LongestName = 10_000;

    private static readonly string[] s_root = ["adapters", "echoes", "speakers", "wifi_groups", "stereo_pairs", "transmitters"];
    private static readonly string[] s_echo = ["id", "serial", "type", "name", "paired", "online", "firmware", "volume", "account", "network", "paired_on", "link", "wifi_group", "audio_output", "alexa_group"];
    private static readonly string[] s_paired = ["name", "address", "role"];
    private static readonly string[] s_link = ["peer", "role"];
    private static readonly string[] s_group = ["id", "name", "members"];
    private static readonly string[] s_pair = ["id", "left", "right"];

    public static LoadResult<SimulatedAccount> Load(string path)
    {
        var problems = new Problems(path);
        var text = TextFile.Read(path, problems);
        return text is null ? new LoadResult<SimulatedAccount>(null, problems.Errors) : Parse(text, problems);
    }

    /// <summary>Reads a text as if it were the file <paramref name="fileName"/>.</summary>
    public static LoadResult<SimulatedAccount> Parse(string text, string fileName) => Parse(text, new Problems(fileName));

    private static LoadResult<SimulatedAccount> Parse(string text, Problems problems)
    {
        var tree = YamlTree.Read(text, problems) ?? new YamlMap([], "", 1, 1);
        var account = new Reading(new MapReader(tree, "this file", s_root, problems), problems).Account();
        var errors = problems.Errors;
        return new LoadResult<SimulatedAccount>(errors.Count == 0 ? account : null, errors);
    }

    /// <summary>One file being read.</summary>
    private sealed class Reading(MapReader root, Problems problems)
    {
        private readonly Dictionary<string, SimulatedAccountEcho> _echoes = new(StringComparer.OrdinalIgnoreCase);
        private readonly Dictionary<BluetoothAddress, LinkRole> _roles = [];

        public SimulatedAccount Account()
        {
            var groups = new List<EchoWifiGroup>();
            foreach (var block in root.Blocks("echoes", "an Echo", s_echo))
            {
                if (Echo(block) is not { } echo) continue;
                if (!_echoes.TryAdd(echo.Id, echo)) problems.Add(block.Place("id"), $"{Problems.Quote(echo.Id)} is listed twice.", "Keep one of the two.");
                if (_echoes.Values.Any(e => e != echo && e.Serial == echo.Serial)) problems.Add(block.Place("serial"), $"The serial {Problems.Quote(echo.Serial)} is another Echo's already.", "Correct one of the two.");
            }

            foreach (var block in root.Blocks("wifi_groups", "a Wi-Fi group", s_group))
            {
                if (block.Required("id", "Give it any id.") is { } id) groups.Add(new EchoWifiGroup(id, block.Text("name") ?? id, [.. block.Scalars("members").Select(m => SerialOf(m.Text.Trim()))]));
            }

            var pairs = root.Blocks("stereo_pairs", "a stereo pair", s_pair).Select(PairOf).OfType<EchoStereoPair>().ToList();
            return new SimulatedAccount { Echoes = [.. _echoes.Values], WifiGroups = groups, StereoPairs = pairs };
        }

        private SimulatedAccountEcho? Echo(MapReader block)
        {
            var id = block.Required("id", "Write any id of it, as in plan --house.");
            var serial = block.Required("serial", "Write the serial number that the account shall show.");
            var type = block.Required("type", "Write Amazon's device type, such as type: A4ZXE0RM7LQ7A.");
            if (block.At is YamlMap && !block.Has("name")) problems.Add(block.At, "The Echo has no name.", "Write the name that the account shall show.");
            var name = NameOf(block);
            if (id is null || serial is null || type is null || name is null) return null;
            if (serial.Any(c => !char.IsAsciiLetterOrDigit(c)))
            {
                problems.Add(block.Place("serial"), $"{Problems.Quote(serial)} is not a serial number.", "Write letters and digits only.");
                return null;
            }

            List<EchoPairing> paired = [.. block.Blocks("paired", "a paired device", s_paired).Select(Pairing).OfType<EchoPairing>()];
            var link = LinkOf(block, paired);
            return new SimulatedAccountEcho(id, serial, type, name)
            {
                Online = block.Flag("online") ?? true,
                Firmware = block.Text("firmware") ?? "9295065988",
                VolumePercent = block.Integer("volume", 0, 100) ?? 35,
                AudioOutput = block.Choice("audio_output", HouseWords.AudioOutputs) is { } output and not AudioOutput.Bluetooth ? output : AudioOutput.Speaker,
                Paired = paired,
                Link = link,
                WifiGroup = block.Text("wifi_group"),
            };
        }

        private EchoPairing? Pairing(MapReader block)
        {
            var address = block.Address("address");
            if (address is null && block.At is YamlMap && !block.Has("address")) problems.Add(block.At, "The paired device has no address.", "Write its Bluetooth address: six pairs of hex digits.");
            var role = block.Choice("role", HouseWords.LinkRoles) ?? LinkRole.PlaysTo;
            if (address is null) return null;
            if (!_roles.TryAdd(address, role) && _roles[address] != role)
                problems.Add(block.Place("role"), $"{address} is played to in one place and plays in another.", "Give each address one role: plays_to (the Echo plays to it) or receives_from.");
            return new EchoPairing(NameOf(block) ?? address.Text, address, role);
        }

        /// <summary>The link's device is one of the address book, named or by its address; one that is not in it comes into it.</summary>
        private BluetoothAddress? LinkOf(MapReader echo, List<EchoPairing> paired)
        {
            if (echo.Find("link") is null or YamlScalar { IsNull: true }) return null;
            var block = echo.Section("link", s_link);
            if (block.Required("peer", "Write what the Echo is linked to, or link: null where it has no link.") is not { } peer) return null;
            var address = BluetoothAddress.ReadWritten(peer);
            if (paired.Find(p => p.Address == address || NameFolding.Same(p.Name, peer)) is { } known) return known.Address;
            if (address is null)
            {
                problems.Add(block.Place("peer"), $"{Problems.Quote(peer)} is not among the Echo's paired devices.", "Add it to paired, or write its address.");
                return null;
            }

            paired.Add(new EchoPairing(address.Text, address, block.Choice("role", HouseWords.LinkRoles) ?? LinkRole.PlaysTo));
            return address;
        }

        private EchoStereoPair? PairOf(MapReader block)
        {
            var (id, left, right) = (block.Required("id", "Give it any id."), block.Required("left", "Name the Echo on the left."), block.Required("right", "Name the Echo on the right."));
            return id is null || left is null || right is null ? null : new EchoStereoPair(id, SerialOf(left), SerialOf(right));
        }

        /// <summary>The account may have members that are not listed: they stay as they are written.</summary>
        private string SerialOf(string echo) => _echoes.GetValueOrDefault(echo)?.Serial ?? _echoes.Values.FirstOrDefault(e => NameFolding.Same(e.Name, echo))?.Serial ?? echo;

        /// <summary>Any text, as hostile as people's devices are called: clients have to bear it.</summary>
        private string? NameOf(MapReader block)
        {
            if (block.Find("name") is not YamlScalar { IsNull: false } scalar) return block.Text("name");
            if (scalar.Text.Length is > 0 and <= LongestName) return scalar.Text;
            problems.Add(scalar, $"The name is {scalar.Text.Length} characters long.", $"Use 1 to {LongestName}.");
            return null;
        }
    }
}
