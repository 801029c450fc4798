using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>L4, L7: the role belongs to the link. An Echo offers both on every link, and exactly the wanted one stands.</summary>
public sealed class BlueZRoleTests
{
    public static TheoryData<string, RadioRole, RadioRole> Offers()
    {
        var offers = new TheoryData<string, RadioRole, RadioRole>();
        foreach (var version in (string[])["5.66", "5.72", "5.86", "5.87"])
        {
            foreach (var first in (RadioRole[])[RadioRole.Sink, RadioRole.Source])
            {
                offers.Add(version, first, RadioRole.Sink);
                offers.Add(version, first, RadioRole.Source);
            }
        }

        return offers;
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task From_our_side_an_echo_is_connected_in_the_role_that_is_asked_for_whatever_it_and_BlueZ_begin_with(string version, RadioRole first, RadioRole wanted)
    {
        await using var house = await StartAsync();
        var echo = new FakeEcho(house.BlueZ, version, first);

        await house.Service.ConnectAsync(FakeBlueZ.Adapter, FakeEcho.Address, wanted, CancellationToken.None);
        await echo.IdleAsync();

        Assert.Equal((RadioLink.Connected, wanted), (Echo(house).Link, Echo(house).LinkedAs));
        Assert.Equal([wanted], echo.Standing);
        Assert.Equal([wanted], Ours(house));
        Assert.DoesNotContain(echo.Asked, a => a.StartsWith("ConnectProfile", StringComparison.Ordinal) && a != Connect(wanted));
        // The wrong role of 5.72 costs one link that carried nothing.
        Assert.Equal(version == "5.72" ? 1 : 0, echo.Asked.Count(a => a == "Disconnect"));
        Assert.False(await echo.OpensAsync(Other(wanted)));
        Assert.Equal([wanted], Ours(house));
    }

    [Theory]
    [InlineData(RadioRole.Sink, RadioRole.Sink)]
    [InlineData(RadioRole.Sink, RadioRole.Source)]
    [InlineData(RadioRole.Source, RadioRole.Sink)]
    [InlineData(RadioRole.Source, RadioRole.Source)]
    public async Task An_echo_that_calls_by_itself_is_let_in_in_the_wanted_role_alone(RadioRole first, RadioRole wanted)
    {
        await using var house = await StartAsync();
        var echo = new FakeEcho(house.BlueZ, first: first);
        house.Service.SetRoles(new Dictionary<BluetoothAddress, RadioRole> { [FakeEcho.Address] = wanted });

        await echo.CallsAsync();

        await house.UntilAsync("it is linked", _ => Echo(house).LinkedAs == wanted);
        Assert.Equal([wanted], echo.Standing);
        Assert.False(await echo.OpensAsync(Other(wanted)));
        Assert.Equal([wanted], Ours(house));
        Assert.Empty(echo.Asked); // nothing was cut
    }

    [Fact]
    public async Task An_echo_that_nobody_has_given_a_role_plays_to_us()
    {
        await using var house = await StartAsync();
        var echo = new FakeEcho(house.BlueZ, first: RadioRole.Sink);

        await echo.CallsAsync();

        await house.UntilAsync("it plays to us", _ => Echo(house) is { LinkedAs: RadioRole.Source, Kind: RadioKind.Echo, IsSpeaker: false });
        Assert.Equal([RadioRole.Source], echo.Standing);
    }

    [Fact]
    public async Task Source_then_member_then_source_again_has_the_right_stream_alone_each_time_and_no_drop_but_those_that_are_asked_for()
    {
        await using var house = await StartAsync();
        var echo = new FakeEcho(house.BlueZ);

        await echo.CallsAsync();
        await house.UntilAsync("it is the source", _ => Echo(house).LinkedAs == RadioRole.Source);

        // The plan changes while it is linked: nothing is cut before the plan's own step, and its second role is turned away still.
        Want(house, RadioRole.Sink);
        Assert.False(await echo.OpensAsync(RadioRole.Sink));
        var early = await Assert.ThrowsAsync<PortException>(() => ConnectAsync(house, RadioRole.Sink));
        Assert.Equal("Echo Dot-2U7 is connected and plays to us, so we cannot play to it.", early.Message);
        Assert.Equal([RadioRole.Source], echo.Standing);
        Assert.Empty(echo.Asked);

        await DisconnectAsync(house);
        Assert.Empty(Ours(house));
        await ConnectAsync(house, RadioRole.Sink);
        await echo.IdleAsync();
        Assert.False(await echo.OpensAsync(RadioRole.Source));
        Assert.Equal([RadioRole.Sink], Ours(house));
        Assert.Equal(RadioRole.Sink, Echo(house).LinkedAs);

        Want(house, RadioRole.Source);
        await DisconnectAsync(house);
        await ConnectAsync(house, RadioRole.Source);
        await echo.IdleAsync();
        Assert.False(await echo.OpensAsync(RadioRole.Sink));
        Assert.Equal([RadioRole.Source], Ours(house));
        Assert.Equal(RadioRole.Source, Echo(house).LinkedAs);

        await DisconnectAsync(house);
        Assert.Empty(Ours(house));
        Assert.True(house.Service.Shared.Streams.IsEmpty);
        Assert.Equal(["Disconnect", Connect(RadioRole.Sink), "Disconnect", Connect(RadioRole.Source), "Disconnect"], echo.Asked);
    }

    [Theory]
    [InlineData(RadioRole.Sink)]
    [InlineData(RadioRole.Source)]
    public async Task Where_a_sound_server_has_let_both_roles_in_the_one_that_is_not_wanted_is_closed(RadioRole wanted)
    {
        await using var house = await StartAsync(BluetoothAudio.Pulse);
        var echo = new FakeEcho(house.BlueZ, soundServer: true);
        Want(house, wanted);

        await echo.CallsAsync();

        await Eventually.TrueAsync("its other role to be closed", () => echo.Standing.SequenceEqual([wanted]));
        await house.UntilAsync("the wanted one counts", _ => Echo(house).LinkedAs == wanted);
        Assert.Equal($"DisconnectProfile {(wanted == RadioRole.Sink ? "110a" : "110b")}", Assert.Single(echo.Asked));
    }

    [Theory]
    [InlineData(RadioRole.Sink)]
    [InlineData(RadioRole.Source)]
    public async Task Under_a_sound_server_the_role_that_was_connected_stands_and_the_other_is_closed_each_time_that_it_comes(RadioRole wanted)
    {
        var radio = FakeBlueZ.Radio(FakeBlueZ.Adapter);
        radio["UUIDs"] = VariantValue.Array(new[] { FakeBlueZ.Source, FakeBlueZ.Sink }); // the server's
        await using var house = await StartAsync(BluetoothAudio.Pulse, b => b.Put(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", radio));
        var echo = new FakeEcho(house.BlueZ, first: Other(wanted), soundServer: true);

        await ConnectAsync(house, wanted);
        await Eventually.TrueAsync("its other role to be closed", () => echo.Standing.SequenceEqual([wanted]));
        await echo.OpensAsync(Other(wanted));
        await Eventually.TrueAsync("its other role to be closed again", () => echo.Asked.Count(a => a == $"DisconnectProfile {(wanted == RadioRole.Sink ? "110a" : "110b")}") == 2);

        await Eventually.TrueAsync("the right one to stand alone", () => echo.Standing.SequenceEqual([wanted]));
        await house.UntilAsync("the right one is shown", _ => Echo(house).LinkedAs == wanted);
        Assert.DoesNotContain("Disconnect", echo.Asked);
    }

    [Fact]
    public async Task A_phone_with_both_roles_and_no_class_that_pairs_in_pairing_mode_and_plays_is_a_source_and_never_a_speaker()
    {
        await using var house = await BlueZHarness.StartAsync();
        var shown = new List<RadioDevice>();
        house.Service.Changed += s => shown.AddRange(s.Devices.Where(d => d.Address == FakeEcho.Address));
        var phone = new FakeEcho(house.BlueZ, first: RadioRole.Sink);
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        // As it comes: an object, then a key, then its services, then its streams.
        var services = FakeEcho.Shown("Pixel", 0, "", paired: false);
        var both = services["UUIDs"];
        services["UUIDs"] = VariantValue.Array(Array.Empty<string>());
        house.BlueZ.Add(FakeEcho.Path, "org.bluez.Device1", services);
        house.BlueZ.Bond(FakeEcho.Path);
        house.BlueZ.Change(FakeEcho.Path, "org.bluez.Device1", "UUIDs", both);
        Assert.True(await phone.OpensAsync(RadioRole.Source));
        Assert.False(await phone.OpensAsync(RadioRole.Sink));

        await house.UntilAsync("it plays to us", s => s.Devices.Any(d => d.Address == FakeEcho.Address && d is { LinkedAs: RadioRole.Source, Kind: RadioKind.Phone, Paired: true }));
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        await DisconnectAsync(house);
        Assert.Equal(RadioKind.Phone, Echo(house).Kind); // it stays one
        Assert.DoesNotContain(shown, d => d.IsSpeaker);
        await house.Service.ForgetAsync(FakeBlueZ.Adapter, FakeEcho.Address, CancellationToken.None);
        Assert.False(house.Service.Shared.KnownSources.Contains(FakeEcho.Address));
    }

    [Fact]
    public async Task A_loudspeaker_that_only_receives_is_no_source_though_it_asks_to_be()
    {
        await using var house = await BlueZHarness.StartAsync();
        await Eventually.TrueAsync("our endpoints", () => house.BlueZ.Endpoints.Contains(BlueZHarness.Sink1));

        var refused = await Assert.ThrowsAsync<DBusErrorReplyException>(() => house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration));

        Assert.Equal(("org.bluez.Error.Rejected", RadioLink.Disconnected), (refused.ErrorName, house.Device.Link));
    }

    [Theory]
    [InlineData(FakeBlueZ.Sink, RadioRole.Source)]
    [InlineData(FakeBlueZ.Source, RadioRole.Sink)]
    public async Task BlueZs_question_for_one_of_our_ends_is_a_no_where_the_device_has_the_other_role(string uuid, RadioRole unwanted)
    {
        await using var house = await StartAsync();
        Want(house, Other(unwanted));

        await Assert.ThrowsAsync<DBusErrorReplyException>(() => AuthorizeAsync(house, uuid));
        Want(house, unwanted);
        await AuthorizeAsync(house, uuid);
    }

    private static Task AuthorizeAsync(BlueZHarness house, string uuid) => house.BlueZ.AskAsync("AuthorizeService", "os", (ref MessageWriter w) =>
    {
        w.WriteObjectPath(FakeEcho.Path);
        w.WriteString(uuid);
    });

    private static async Task<BlueZHarness> StartAsync(BluetoothAudio audio = BluetoothAudio.Own, Action<FakeBlueZ>? prepare = null)
    {
        var house = await BlueZHarness.StartAsync(o => o with { Audio = audio }, prepare: b =>
        {
            b.Put(FakeEcho.Path, "org.bluez.Device1", FakeEcho.Shown());
            prepare?.Invoke(b);
        });
        if (audio == BluetoothAudio.Own) await Eventually.TrueAsync("our endpoints", () => house.BlueZ.Endpoints.Contains(BlueZHarness.Sink1));
        return house;
    }

    private static RadioDevice Echo(BlueZHarness house) => house.Service.Current.Devices.Single(d => d.Address == FakeEcho.Address);

    /// <summary>The roles in which we hold a stream of it.</summary>
    private static IReadOnlyList<RadioRole> Ours(BlueZHarness house) =>
        [.. ((RadioRole[])[RadioRole.Sink, RadioRole.Source]).Where(r => house.Service.Shared.Streams.OfDevice(FakeEcho.Path, r == RadioRole.Source) is not null)];

    private static void Want(BlueZHarness house, RadioRole role) => house.Service.SetRoles(new Dictionary<BluetoothAddress, RadioRole> { [FakeEcho.Address] = role });

    private static Task ConnectAsync(BlueZHarness house, RadioRole role) => house.Service.ConnectAsync(FakeBlueZ.Adapter, FakeEcho.Address, role, CancellationToken.None);

    private static Task DisconnectAsync(BlueZHarness house) => house.Service.DisconnectAsync(FakeBlueZ.Adapter, FakeEcho.Address, CancellationToken.None);

    private static string Connect(RadioRole role) => role == RadioRole.Sink ? "ConnectProfile 110b" : "ConnectProfile 110a";

    private static RadioRole Other(RadioRole role) => role == RadioRole.Sink ? RadioRole.Source : RadioRole.Sink;
}
