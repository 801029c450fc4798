using Gateway.Configuration.Yaml;
using Gateway.Engine;
using Gateway.Engine.Text;
using EngineIds = Gateway.Engine.Text.Ids;

namespace Gateway.Configuration;

/// <summary><c>echoes, speakers, transmitters</c>. Each method also enters its devices into the book of names, so their order matters.</summary>
internal sealed class DeviceSections(MapReader root, Problems problems, IdAssigner ids, NameBook names)
{
    /// <summary>What feeds a transmitter, or is an Echo's peer, when it is this machine.</summary>
    public const string GatewayWord = "gateway";

    /// <summary>Settings of Bluetooth speakers alone.</summary>
    private static readonly string[] s_ofBluetooth = ["address", "airplay", "le_audio"];

    /// <summary>The sound server's outputs that are speakers, and where that stands.</summary>
    private readonly Dictionary<string, int> _sinks = new(StringComparer.Ordinal);

    /// <summary>Bluetooth addresses, and whose they are.</summary>
    private readonly Dictionary<BluetoothAddress, (string What, int Line)> _addresses = [];

    public IReadOnlyList<ConfiguredEcho> Echoes()
    {
        var blocks = root.Blocks("echoes", "an Echo", SettingKeys.EchoDevice);
        var serials = blocks.Select(b => b.Text("serial")).ToList();
        var addresses = AddressesOf(blocks, "Echo");
        var candidates = Candidates(DeviceKind.Echo, blocks, i => serials[i] is { } serial ? SerialId(serial) : null, "Office");
        var echoes = new List<ConfiguredEcho>();
        foreach (var (block, name, id, index) in candidates)
        {
            if (id == GatewayWord) problems.Add(block.Place("id"), "The id gateway stands for this machine.", "Give the Echo another id:.");
            echoes.Add(new ConfiguredEcho
            {
                Id = id,
                Name = name,
                Model = block.Text("model"),
                Serial = serials[index],
                Address = addresses[index].Address,
                Outputs = Outputs(block),
                Account = block.Text("account"),
                Network = block.Text("network"),
                AlexaGroup = AlexaGroup(block),
                OnSecondLink = block.Choice("on_second_link", HouseWords.Policies),
            });
        }

        return echoes;
    }

    public IReadOnlyList<ConfiguredSpeaker> Speakers()
    {
        var blocks = root.Blocks("speakers", "a speaker", SettingKeys.Speaker);
        var addresses = AddressesOf(blocks, "speaker");
        // The clash of addresses is the error to show, not the clash of the ids that they make.
        var candidates = Candidates(DeviceKind.Speaker, blocks, i => addresses[i] is { Address: { } address, IsFirst: true } ? address.Id : null, "Balcony");
        return [.. candidates.Select(c => new ConfiguredSpeaker
        {
            Id = c.Id,
            Name = c.Name,
            Model = c.Block.Text("model"),
            Address = addresses[c.Index].Address,
            Sink = Sink(c.Block),
            AlexaGroup = AlexaGroup(c.Block),
            AlexaGroupOpen = c.Block.Find("alexa_group") is YamlScalar { Text: var word } && NameFolding.Same(word, "unknown"),
            Matter = c.Block.Flag("matter"),
            AirPlay = c.Block.Flag("airplay"),
            LeAudio = c.Block.Flag("le_audio"),
            Vendor = c.Block.Text("vendor"),
        })];
    }

    /// <summary>The blocks' addresses. Whoever repeats one is told where it stands already: a device is one thing.</summary>
    private List<(BluetoothAddress? Address, bool IsFirst)> AddressesOf(IReadOnlyList<MapReader> blocks, string what)
    {
        var addresses = new List<(BluetoothAddress?, bool)>();
        foreach (var block in blocks)
        {
            var address = block.Address("address");
            var isFirst = address is null || _addresses.TryAdd(address, (what, block.At.Line));
            if (!isFirst) problems.Add(block.Place("address"), $"{address} is already the address of the {_addresses[address!].What} in line {_addresses[address!].Line}.", "Correct one of the two.");
            addresses.Add((address, isFirst));
        }

        return addresses;
    }

    /// <summary>The output of the sound server that the speaker is; null: a Bluetooth speaker, or no name of one.</summary>
    private string? Sink(MapReader block)
    {
        if (block.Text("sink", max: 300) is not { } sink) return null;
        var place = block.Place("sink");
        foreach (var key in s_ofBluetooth.Where(block.Has)) problems.Add(block.Place(key), $"{key} does not go with sink: a speaker is one of Bluetooth, or an output of the sound server.", "Keep one of the two.");
        if (sink.StartsWith("bluez_", StringComparison.Ordinal)) problems.Add(place, $"{Problems.Quote(sink)} is a Bluetooth speaker, which is found by its address.", "Write its address: in place of sink:.");
        else if (sink.Any(char.IsWhiteSpace) || sink.EndsWith(".monitor", StringComparison.Ordinal) || sink[0] is '@' or '#' || sink.All(char.IsAsciiDigit))
            problems.Add(place, $"{Problems.Quote(sink)} is not the name of an output of the sound server.", "Write the name as pactl list short sinks shows it (its second column), such as alsa_output.pci-0000_00_1f.3.analog-stereo.");
        else if (!_sinks.TryAdd(sink, block.At.Line)) problems.Add(place, $"{Problems.Quote(sink)} is already the output of the speaker in line {_sinks[sink]}.", "Correct one of the two.");
        return sink;
    }

