using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulate;

namespace Gateway.Tests.Simulate;

public sealed class AccountFileTests
{
    private const string Kitchen = "echoes: [{ id: kitchen, serial: G0A, type: A4ZXE0RM7LQ7A, name: Kitchen";

    [Fact]
    public void A_house_file_with_what_the_account_shows_is_an_account()
    {
        var account = AccountFile.Parse("""
            adapters: [{ name: hci0, address: 00:1A:7D:DA:71:13 }]
            echoes:
              - id: kitchen
                serial: G0A
                type: A4ZXE0RM7LQ7A
                name: Kitchen
                online: true
                volume: 20
                paired:
                  - { name: Flip, address: AA:BB:CC:00:00:01, role: plays_to }
                  - { name: Phone, address: AA:BB:CC:00:00:02, role: receives_from }
                link: { peer: phone }
              - { id: office, serial: G0B, type: UNKNOWNTYPE, name: Office, online: false, link: null }
            speakers: [{ id: flip }]
            wifi_groups: [{ id: down, name: Downstairs, members: [kitchen, Office, stranger] }]
            stereo_pairs: [{ id: pair, left: kitchen, right: office }]
            """, "house.yaml").Value!;

        var kitchen = account.Echoes[0];
        Assert.Equal(("G0A", "Kitchen", 20, BluetoothAddress.Parse("AA:BB:CC:00:00:02")), (kitchen.Serial, kitchen.Name, kitchen.VolumePercent, kitchen.Link));
        Assert.Equal([LinkRole.PlaysTo, LinkRole.ReceivesFrom], kitchen.Paired.Select(p => p.Role));
        Assert.False(account.Echoes[1].Online);
        Assert.Equal(["G0A", "G0B", "stranger"], Assert.Single(account.WifiGroups).Members);
        Assert.Equal(new EchoStereoPair("pair", "G0A", "G0B"), Assert.Single(account.StereoPairs));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "echos: []", "1:1: echos: \"echos\" is no setting of this file. Did you mean \"echoes\"?" },
        { "echoes: [{ id: kitchen, type: T, name: N }]", "The setting serial is missing. Write the serial number that the account shall show." },
        { Kitchen + ", serial: 1 }]", "serial" },
        { "echoes: [{ id: a, serial: ../x, type: T, name: N }]", "\"../x\" is not a serial number. Write letters and digits only." },
        { Kitchen + ", paired: [{ name: X }] }]", "The paired device has no address. Write its Bluetooth address: six pairs of hex digits." },
        { Kitchen + ", paired: [{ name: X, address: 12 }] }]", "\"12\" is not a Bluetooth address." },
        { Kitchen + ", paired: [{ address: AA:BB:CC:00:00:01, role: both }] }]", "\"both\" is not one of plays_to or receives_from." },
        { Kitchen + ", link: { peer: Nobody } }]", "\"Nobody\" is not among the Echo's paired devices. Add it to paired, or write its address." },
        { Kitchen + ", volume: 101 }]", "\"101\" is not a whole number from 0 to 100." },
        { Kitchen + " }, { id: kitchen, serial: G0B, type: T, name: B }]", "\"kitchen\" is listed twice. Keep one of the two." },
        { Kitchen + " }, { id: b, serial: G0A, type: T, name: B }]", "The serial \"G0A\" is another Echo's already. Correct one of the two." },
        { Kitchen + ", paired: [{ address: AA:BB:CC:00:00:01 }] }, { id: b, serial: G0B, type: T, name: B, paired: [{ address: AA:BB:CC:00:00:01, role: receives_from }] }]", "AA:BB:CC:00:00:01 is played to in one place and plays in another." },
        { "{ a: [", "" },
        { "&a [*a, *a]", "" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_hostile_one_is_refused_with_place_and_remedy(string text, string expected)
    {
        var result = AccountFile.Parse(text, "house.yaml");

        Assert.Null(result.Value);
        Assert.Contains(result.Errors, e => e.ToString().StartsWith("house.yaml:", StringComparison.Ordinal) && e.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_is_not_there_is_named()
    {
        var (exit, output, error) = Tests.Cli.Cli.Run(Program.Root(), "simulate", "echo", "--house", "/nowhere/house.yaml");

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("/nowhere/house.yaml", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_none_is_refused() => Assert.Equal(2, Tests.Cli.Cli.Run(Program.Root(), "simulate", "echo", "--port", "70000").Exit);
}
