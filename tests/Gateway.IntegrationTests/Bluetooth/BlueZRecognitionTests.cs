using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>What is shown, and by which of BlueZ's objects it is called (C1 to C3).</summary>
public sealed class BlueZRecognitionTests
{
    private const string Device1 = "org.bluez.Device1";
    private static BluetoothAddress Address { get; } = BluetoothAddress.Parse("00:AA:01:01:00:07");
    private const string Path = FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_07";

    /// <summary>By its path, an address that it has no more.</summary>
    private const string PrivatePath = FakeBlueZ.AdapterPath + "/dev_5A_11_22_33_44_55";

    private static readonly string[] s_vendor = ["00000000-deca-fade-deca-deafdecacaff"];

    [Theory]
    [InlineData(0x240404u)] // headset
    [InlineData(0x240408u)] // hands-free
    [InlineData(0x240414u)] // loudspeaker
    [InlineData(0x240418u)] // headphones
    [InlineData(0x24041Cu)] // portable
    [InlineData(0x240420u)] // car
    [InlineData(0x240428u)] // hi-fi
    [InlineData(0x24043Cu)] // display and loudspeaker
    public async Task C1_before_pairing_a_makers_own_service_hides_no_speaker_and_it_is_paired(uint deviceClass)
    {
        await using var house = await StartAsync(deviceClass, paired: false);

        Assert.True(Find(house)!.IsSpeaker);
        house.BlueZ.On("Pair", call =>
        {
            house.BlueZ.Bond(call.Request.PathAsString!);
            house.BlueZ.Change(Path, Device1, "ServicesResolved", VariantValue.Bool(true));
        });
        await house.Service.PairAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);