    /// <param name="wired">The ids of speakers that are outputs of the sound server.</param>
    public IReadOnlyList<ConfiguredTransmitter> Transmitters(IReadOnlySet<string> wired)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        var blocks = root.Blocks("transmitters", "a transmitter", SettingKeys.Transmitter);
        return [.. Candidates(DeviceKind.Transmitter, blocks, _ => null, "Avantree").Select(c => Transmitter(c.Block, c.Name, c.Id, owners, wired))];
    }

    private ConfiguredTransmitter Transmitter(MapReader block, string name, string id, Dictionary<string, string> owners, IReadOnlySet<string> wired)
    {
        // No transmitter with more links than a piconet has is known.
        var slots = block.Integer("slots", 1, 7);
        if (!block.Has("slots")) problems.Add(block.At, "The setting slots is missing.", "Write how many speakers the transmitter can feed, such as slots: 2.");
        var speakers = References.Resolve(block, "speakers", names, DeviceKind.Speaker);
        if (slots < speakers.Count) problems.Add(block.Place("speakers"), $"{speakers.Count} speakers are listed for {slots} {(slots == 1 ? "slot" : "slots")}.", "Remove a speaker: a transmitter feeds at most as many as it has links.");
        foreach (var speaker in speakers)
        {
            if (wired.Contains(speaker)) problems.Add(block.Place("speakers"), $"The speaker {speaker} is an output of the sound server, and a transmitter feeds Bluetooth speakers.", "Take it out of speakers:.");
            if (owners.TryAdd(speaker, name)) continue;
            problems.Add(block.Place("speakers"), $"The speaker {speaker} is already in a slot of {Problems.Quote(owners[speaker])}.", "List it at the transmitter that it is paired to.");
        }

        return new ConfiguredTransmitter
        {
            Id = id,
            Name = name,
            Model = block.Text("model"),
            Slots = slots ?? 1,
            FedBy = FedBy(block),
            Output = block.Choice("output", HouseWords.Sockets),
            Speakers = speakers,
        };
    }

    private string? FedBy(MapReader block) =>
        block.Scalar("fed_by") is not { } at ? null
        : NameFolding.Same(at.Text, GatewayWord) ? GatewayWord
        : References.Resolve(at, at.Text, problems, names, DeviceKind.Echo)?.Id;

    /// <summary>Names, ids and entries in the book of names for the blocks that have a name.</summary>
    private IReadOnlyList<(MapReader Block, string Name, string Id, int Index)> Candidates(DeviceKind kind, IReadOnlyList<MapReader> blocks, Func<int, string?> natural, string example)
    {
        var named = new List<(IdAssigner.Candidate Candidate, int Index)>();
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Required("name", $"Give the {NameBook.Word(kind)} a name, such as name: {example}.") is { } name) named.Add((new IdAssigner.Candidate(blocks[i], name, natural(i)), i));
        }

        var given = ids.Assign(kind, [.. named.Select(n => n.Candidate)]);
        for (var i = 0; i < named.Count; i++) names.Add(kind, given[i], named[i].Candidate.Name);
        return [.. named.Select((n, i) => (n.Candidate.Block, n.Candidate.Name, given[i], n.Index))];
    }

    private static string SerialId(string serial)
    {
        var lower = serial.ToLowerInvariant();
        return EngineIds.IsValid(lower) ? lower : EngineIds.Slug(serial);
    }

    private static Tristate AlexaGroup(MapReader block) => block.Choice("alexa_group", HouseWords.Tristates, "yes, no or unknown") ?? Tristate.Unknown;

    private static List<AudioOutput>? Outputs(MapReader block)
    {
        if (!block.Has("outputs") || block.Find("outputs") is YamlScalar { IsNull: true }) return null;
        var outputs = new List<AudioOutput>();
        foreach (var scalar in block.Scalars("outputs"))
        {
            if (block.ChoiceOf(scalar, HouseWords.Sockets) is not { } output) continue;
            if (outputs.Contains(output)) block.Problems.Add(scalar, $"{scalar.Shown} is listed twice.", "Keep one of the two.");
            else outputs.Add(output);
        }

        return outputs;
    }
}
