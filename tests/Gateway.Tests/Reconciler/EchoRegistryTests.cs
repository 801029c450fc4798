using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler.Registry;
using Gateway.Storage;

namespace Gateway.Tests.Reconciler;

/// <summary>Which Echo is at which address, over restarts.</summary>
public sealed class EchoRegistryTests : IDisposable
{
    private static BluetoothAddress Address { get; } = BluetoothAddress.Parse("00:AA:77:00:00:01");
    private static BluetoothAddress Other { get; } = BluetoothAddress.Parse("00:AA:66:00:00:01");
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-echoes-");
    private readonly Store _store;

    public EchoRegistryTests() => _store = Store.Open(_data.FullName, TimeProvider.System);

    [Fact]
    public void What_a_pairing_taught_outlives_a_restart_and_the_configuration_wins_over_it()
    {
        Start(Kitchen).Learn("kitchen", Address);

        Assert.Equal(("kitchen", Address), (Start(Kitchen).At(Address), Start(Kitchen).AddressOf("kitchen")));
        var stated = Start(Kitchen with { Address = Other });
        Assert.Equal(Other, stated.AddressOf("kitchen"));
        Assert.Null(stated.At(Address)); // the learned one is nobody's any more
    }

    [Fact]
    public void An_address_is_one_Echos_the_one_that_learned_it_last()
    {
        var registry = Start(Kitchen, Kitchen with { Id = "office", Name = "Office" });
        registry.Learn("kitchen", Address);

        registry.Learn("office", Address);

        Assert.Equal((null, Address), (registry.AddressOf("kitchen"), registry.AddressOf("office")));
        Assert.Null(Start(Kitchen).AddressOf("kitchen"));
    }

    [Fact]
    public void What_the_configuration_makes_of_an_address_later_wins_over_what_was_learned()
    {
        Start(Kitchen).Learn("kitchen", Address);

        var another = Start(Kitchen, Kitchen with { Id = "bath", Name = "Bath", Address = Address });

        Assert.Equal(("bath", null), (another.At(Address), another.AddressOf("kitchen")));

        Start(Kitchen).Learn("kitchen", Address);
        var speaker = Start(Kitchen);
        speaker.Update(BluetoothSnapshot.Empty, EchoSnapshot.Empty, address => address == Address, _ => false);

        Assert.Equal((null, null), (speaker.At(Address), speaker.AddressOf("kitchen")));
    }

    [Fact]
    public void Forget_takes_the_learned_address_out_of_the_store_too_and_leaves_the_stated_one()
    {
        var registry = Start(Kitchen, Kitchen with { Id = "office", Address = Other });
        registry.Learn("kitchen", Address);

        registry.Forget("kitchen");
        registry.Forget("office");

        Assert.Equal((null, Other), (registry.AddressOf("kitchen"), registry.AddressOf("office")));
        Assert.Null(Start(Kitchen).AddressOf("kitchen"));
    }

    [Fact]
    public void One_that_is_paired_and_nobodys_is_kept_over_restarts_until_it_is_forgotten_or_named()
    {
        See(Start(Kitchen), Seen(Address, "Echo Dot-4F2"));
        var later = Start(Kitchen);
        Assert.Equal(("00aa77000001", "Echo Dot-4F2", true), (later.At(Address), later.Echoes[1].Name, later.IsFoundOnAir("00aa77000001")));

        later.Learn("kitchen", Address);

        Assert.Equal(["kitchen"], later.Echoes.Select(e => e.Id));
        Assert.Equal(["kitchen"], Start(Kitchen).Echoes.Select(e => e.Id));
    }

    [Theory]
    [InlineData(RadioKind.Echo, false, false)] // only seen: a neighbour's
    [InlineData(RadioKind.Phone, true, false)]
    [InlineData(RadioKind.Speaker, true, false)]
    [InlineData(RadioKind.Echo, true, true)] // the user calls it a speaker
    public void Nothing_else_becomes_an_Echo_of_its_own(RadioKind kind, bool paired, bool isSpeaker)
    {
        var registry = Start();

        registry.Update(new BluetoothSnapshot([], [Seen(Address, "Echo Dot-4F2") with { Kind = kind, Paired = paired }], null), EchoSnapshot.Empty, _ => isSpeaker, _ => false);

        Assert.Empty(registry.Echoes);
    }

    [Fact]
    public void One_that_still_has_to_get_its_name_is_none_of_its_own_yet()
    {
        var registry = Start();

        registry.Update(new BluetoothSnapshot([], [Seen(Address, "Echo Dot-4F2")], null), EchoSnapshot.Empty, _ => false, _ => true);

        Assert.Empty(registry.Echoes);
    }

    [Fact]
    public void A_control_path_that_tells_the_address_makes_the_one_of_its_own_go()
    {
        var registry = Start();
        See(registry, Seen(Address, "Echo Dot-4F2"));

        registry.Update(BluetoothSnapshot.Empty, new EchoSnapshot([new EchoDevice { Serial = "G09", Name = "Kitchen", BluetoothAddress = Address }], null, null, null), _ => false, _ => false);

        Assert.Equal(("g09", Address), (registry.Echoes.Single().Id, registry.AddressOf("g09")));
    }

    [Fact]
    public void A_name_that_comes_after_the_address_is_taken_and_the_first_name_stays()
    {
        var registry = Start();
        See(registry, Seen(Address, Address));

        See(registry, Seen(Address, "Echo Dot-4F2"));
        See(registry, Seen(Address, "Renamed"));

        Assert.Equal("Echo Dot-4F2", registry.Echoes.Single().Name);
    }

    [Fact]
    public void What_an_account_showed_goes_when_no_account_is_asked_any_more_and_not_because_one_is_silent()
    {
        Start().Update(BluetoothSnapshot.Empty, new EchoSnapshot([new EchoDevice { Serial = "G09", Name = "Kitchen" }], null, null, null), _ => false, _ => false);
        var later = Start();
        later.Update(BluetoothSnapshot.Empty, EchoSnapshot.Empty, _ => false, _ => false); // not asked yet
        Assert.Equal("g09", Assert.Single(later.Echoes).Id);

        later.Update(BluetoothSnapshot.Empty, EchoSnapshot.Empty with { IsDeclared = true }, _ => false, _ => false);

        Assert.Empty(later.Echoes);
        Assert.Empty(Start().Echoes);
    }

    public void Dispose()
    {
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    private static ConfiguredEcho Kitchen => new() { Id = "kitchen", Name = "Kitchen" };

    private EchoRegistry Start(params ConfiguredEcho[] configured) => new(configured, _store);

    private static void See(EchoRegistry registry, params RadioDevice[] devices) => registry.Update(new BluetoothSnapshot([], devices, null), EchoSnapshot.Empty, _ => false, _ => false);

    private static RadioDevice Seen(string address, string name) =>
        new() { Address = BluetoothAddress.Parse(address), Adapter = BluetoothAddress.Parse("00:AA:01:00:00:01"), Name = name, Paired = true, Kind = RadioKind.Echo, OffersSource = true, OffersSink = true };
}
