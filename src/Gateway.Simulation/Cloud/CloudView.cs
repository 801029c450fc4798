using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>What the Echo cloud reports of the world.</summary>
internal static class CloudView
{
    public static EchoSnapshot Of(World world) =>
        new(world.Echoes.ConvertAll(e => Device(world, e)), [.. world.WifiGroups], [.. world.StereoPairs], null);

    public static bool Same(EchoSnapshot a, EchoSnapshot b) => a.Echoes.SequenceEqual(b.Echoes)
        && a.WifiGroups is { } groups && b.WifiGroups is { } others && groups.SequenceEqual(others)
        && a.StereoPairs is { } pairs && b.StereoPairs is { } otherPairs && pairs.SequenceEqual(otherPairs);

    private static EchoDevice Device(World world, Echo echo)
    {
        var peer = Peer(world, echo);
        return new EchoDevice
        {
            Serial = echo.Serial,
            Name = echo.Name,
            DeviceType = echo.Model?.Type,
            Control = EchoControlKind.AlexaApi,
            Online = echo.Powered,
            Firmware = echo.Firmware,
            Account = echo.Configured.Account ?? "home",
            Network = echo.Configured.Network ?? "Home Wi-Fi",
            VolumePercent = echo.VolumePercent,
            BluetoothAddress = echo.Address,
            Link = Fact.Of(peer),
            Paired = echo.AddressBook,
            WifiGroup = Fact.Of(echo.PlaysInGroup),
            // L5: a link on which it plays silences every other way out.
            AudioOutput = peer is { Role: LinkRole.PlaysTo } ? AudioOutput.Bluetooth : echo.ChosenOutput,
            AlexaGroup = echo.Configured.AlexaGroup != Tristate.Unknown ? echo.Configured.AlexaGroup : OfModel(echo.Model),
        };
    }

    private static EchoPeer? Peer(World world, Echo echo)
    {
        if (world.LinkOf(echo) is not { } link) return null;
        var other = link.Other(echo);
        var name = other is Adapter adapter ? $"Tutti {adapter.Name}" : other.Name;
        return new EchoPeer(other.Address, name, link.From == echo ? LinkRole.PlaysTo : LinkRole.ReceivesFrom);
    }

    private static Tristate OfModel(EchoModel? model) => model?.MultiRoom switch
    {
        true => Tristate.Yes,
        false => Tristate.No,
        null => Tristate.Unknown,
    };
}
