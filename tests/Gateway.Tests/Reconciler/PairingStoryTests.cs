using Gateway.Engine.Ports;
using Gateway.Reconciler;

namespace Gateway.Tests.Reconciler;

/// <summary>Who is taken for which Echo while pairing mode is open, whatever comes in whichever order.</summary>
public sealed class PairingStoryTests
{
    private const string First = "00:AA:77:00:00:01";
    private const string Second = "00:AA:77:00:00:02";
    private const string Hci0 = "00:AA:01:00:00:00";
    private const string Hci1 = "00:AA:01:00:00:01";
    private const string OneEcho = "echoes: [{ id: kitchen, name: Kitchen }]";

    [Fact]
    public async Task Who_was_paired_before_the_gateway_met_an_open_adapter_is_no_newcomer()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);

        await home.SeesAsync(Open(Echo(First))); // an earlier run's pairing mode, or another program's

        Assert.Null(Address(home, "kitchen"));
        Assert.DoesNotContain(home.Told, t => t.Contains("has paired", StringComparison.Ordinal));
        Assert.Contains(home.House.Echoes, e => e.Id == "00aa77000001");
    }

    [Fact]
    public async Task Who_comes_with_an_adapter_that_is_plugged_in_meanwhile_is_no_newcomer()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);
        await home.SeesAsync(Open());

        await home.SeesAsync(new BluetoothSnapshot([Adapter(Hci0, true), Adapter(Hci1, false)], [Echo(First) with { Adapter = Hci1 }], null));

        Assert.Null(Address(home, "kitchen"));
    }

    private static string? Address(ScriptedHome home, string echo) => home.House.Echoes.Single(e => e.Id == echo).Address;

    private static BluetoothSnapshot Open(params RadioDevice[] devices) => new([Adapter(Hci0, true)], devices, null) { OwnsAudio = true };

    private static BluetoothSnapshot Closed(params RadioDevice[] devices) => new([Adapter(Hci0, false)], devices, null) { OwnsAudio = true };

    private static RadioAdapter Adapter(string address, bool open) => new(address, address == Hci0 ? "hci0" : "hci1", true, false, open, false);

    private static RadioDevice Echo(string address) =>
        new() { Address = address, Adapter = Hci0, Name = "Echo Dot-4F2", Paired = true, Trusted = true, Kind = RadioKind.Echo, OffersSource = true, OffersSink = true };
}
