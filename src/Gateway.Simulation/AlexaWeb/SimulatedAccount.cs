using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>An Amazon account that is not there: what its simulated cloud begins with.</summary>
public sealed record SimulatedAccount
{
    public IReadOnlyList<SimulatedAccountEcho> Echoes { get; init; } = [];

    /// <summary>Members are serials.</summary>
    public IReadOnlyList<EchoWifiGroup> WifiGroups { get; init; } = [];
    public IReadOnlyList<EchoStereoPair> StereoPairs { get; init; } = [];

    /// <summary>Three Echos, a gateway, two speakers, a phone and a group, for whoever has no house file.</summary>
    public static SimulatedAccount Example { get; } = new()
    {
        Echoes =
        [
            new("kitchen", "G0EXAMPLE0000001", "A4ZXE0RM7LQ7A", "Kitchen Dot")
            {
                Paired =
                [
                    new("Audio Gateway", BluetoothAddress.Parse("00:1A:7D:DA:71:01"), LinkRole.PlaysTo),
                    new("Terrace Speaker", BluetoothAddress.Parse("00:1A:7D:DA:71:02"), LinkRole.PlaysTo),
                    new("Phone", BluetoothAddress.Parse("00:1A:7D:DA:71:03"), LinkRole.ReceivesFrom),
                ],
            },
            new("office", "G0EXAMPLE0000002", "A3RMGO6LYLH7YN", "Office Echo") { Paired = [new("Desk Speaker", BluetoothAddress.Parse("00:1A:7D:DA:71:04"), LinkRole.PlaysTo)] },
            new("bedroom", "G0EXAMPLE0000003", "A1RABVCI4QCIKC", "Bedroom Dot"),
        ],
        WifiGroups = [new("0123456789abcdef0123456789abcdef", "Everywhere", ["G0EXAMPLE0000001", "G0EXAMPLE0000002", "G0EXAMPLE0000003"])],
    };
}

/// <summary>An Echo of the account.</summary>
/// <param name="Id">What the simulation's own messages call it.</param>
/// <param name="Type">Amazon's device type.</param>
public sealed record SimulatedAccountEcho(string Id, string Serial, string Type, string Name)
{
    public bool Online { get; init; } = true;
    public string Firmware { get; init; } = "9295065988";
    public int VolumePercent { get; init; } = 35;
    public AudioOutput AudioOutput { get; init; } = AudioOutput.Speaker;

    /// <summary>Its address book (L3).</summary>
    public IReadOnlyList<EchoPairing> Paired { get; init; } = [];

    /// <summary>The one of <see cref="Paired"/> that it is linked to; null: none.</summary>
    public BluetoothAddress? Link { get; init; }

    /// <summary>The group that it plays in; null: none.</summary>
    public string? WifiGroup { get; init; }
}
