using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>Furnishes a world from an account: its Echos, and whatever stands in their address books.</summary>
internal static class AccountBuilder
{
    public static void Furnish(World world, SimulatedAccount account, Catalogue catalogue)
    {
        foreach (var echo in account.Echoes) world.Echoes.Add(EchoOf(world.Seed, echo, catalogue));
        world.WifiGroups.AddRange(account.WifiGroups);
        world.StereoPairs.AddRange(account.StereoPairs);
        foreach (var (told, echo) in account.Echoes.Zip(world.Echoes))
        {
            foreach (var pairing in told.Paired) Pair(world, echo, pairing);
            if (told.Link is { } linked) Join(world, echo, linked);
            else if (told.WifiGroup is { } group) echo.PlaysInGroup = group; // L5: one or the other
        }
    }

    /// <summary>Links the Echo with something as a person would, in the role in which it knows it; null: lets its link go.</summary>
    public static void Link(World world, Echo echo, EchoPairing? peer)
    {
        world.CutAll(echo);
        if (peer is null) return;
        Pair(world, echo, peer);
        Join(world, echo, peer.Address);
    }

    /// <summary>The Echo forgets it (L3), and a link with it ends.</summary>
    public static void Forget(World world, Echo echo, BluetoothAddress address)
    {
        if (NodeAt(world, echo, address) is not { } peer) return;
        if (world.LinkBetween(echo, peer) is { } link) world.Cut(link);
        world.Pairings.RemoveWhere(p => (p.One == echo && p.Other == peer) || (p.One == peer && p.Other == echo));
        echo.AddressBook = [.. echo.AddressBook.Where(p => p.Address != address)];
    }

    private static Echo EchoOf(int seed, SimulatedAccountEcho told, Catalogue catalogue)
    {
        var model = catalogue.Echoes.FirstOrDefault(m => m.Type == told.Type) ?? new EchoModel(told.Type, told.Type, Socket.Unknown, Socket.Unknown, Certainty.Unknown, MultiRoom: null, Note: null);
        return new Echo(new ConfiguredEcho { Id = told.Id, Name = told.Name, Model = model.Model, Serial = told.Serial }, model, told.Serial, HouseBuilder.Address(seed, told.Id))
        {
            Firmware = told.Firmware,
            VolumePercent = told.VolumePercent,
            Powered = told.Online,
            ChosenOutput = told.AudioOutput,
        };
    }

    private static void Pair(World world, Echo echo, EchoPairing pairing)
    {
        if (echo.AddressBook.Any(p => p.Address == pairing.Address)) return;
        world.Pairings.Add((NodeAt(world, echo, pairing.Address) ?? NodeOf(world, pairing), echo));
        echo.AddressBook = [.. echo.AddressBook, pairing];
    }

    private static void Join(World world, Echo echo, BluetoothAddress address)
    {
        if (NodeAt(world, echo, address) is not { } peer) return;
        world.CutAll(echo);
        if (peer is Sink) world.CutAll(peer);
        world.Establish(peer is OtherHost ? new Link(peer, echo) : new Link(echo, peer));
    }

    private static Node? NodeAt(World world, Echo echo, BluetoothAddress address) => world.Adapters.Concat(world.Devices).FirstOrDefault(n => n.Address == address && n != echo);

    /// <summary>What receives is a speaker, be it the gateway; what sends is a host.</summary>
    private static Node NodeOf(World world, EchoPairing pairing)
    {
        if (pairing.Role == LinkRole.PlaysTo)
        {
            var speaker = new Speaker(new ConfiguredSpeaker { Id = pairing.Address.Id, Name = pairing.Name, Address = pairing.Address }, null, pairing.Address);
            world.Speakers.Add(speaker);
            return speaker;
        }

        var host = new OtherHost(pairing.Name, pairing.Address);
        world.Phones.Add(host);
        return host;
    }
}
