using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>Who is taken for which Echo while pairing mode is open, whatever comes in whichever order.</summary>
public sealed class PairingStoryTests
{
    private static BluetoothAddress First { get; } = BluetoothAddress.Parse("00:AA:77:00:00:01");
    private static BluetoothAddress Second { get; } = BluetoothAddress.Parse("00:AA:77:00:00:02");
    private static BluetoothAddress Hci0 { get; } = BluetoothAddress.Parse("00:AA:01:00:00:00");
    private static BluetoothAddress Hci1 { get; } = BluetoothAddress.Parse("00:AA:01:00:00:01");
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

    [Fact]
    public async Task Of_two_that_pair_at_once_the_Echo_that_is_waited_for_is_one_and_stays_it()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);
        await home.SeesAsync(Closed());
        await home.AskAsync("echo/kitchen/pair", "PRESS");

        await home.SeesAsync(Open(Echo(First), Echo(Second)));

        Assert.Equal(First, Address(home, "kitchen"));
        Assert.Single(home.Told, t => t.Contains("is Kitchen from now on", StringComparison.Ordinal));
        Assert.Contains(home.House.Echoes, e => e.Id == "00aa77000002");
    }

    [Fact]
    public async Task One_that_pairs_while_the_mode_is_being_closed_does_not_take_the_place_of_the_one_that_was_served()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);
        home.Radio.ClosesLate = true;
        await home.SeesAsync(Closed());
        await home.AskAsync("echo/kitchen/pair", "PRESS");
        await home.SeesAsync(Open(Echo(First)));

        await home.SeesAsync(Open(Echo(First), Echo(Second)));

        Assert.Equal(First, Address(home, "kitchen"));
    }

    [Fact]
    public async Task An_Echo_that_Pair_was_pressed_for_while_the_mode_was_open_is_not_meant_in_the_next_one()
    {
        await using var home = await ScriptedHome.StartAsync("echoes: [{ id: kitchen, name: Kitchen }, { id: bath, name: Bath }]");
        await home.SeesAsync(Open());
        await home.AskAsync("echo/kitchen/pair", "PRESS");
        await home.SeesAsync(Closed());
        await home.SeesAsync(Open());

        await home.SeesAsync(Open(Echo(First)));

        Assert.Null(Address(home, "kitchen"));
        Assert.Contains(home.Told, t => t.Contains("Which Echo is it?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_has_told_nothing_when_the_mode_ends_is_not_called_a_speaker()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);
        await home.SeesAsync(Open());
        var silent = Echo(First) with { Kind = RadioKind.Unknown, OffersSource = false, OffersSink = false };
        await home.SeesAsync(Open(silent));

        await home.SeesAsync(Closed(silent));

        Assert.Contains(home.Told, t => t.Contains("has not told what it is", StringComparison.Ordinal));
        Assert.DoesNotContain(home.Told, t => t.Contains("it is a speaker", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_neighbours_phone_that_a_search_finds_does_not_begin_to_pair()
    {
        await using var home = await ScriptedHome.StartAsync(OneEcho);
        await home.SeesAsync(Open());
        var phone = Echo(First) with { Name = "Anna", Kind = RadioKind.Phone, Paired = false };
        var searching = Open(phone) with { Adapters = [Adapter(Hci0, true) with { Discovering = true }] };

        await home.SeesAsync(searching);
        await home.SeesAsync(Open(phone));

        Assert.DoesNotContain(home.Told, t => t.Contains("begins to pair", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_was_asked_about_and_has_left_is_not_named_any_more()
    {
        await using var home = await ScriptedHome.StartAsync("echoes: [{ id: kitchen, name: Kitchen }, { id: bath, name: Bath }]");
        await home.SeesAsync(Open());
        await home.SeesAsync(Open(Echo(First)));
        await home.SeesAsync(Open());

        var late = await home.AskAsync("gateway/gw/pairing_answer", "kitchen");

        Assert.Equal(CommandResult.Refused, late.Result);
        Assert.Null(Address(home, "kitchen"));
    }

    [Fact]
    public async Task One_that_was_forgotten_and_pairs_again_is_told_again()
    {
        await using var home = await ScriptedHome.StartAsync("speakers: []");
        await home.SeesAsync(Open());
        await home.SeesAsync(Open(Echo(First)));
        await home.SeesAsync(Open());
        await home.SeesAsync(Open(Echo(First) with { Paired = false }));

        await home.SeesAsync(Open(Echo(First)));

        Assert.Equal(2, home.Told.Count(t => t.Contains("has paired", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_that_a_group_plays_to_is_not_linked_the_other_way_round_to_be_tested()
    {
        await using var home = await ScriptedHome.StartAsync($$"""
            bluetooth: { audio: own }
            echoes: [{ id: kitchen, name: Kitchen, address: "{{First}}" }]
            speakers: [{ id: bath, name: Bath, address: "{{Second}}" }]
            groups: [{ id: hall, name: Hall, members: [kitchen, bath], source: "pipe:test-signal" }]
            """);
        var bath = Echo(Second) with { Name = "Bath", Kind = RadioKind.Speaker, OffersSource = false, Link = RadioLink.Connected, LinkedAs = RadioRole.Sink };
        await home.SeesAsync(Closed(bath, Echo(First)));
        _ = home.Send("group/hall/active", "ON");
        await home.SeesAsync(Open(bath, Echo(First) with { Paired = false }));

        await home.SeesAsync(Open(bath, Echo(First)));

        Assert.Contains("Not tested: Kitchen is a member of a group that is on, which plays to it.", home.Told);
        var turned = await home.AskAsync("echo/kitchen/bluetooth", "gateway"); // nor by its select
        Assert.Equal((CommandResult.Refused, "Kitchen is a member of a group that is on, which plays to it, and it cannot play to the gateway meanwhile. Switch that group off first."), (turned.Result, turned.Reason));
    }

    [Fact]
    public async Task An_answer_names_an_Echo_as_people_read_names_and_a_near_one_is_offered()
    {
        await using var home = await ScriptedHome.StartAsync("echoes: [{ id: annas, name: \"Anna’s Echo\" }, { id: bath, name: Bath }]");
        await home.SeesAsync(Open());
        await home.SeesAsync(Open(Echo(First)));

        var near = await home.AskAsync("gateway/gw/pairing_answer", "Annas Ecko");
        var named = await home.AskAsync("gateway/gw/pairing_answer", "anna's  echo");

        Assert.Contains("Did you mean", near.Reason, StringComparison.Ordinal);
        Assert.Equal(CommandResult.Done, named.Result);
        Assert.Equal(First, Address(home, "annas"));
    }

    private static string? Address(ScriptedHome home, string echo) => home.House.Echoes.Single(e => e.Id == echo).Address;

    private static BluetoothSnapshot Open(params RadioDevice[] devices) => new([Adapter(Hci0, true)], devices, null) { OwnsAudio = true };

    private static BluetoothSnapshot Closed(params RadioDevice[] devices) => new([Adapter(Hci0, false)], devices, null) { OwnsAudio = true };

    private static RadioAdapter Adapter(string address, bool open) => new(BluetoothAddress.Parse(address), address == Hci0 ? "hci0" : "hci1", true, false, open, false);

    private static RadioDevice Echo(string address) =>
        new() { Address = BluetoothAddress.Parse(address), Adapter = Hci0, Name = "Echo Dot-4F2", Paired = true, Trusted = true, Kind = RadioKind.Echo, OffersSource = true, OffersSink = true };
}
