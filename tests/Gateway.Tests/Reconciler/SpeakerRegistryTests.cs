using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler.Registry;
using Gateway.Storage;

namespace Gateway.Tests.Reconciler;

/// <summary>What is known of speakers over restarts.</summary>
public sealed class SpeakerRegistryTests : IDisposable
{
    private static BluetoothAddress Adapter { get; } = BluetoothAddress.Parse("00:AA:01:00:00:01");
    private static BluetoothAddress Own { get; } = BluetoothAddress.Parse("00:AA:77:00:00:01");
    private static BluetoothAddress Other { get; } = BluetoothAddress.Parse("00:AA:66:00:00:01");
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-registry-");
    private readonly Store _store;

    public SpeakerRegistryTests() => _store = Store.Open(_data.FullName, TimeProvider.System);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_found_by_name_outlives_a_restart_only_if_it_was_paired(bool paired)
    {
        See(Start(Lounge), Seen(Own, "JBL Flip 6", paired));

        var later = Start(Lounge);

        Assert.Equal(paired ? Own : null, later.AddressOf("lounge"));
    }

    [Theory]
    [InlineData("Anna's speaker", "Anna’s speaker")]
    [InlineData("Anna’s speaker", "ANNA'S\u00A0 Speaker\0")]
    [InlineData("Küche", "Ku\u0308che")]
    [InlineData("ガレージ", "ｶﾞﾚｰｼﾞ")]
    public void A_configured_speaker_is_found_by_a_name_that_reads_the_same(string configured, string onTheAir)
    {
        var registry = Start(new ConfiguredSpeaker { Id = "s", Name = configured });

        See(registry, Seen(Own, onTheAir, paired: false));

        Assert.Equal(Own, registry.AddressOf("s"));
        Assert.Single(registry.Speakers);
    }

    [Fact]
    public void Forget_takes_the_learned_address_out_of_the_store_too()
    {
        var registry = Start(Lounge);
        See(registry, Seen(Own, "JBL Flip 6", paired: true));

        var isLookedForAnew = registry.Forget("lounge");

        Assert.True(isLookedForAnew);
        Assert.Null(Start(Lounge).AddressOf("lounge"));
    }

    [Fact]
    public void Forget_leaves_an_address_that_the_configuration_gives()
    {
        var registry = Start(Lounge with { Address = Own });

        Assert.False(registry.Forget("lounge"));
        Assert.Equal(Own, registry.AddressOf("lounge"));
    }

    [Fact]
    public void Two_that_are_paired_and_alike_are_told_apart_by_nothing_until_one_of_them_leaves()
    {
        var registry = Start(Lounge);

        See(registry, Seen(Own, "JBL Flip 6", paired: true), Seen(Other, "JBL Flip 6", paired: true));
        var (address, rivals) = (registry.AddressOf("lounge"), registry.RivalsOf("lounge"));
        See(registry, Seen(Own, "JBL Flip 6", paired: true));

        Assert.Null(address);
        Assert.Equal([Own, Other], rivals);
        Assert.Equal(Own, registry.AddressOf("lounge"));
        Assert.Empty(registry.RivalsOf("lounge"));
    }

    [Fact]
    public void A_found_speakers_late_name_is_kept_over_a_restart()
    {
        var registry = Start();
        See(registry, Seen(Own, "00-AA-77-00-00-01", paired: true));
        See(registry, Seen(Own, "Garden", paired: true));

        var speaker = Assert.Single(Start().Speakers);

        Assert.Equal(("00aa77000001", "Garden", "Garden", Own), (speaker.Id, speaker.Name, speaker.Model, speaker.Address));
    }

    [Fact]
    public void Nothing_leaves_while_the_radio_side_has_a_problem()
    {
        var registry = Start(Lounge);
        See(registry, Seen(Own, "JBL Flip 6", paired: false), Seen(Other, "Garden", paired: false));

        registry.Update(new BluetoothSnapshot([], [], "No bluetoothd."), _ => false);

        Assert.Equal((Own, "00aa66000001"), (registry.AddressOf("lounge"), registry.At(Other)));
    }

    public void Dispose()
    {
        _store.Dispose();
        _data.Delete(recursive: true);
    }

    private static ConfiguredSpeaker Lounge => new() { Id = "lounge", Name = "Lounge", Model = "JBL Flip 6" };

    private SpeakerRegistry Start(params ConfiguredSpeaker[] configured) => new(configured, _store);

    private static void See(SpeakerRegistry registry, params RadioDevice[] devices) => registry.Update(new BluetoothSnapshot([], devices, null), _ => false);

    private static RadioDevice Seen(string address, string name, bool paired) => new() { Address = BluetoothAddress.Parse(address), Adapter = Adapter, Name = name, Paired = paired, Kind = RadioKind.Speaker, OffersSink = true };
}