        Assert.True(Find(house)!.Paired);
        Assert.DoesNotContain("StartDiscovery", house.BlueZ.Calls);
    }

    [Theory]
    [InlineData(0x000540u)] // a keyboard's class
    [InlineData(0u)]
    public async Task C1_what_the_user_has_named_by_its_address_is_shown_and_paired_whatever_it_says(uint deviceClass)
    {
        await using var house = await BlueZHarness.StartAsync(
            o => o with { Configured = static a => a == Address ? RadioKind.Speaker : null }, prepare: b => b.Put(Path, Device1, Shown(deviceClass, paired: false)));
        await using var stranger = await BlueZHarness.StartAsync(prepare: b => b.Put(Path, Device1, Shown(deviceClass, paired: false)));

        house.BlueZ.On("Pair", call =>
        {
            house.BlueZ.Bond(call.Request.PathAsString!);
            house.BlueZ.Change(Path, Device1, "ServicesResolved", VariantValue.Bool(true));
        });
        await house.Service.PairAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);

        Assert.True(Find(house) is { IsSpeaker: true, Paired: true });
        Assert.Null(Find(stranger));
    }

    [Fact]
    public async Task C1_C2_a_pairing_ends_when_its_services_are_read()
    {
        await using var house = await BlueZHarness.StartAsync(time: new FakeTimeProvider(DateTimeOffset.UtcNow), prepare: b => b.Put(Path, Device1, Shown(0x240414, paired: false)));
        house.BlueZ.On("Pair", _ => house.BlueZ.Bond(Path));
        var pairing = house.Service.PairAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);
        await house.UntilAsync("it is paired", _ => Find(house)!.Paired);
        Assert.False(pairing.IsCompleted);

        house.BlueZ.Change(Path, Device1, "UUIDs", VariantValue.Array(new[] { s_vendor[0], FakeBlueZ.Sink }));

        await pairing;
        Assert.True(Find(house) is { OffersSink: true, IsSpeaker: true });
    }

    [Fact]
    public async Task C2_a_speaker_that_is_paired_and_whose_services_are_not_read_connects_its_sink()
    {
        await using var house = await BlueZHouse.StartAsync(prepare: b => b.Put(FakeBlueZ.DevicePath, Device1, new(FakeBlueZ.Speaker())
        {
            ["UUIDs"] = VariantValue.Array(s_vendor), ["Class"] = VariantValue.UInt32(0x240414),
        }));
        var profiles = new List<string>();
        house.BlueZ.On("ConnectProfile", call =>
        {
            profiles.Add(call.Request.GetBodyReader().ReadString());
            _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration);
        });

        var answer = await house.AskAsync("speaker/kitchen/connected", "ON");

        Assert.Equal((CommandResult.Done, FakeBlueZ.Sink), (answer.Result, Assert.Single(profiles)));
        Assert.True(house.Speaker.Connected);
    }

    [Fact]
    public async Task A_device_that_was_met_by_a_private_address_is_called_by_BlueZs_own_path()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.Put(PrivatePath, Device1, FakeBlueZ.Speaker(paired: false, address: Address, alias: "Bath")));
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration, device: call.Request.PathAsString!));
        house.BlueZ.On("Disconnect", call =>
        {
            _ = house.BlueZ.ClearAsync(BlueZHarness.Source1, PrivatePath + "/fd0");
            house.BlueZ.Remove(PrivatePath + "/fd0", "org.bluez.MediaTransport1");
        });
        var questions = new List<PairingQuestion>();
        house.Service.Asked += questions.Add;

        var asked = house.BlueZ.AskAsync("RequestAuthorization", "o", static (ref MessageWriter w) => w.WriteObjectPath(PrivatePath));
        await Eventually.TrueAsync("it to be asked about", () => questions.Count == 1);
        Assert.Equal((Address, $"{Address} wants to pair. Allow it?"), (questions[0].Device, questions[0].Text));
        house.Service.Answer(questions[0].Id, true);
        await asked;
        await house.Service.PairAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);
        await house.Service.ConnectAsync(FakeBlueZ.Adapter, Address, RadioRole.Sink, CancellationToken.None);
        Assert.Equal(RadioLink.Connected, Find(house)!.Link);
        Assert.NotNull(house.Service.Streams.TransportOf(FakeBlueZ.Adapter, Address));
        await house.Service.DisconnectAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);
        await house.Service.ForgetAsync(FakeBlueZ.Adapter, Address, CancellationToken.None);

        Assert.Null(Find(house));
        Assert.Contains($"Pair {PrivatePath}", house.BlueZ.PathCalls);
        Assert.Contains($"ConnectProfile {PrivatePath}", house.BlueZ.PathCalls);
        Assert.Contains($"Disconnect {PrivatePath}", house.BlueZ.PathCalls);
        Assert.DoesNotContain(house.BlueZ.PathCalls, c => c.EndsWith(Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_BlueZ_has_two_objects_of_one_device_the_paired_one_is_called()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b =>
        {
            b.Put(Path, Device1, FakeBlueZ.Speaker(paired: false, address: Address, alias: "Bath"));
            b.Put(PrivatePath, Device1, FakeBlueZ.Speaker(address: Address, alias: "Bath"));
        });
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync(BlueZHarness.Source1, BlueZHarness.Configuration, device: call.Request.PathAsString!));

        Assert.True(Find(house) is { Paired: true });
        await house.Service.ConnectAsync(FakeBlueZ.Adapter, Address, RadioRole.Sink, CancellationToken.None);

        Assert.Equal($"ConnectProfile {PrivatePath}", Assert.Single(house.BlueZ.PathCalls, c => c.StartsWith("ConnectProfile", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task C3_of_two_adapters_with_one_address_the_one_that_knows_the_speaker_is_used_and_both_are_named_with_the_remedy()
    {
        const string Second = "/org/bluez/hci1";
        const string Speaker = Second + "/dev_00_AA_01_01_00_07";
        await using var house = await BlueZHarness.StartAsync(prepare: b =>
        {
            b.Put(Second, "org.bluez.Adapter1", FakeBlueZ.Radio(FakeBlueZ.Adapter));
            b.Put(Second, "org.bluez.Media1", []);
            b.Put(FakeBlueZ.DevicePath, Device1, FakeBlueZ.Speaker(paired: false));
            b.Put(Second + "/dev_00_AA_01_01_00_01", Device1, FakeBlueZ.Speaker(paired: false, adapter: Second));
            b.Put(Speaker, Device1, FakeBlueZ.Speaker(adapter: Second, address: Address, alias: "Bath"));
        });
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync("/org/tutti/hci1/source1", BlueZHarness.Configuration, device: call.Request.PathAsString!));
        await Eventually.TrueAsync("our endpoints", () => house.BlueZ.Endpoints.Contains("/org/tutti/hci1/source1"));

        await house.Service.ConnectAsync(FakeBlueZ.Adapter, Address, RadioRole.Sink, CancellationToken.None);

        var adapter = Assert.Single(house.Service.Current.Adapters);
        Assert.Equal(
            "The adapters hci0 and hci1 have the same address 00:AA:01:00:00:00 (cheap dongles of one make do), so nobody can tell them apart and only hci1 is used: "
            + "unplug the other, give it another address, or name the one to use in bluetooth.adapters (name: hci1).", adapter.Advice);
        Assert.Equal("hci1", adapter.Name);
        Assert.Contains($"ConnectProfile {Speaker}", house.BlueZ.PathCalls);
        Assert.DoesNotContain(house.BlueZ.PathCalls, c => c.StartsWith("RegisterEndpoint /org/bluez/hci0", StringComparison.Ordinal));
        Assert.Equal(house.Service.Current.Devices.Count, house.Service.Current.Devices.Select(d => d.Address).Distinct().Count());

        // Its twin is pulled out: nothing of ours goes with it.
        house.BlueZ.Remove(FakeBlueZ.DevicePath, Device1);
        house.BlueZ.Remove(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "org.bluez.Media1");
        await house.UntilAsync("there is nothing to say any more", s => s.Adapters is [{ Name: "hci1", Advice: null }]);
        Assert.Equal(RadioLink.Connected, Find(house)!.Link);
    }

    [Fact]
    public async Task C3_naming_one_of_the_two_settles_it()
    {
        await using var house = await BlueZHarness.StartAsync(
            o => o with { Adapters = [new() { Name = "hci0" }] }, prepare: b => b.Put("/org/bluez/hci1", "org.bluez.Adapter1", FakeBlueZ.Radio(FakeBlueZ.Adapter)));

        Assert.True(house.Service.Current.Adapters is [{ Name: "hci0", Advice: null }]);
    }

    private static Task<BlueZHarness> StartAsync(uint deviceClass, bool paired) => BlueZHarness.StartAsync(prepare: b => b.Put(Path, Device1, Shown(deviceClass, paired)));

    private static Dictionary<string, VariantValue> Shown(uint deviceClass, bool paired) => new(FakeBlueZ.Speaker(paired, address: Address, alias: "Bath"))
    {
        ["UUIDs"] = VariantValue.Array(s_vendor), ["Class"] = VariantValue.UInt32(deviceClass),
    };

    private static RadioDevice? Find(BlueZHarness house) => house.Service.Current.Devices.SingleOrDefault(d => d.Address == Address);
}
