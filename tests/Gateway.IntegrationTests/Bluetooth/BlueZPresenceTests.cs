using Gateway.Bluetooth.BlueZ;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>What is there, and what becomes of it when it goes: adapters, devices, strangers, garbage.</summary>
public sealed class BlueZPresenceTests
{
    private const string OtherPath = "/org/bluez/hci1";
    private static BluetoothAddress OtherAdapter { get; } = BluetoothAddress.Parse("00:AA:01:99:00:00");
    private const string Stranger = FakeBlueZ.AdapterPath + "/dev_00_AA_01_77_00_01";

    [Fact]
    public async Task The_last_signal_strength_stands_for_five_minutes_after_BlueZ_has_forgotten_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await BlueZHarness.StartAsync(time: time);
        var heardAt = time.GetUtcNow();
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "RSSI", VariantValue.Int16(-61));
        await house.UntilAsync("it is shown", s => s.Devices is [{ RssiDbm: -61 }]);

        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String("Bath"), "RSSI");
        await house.UntilAsync("the search is over", s => s.Devices is [{ Name: "Bath" }]);
        Assert.Equal((-61, heardAt), (house.Device.RssiDbm, house.Device.RssiAt));

        time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await house.UntilAsync("something else is shown", s => s.Adapters[0].Discovering);
        Assert.Equal(-61, house.Device.RssiDbm);

        time.Advance(TimeSpan.FromSeconds(6));
        await house.UntilAsync("it has expired", s => s.Devices is [{ RssiDbm: null, RssiAt: null }]);
    }

    [Fact]
    public async Task A_connected_speaker_has_no_signal_strength()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "RSSI", VariantValue.Int16(-61));
        await house.UntilAsync("it is shown", s => s.Devices is [{ RssiDbm: -61 }]);
        house.ConnectsWell();

        await house.ConnectAsync();

        Assert.Null(house.Device.RssiDbm);
        Assert.Null(house.Device.RssiAt);
    }

    [Fact]
    public async Task Strangers_of_a_search_leave_nothing_behind()
    {
        await using var house = await BlueZHarness.StartAsync();
        for (var i = 0; i < 300; i++)
        {
            var path = $"{Stranger}_{i}";
            house.BlueZ.Add(path, "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: $"00:AA:02:00:{i / 256:X2}:{i % 256:X2}", alias: $"Stranger {i}"));
            house.BlueZ.Change(path, "org.bluez.Device1", "RSSI", VariantValue.Int16(-80));
        }

        await house.UntilAsync("all are seen", s => s.Devices.Count == 301);
        for (var i = 0; i < 300; i++) house.BlueZ.Remove($"{Stranger}_{i}", "org.bluez.Device1");
        await house.UntilAsync("all have left", s => s.Devices.Count == 1);

        Assert.Equal(1, house.Service.Shared.Facts.Count);
    }

    [Theory]
    [InlineData("", "00:AA:01:01:00:01")]
    [InlineData("\n\t \u0007", "00:AA:01:01:00:01")]
    [InlineData("Kit\0chen\u001b[31m", "Kitchen[31m")]
    [InlineData("\uFFFD\uFFFDJBL", "JBL")]
    public async Task Names_are_made_readable(string alias, string shown)
    {
        // D-Bus itself carries no NUL.
        await using var house = await BlueZHarness.StartAsync();

        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String(alias.Replace("\0", "\u0001", StringComparison.Ordinal)));

        await house.UntilAsync("the name is shown", s => s.Devices is [{ Name: var name }] && name == shown);
    }

    [Fact]
    public async Task A_name_of_a_megabyte_and_properties_of_every_wrong_type_do_no_harm()
    {
        await using var house = await BlueZHarness.StartAsync();
        string[] properties = ["Address", "Adapter", "Paired", "Trusted", "Connected", "UUIDs", "Class", "RSSI", "Modalias", "Icon"];
        VariantValue[] wrong = [VariantValue.Double(double.NaN), VariantValue.Array(new[] { 1, 2 }), VariantValue.Struct(VariantValue.Byte(1), VariantValue.String("x")), VariantValue.Int64(long.MinValue)];
        foreach (var property in properties)
        {
            foreach (var value in wrong) house.BlueZ.Change(Stranger, "org.bluez.Device1", property, value);
        }

        house.BlueZ.Add(Stranger, "org.bluez.Device1", properties.ToDictionary(p => p, _ => wrong[0]));
        foreach (var value in wrong) house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Class", value);
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String(new string('x', 1_000_000)));

        await house.UntilAsync("the name is cut", s => s.Devices is [{ Name.Length: 80 }]);
        Assert.Null(house.Service.Current.Problem);
    }

    [Fact]
    public async Task A_flood_of_signals_ends_in_the_right_picture()
    {
        await using var house = await BlueZHarness.StartAsync();

        for (var i = 0; i < 40_000; i++) house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Alias", VariantValue.String($"Name {i}"));

        await house.UntilAsync("the last name is shown", s => s.Devices is [{ Name: "Name 39999" }], 40);
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "RegisterAgent"));
    }

    [Theory]
    [InlineData("usb:v1D6Bp0246d0542", "5.66", true)]
    [InlineData("usb:v1d6bp0246d0555", "5.85", false)]
    public async Task BlueZ_tells_its_version_by_the_adapter_and_the_known_faults_are_shown(string modalias, string version, bool faulty)
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["Modalias"] = VariantValue.String(modalias) }));

        await house.UntilAsync("the version is known", s => s.Service is not null);

        Assert.Equal(version, house.Service.Current.Service!.Version);
        Assert.Equal(faulty, house.Service.Current.Service.Faults.Any(f => f.Contains("Unable to select SEP", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_adapter_that_comes_back_under_another_name_is_the_same_adapter()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Adapters = [new ConfiguredAdapter { Address = FakeBlueZ.Adapter, MaxStreams = 2 }] });
        house.ConnectsWell();
        await house.ConnectAsync();
        using var output = house.OpenOutput();

        house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1");
        house.BlueZ.Remove(FakeBlueZ.DevicePath, "org.bluez.Device1");
        house.BlueZ.Remove(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "org.bluez.Media1");
        await house.UntilAsync("it is gone", s => s.Problem is not null);
        await Eventually.TrueAsync("the output to close", () => !output.IsOpen);

        const string Device = OtherPath + "/dev_00_AA_01_01_00_01";
        house.BlueZ.Add(OtherPath, "org.bluez.Adapter1", FakeBlueZ.Radio(FakeBlueZ.Adapter));
        house.BlueZ.Add(OtherPath, "org.bluez.Media1", []);
        house.BlueZ.Add(Device, "org.bluez.Device1", FakeBlueZ.Speaker(adapter: OtherPath));
        await house.UntilAsync("it is back", s => s is { Problem: null, Adapters: [{ Name: "hci1" } adapter], Devices.Count: 1 } && adapter.Address == FakeBlueZ.Adapter);
        await Eventually.TrueAsync("its endpoints to be registered", () => house.BlueZ.Endpoints.Contains("/org/tutti/hci1/source2"));
        house.BlueZ.On("ConnectProfile", call => _ = house.BlueZ.ConfigureAsync("/org/tutti/hci1/source1", BlueZHarness.Configuration, device: Device));

        await house.ConnectAsync();

        Assert.Equal(RadioLink.Connected, house.Device.Link);
    }

    [Fact]
    public async Task Another_adapter_that_takes_the_name_at_once_is_given_endpoints_of_its_own()
    {
        await using var house = await BlueZHarness.StartAsync();
        await Eventually.TrueAsync("the endpoints to be registered", () => house.BlueZ.Endpoints.Count == 5);

        // In one breath, so that both signals may be taken in together.
        house.BlueZ.Remove(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "org.bluez.Media1");
        house.BlueZ.Put(FakeBlueZ.AdapterPath, "org.bluez.Media1", []);
        house.BlueZ.Add(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", FakeBlueZ.Radio(OtherAdapter));
        house.BlueZ.Add(FakeBlueZ.AdapterPath, "org.bluez.Media1", []);

        await house.UntilAsync("the other one is there", s => s.Adapters is [var adapter] && adapter.Address == OtherAdapter);
        await Eventually.TrueAsync("it to get endpoints", () => house.BlueZ.Endpoints.Count == 10);
    }

    [Fact]
    public async Task Endpoints_that_are_refused_at_the_start_are_registered_later_and_the_others_at_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var ready = false;
        await using var house = await BlueZHarness.StartAsync(time: time, prepare: b => b.On("RegisterEndpoint", context =>
        {
            var path = context.Request.GetBodyReader().ReadObjectPathAsString();
            if (!Volatile.Read(ref ready) && path.EndsWith("source1", StringComparison.Ordinal)) context.ReplyError("org.bluez.Error.Failed", "A2DP is not ready");
        }));
        Assert.Equal(5, house.BlueZ.Endpoints.Distinct().Count());

        Volatile.Write(ref ready, true);

        await Eventually.TrueAsync("the first to be asked for again, and it alone", () =>
        {
            time.Advance(TimeSpan.FromSeconds(6)); // the wait may not have begun yet
            return house.BlueZ.Endpoints.Count == 6 && house.BlueZ.Endpoints.Last() == BlueZHarness.Source1;
        });
    }

    [Fact]
    public async Task The_radio_of_a_Raspberry_Pi_gets_one_sending_endpoint_unless_the_configuration_says_more()
    {
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.Put(OtherPath, "org.bluez.Adapter1", FakeBlueZ.Radio("DC:A6:32:00:00:01")));
        house.BlueZ.Add(OtherPath, "org.bluez.Media1", []);

        await Eventually.TrueAsync("its endpoints to be registered", () => house.BlueZ.Endpoints.Contains("/org/tutti/hci1/sink2"));

        Assert.Equal(1, house.BlueZ.Endpoints.Count(e => e.StartsWith("/org/tutti/hci1/source", StringComparison.Ordinal)));
        Assert.Equal(3, house.BlueZ.Endpoints.Count(e => e.StartsWith("/org/tutti/hci0/source", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_carries_the_sound_is_decided_when_the_first_adapter_comes()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Audio = Configuration.BluetoothAudio.Auto, Adapters = [new ConfiguredAdapter { Address = FakeBlueZ.Adapter }] }, prepare: b =>
            b.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", new(FakeBlueZ.Radio(FakeBlueZ.Adapter)) { ["UUIDs"] = VariantValue.Array(new[] { BlueZNames.AudioSource }) }));

        Assert.False(house.Service.Current.OwnsAudio);
        Assert.Equal("a sound server (PulseAudio or PipeWire) on this machine has taken Bluetooth audio", house.Service.Current.AudioReason);
        Assert.Empty(house.BlueZ.Endpoints);
        var refusal = Assert.Throws<PortException>(() => house.Port().OpenOutput(FakeBlueZ.Adapter, FakeBlueZ.Device));
        Assert.Contains("has taken Bluetooth audio", refusal.Message, StringComparison.Ordinal);
        Assert.False(house.Port().Takes(new SourceRef(SourceKind.Echo, "dot"))); // the server's sources do
    }

    [Fact]
    public async Task An_entry_with_an_address_allows_that_adapter_under_any_name_and_no_other_under_its_own()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Adapters = [new ConfiguredAdapter { Name = "hci1", Address = FakeBlueZ.Adapter }] }, prepare: b =>
            b.Put(OtherPath, "org.bluez.Adapter1", FakeBlueZ.Radio(OtherAdapter)));

        Assert.Equal(FakeBlueZ.Adapter, Assert.Single(house.Service.Current.Adapters).Address);
    }

    [Fact]
    public async Task Endpoints_that_BlueZ_refused_are_tried_again_also_while_a_search_tells_of_somebody_all_the_time()
    {
        var refuse = true;
        await using var house = await BlueZHarness.StartAsync(prepare: b => b.On("RegisterEndpoint", context =>
        {
            if (Volatile.Read(ref refuse)) context.ReplyError("org.bluez.Error.Failed", "");
        }));
        var first = house.BlueZ.Endpoints.Count;
        Volatile.Write(ref refuse, false);
        short rssi = -90;

        await Eventually.TrueAsync("they are tried again", () =>
        {
            house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "RSSI", VariantValue.Int16(rssi++));
            return house.BlueZ.Endpoints.Count == 2 * first;
        }, 20);
    }
}
