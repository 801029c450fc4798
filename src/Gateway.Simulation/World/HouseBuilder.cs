using System.Globalization;
using System.IO.Enumeration;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>Furnishes a world from a configuration; what that leaves open is drawn from the seed.</summary>
internal static class HouseBuilder
{
    public static void Furnish(World world, SimulatedHouseOptions options)
    {
        var house = options.Configuration;
        world.Adapters.AddRange(Adapters(world.Seed, house));
        world.Speakers.AddRange(house.Speakers.Where(s => s.Sink is null).Select(s => Speaker(world, s, options)));
        world.Echoes.AddRange(house.Echoes.Select(e => Echo(world.Seed, e, options)));
        foreach (var group in house.Groups)
        {
            if (group.Source is not { Kind: SourceKind.Phone, Argument: { } phone } || BluetoothAddress.Read(phone) is not { } address) continue;
            if (!world.Phones.Exists(p => p.Address == address)) world.Phones.Add(new OtherHost($"Phone {address.Text[^5..]}", address));
        }

        PairSpeakers(world, house);
        PairEchoes(world, house);
        foreach (var group in house.Groups) CreateCloudGroup(world, group);
    }

    private static IEnumerable<Adapter> Adapters(int seed, HouseConfiguration house)
    {
        var listed = house.Adapters is { Count: > 0 } some ? some : [new ConfiguredAdapter(), new ConfiguredAdapter()];
        for (var i = 0; i < listed.Count; i++)
        {
            var name = listed[i].Name ?? $"hci{i}";
            var address = listed[i].Address ?? Address(seed, $"adapter {name}");
            yield return new Adapter(address.Id, name, address, listed[i].Role, listed[i].MaxStreams ?? house.Limits.DefaultStreamsPerAdapter);
        }
    }

    private static Speaker Speaker(World world, ConfiguredSpeaker configured, SimulatedHouseOptions options)
    {
        var draw = SplitMix64.Of(world.Seed, configured.Id, "speaker");
        var speaker = new Speaker(configured, Find(options.Catalogue, configured), configured.Address ?? Address(world.Seed, configured.Id))
        {
            ClockPpm = draw.NextBetween(-100, 100),
            VolumePercent = (int)draw.NextBetween(45, 66),
            BatteryPercent = (int)draw.NextBetween(55, 100),
            Powered = !options.Off.Contains(configured.Id),
            LastSoundAt = world.Now,
        };
        speaker.LatencyMs = world.Draw(speaker, "latency").NextBetween(120, 280);
        return speaker;
    }

    private static Echo Echo(int seed, ConfiguredEcho configured, SimulatedHouseOptions options)
    {
        var draw = SplitMix64.Of(seed, configured.Id, "echo");
        var model = options.Catalogue.Echoes.FirstOrDefault(m => Engine.Text.NameFolding.Same(m.Model, configured.Model));
        var serial = configured.Serial ?? string.Create(CultureInfo.InvariantCulture, $"G0SIM{draw.Next() & 0xFFFFFFFFFF:X10}");
        return new Echo(configured, model, serial, Address(seed, configured.Id))
        {
            Firmware = options.Firmware.TryGetValue(configured.Id, out var firmware) ? firmware : "1.25.3",
            ClockPpm = draw.NextBetween(-100, 100),
            VolumePercent = (int)draw.NextBetween(20, 60),
            LatencyMs = draw.NextBetween(120, 280),
        };
    }

    /// <summary>
    /// Speakers of groups first: each is paired on the first adapter that may send, every second one on the next too, so
    /// that a group of four finds room (T4) and at least one speaker is unknown to the second. S2 is paired nowhere.
    /// </summary>
    private static void PairSpeakers(World world, HouseConfiguration house)
    {
        var senders = world.Adapters.Where(a => a.Role != AdapterRole.Receive).Take(2).ToList();
        if (senders.Count == 0) return;
        var inGroups = house.Groups.SelectMany(g => g.Members).Distinct().ToList();
        var speakers = world.Speakers.Where(s => s.Model is not { AppOnly: true })
            .OrderBy(s => inGroups.IndexOf(s.Id) is var at and >= 0 ? at : int.MaxValue).ToList();
        for (var i = 0; i < speakers.Count; i++)
        {
            world.Pairings.Add((senders[0], speakers[i]));
            if (i % 2 == 1 && senders.Count > 1) world.Pairings.Add((senders[1], speakers[i]));
        }
    }

    /// <summary>Echos that feed a group, or play in one beside speakers, know the gateway's adapters; each knows a speaker or two (L3).</summary>
    private static void PairEchoes(World world, HouseConfiguration house)
    {
        var speakers = world.Speakers.Where(s => s.Model is not { AppOnly: true }).ToList();
        var speakerIds = world.Speakers.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < world.Echoes.Count; i++)
        {
            var echo = world.Echoes[i];
            if (speakers.Count > 0) Pair(world, echo, speakers[i % speakers.Count]);
            var feeds = house.Groups.Any(g => g.Source is { Kind: SourceKind.Echo } s && s.Argument == echo.Id);
            var plays = house.Groups.Any(g => g.Members.Contains(echo.Id) && g.Members.Any(speakerIds.Contains));
            foreach (var adapter in world.Adapters.Where(a => (feeds && a.Role != AdapterRole.Send) || (plays && a.Role != AdapterRole.Receive)))
                Pair(world, echo, adapter);
        }

        foreach (var phone in world.Phones)
        {
            if (world.Adapters.Find(a => a.Role != AdapterRole.Send) is { } receiver) world.Pairings.Add((receiver, phone));
        }
    }

    /// <summary>Pairs an Echo with something, and writes it into the Echo's address book.</summary>
    public static void Pair(World world, Echo echo, Node peer)
    {
        if (world.ArePaired(echo, peer)) return;
        world.Pairings.Add((peer, echo));
        var name = peer is Adapter adapter ? $"Tutti {adapter.Name}" : peer.Name;
        var role = peer is OtherHost ? LinkRole.ReceivesFrom : LinkRole.PlaysTo;
        echo.AddressBook = [.. echo.AddressBook, new EchoPairing(name, peer.Address, role)];
    }

    /// <summary>Groups that insist on a Wi-Fi route exist in the account already.</summary>
    private static void CreateCloudGroup(World world, ConfiguredGroup group)
    {
        var serials = world.Echoes.Where(e => group.Members.Contains(e.Id)).Select(e => e.Serial).ToList();
        var id = Hex(SplitMix64.Of(world.Seed, group.Id, "cloud group").Next());
        if (group.Route == Route.WifiGroup && serials.Count > 0) world.WifiGroups.Add(new EchoWifiGroup(id, group.Name, serials));
        if (group.Route == Route.StereoPair && serials.Count == 2) world.StereoPairs.Add(new EchoStereoPair(id, serials[0], serials[1]));
    }

    public static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A Bluetooth address for what has none in the configuration.</summary>
    public static BluetoothAddress Address(int seed, string device)
    {
        var bytes = BitConverter.GetBytes(SplitMix64.Of(seed, device, "address").Next());
        bytes[0] &= 0xFC; // a public, unicast address
        return BluetoothAddress.Parse(string.Join(':', bytes.Take(6).Select(b => b.ToString("X2", CultureInfo.InvariantCulture))));
    }

    private static SpeakerModel? Find(Catalogue catalogue, ConfiguredSpeaker speaker)
    {
        return catalogue.Speakers.FirstOrDefault(m => Engine.Text.NameFolding.Same(m.Model, speaker.Model))
            ?? catalogue.Speakers.FirstOrDefault(m => m.Names.Any(n => Matches(n, speaker.Model) || Matches(n, speaker.Name)));

        static bool Matches(string pattern, string? text) => text is not null && FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: true);
    }
}
