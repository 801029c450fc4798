using Gateway.Bluetooth;
using Gateway.Bluetooth.BlueZ;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Bluetooth;

/// <summary>What is refused before BlueZ is asked, and what follows its answers.</summary>
public sealed class LinkCommandsTests
{
    [Fact]
    public async Task Without_a_bluetoothd_the_refusal_says_why()
    {
        using var house = new RadioHouse();
        house.Shared.Views.Publish(house.Shared.Nothing("The Bluetooth service (bluetoothd) is not running."));

        await RefusedAsync(house, PortError.PartMissing, "The Bluetooth service (bluetoothd) is not running.");
    }

    [Fact]
    public async Task An_adapter_that_is_not_there_is_named()
    {
        using var house = new RadioHouse().Show(RadioHouse.Speaker, RadioHouse.Radio with { Address = BluetoothAddress.Parse("00:AA:02:00:00:00") });

        await RefusedAsync(house, PortError.UnknownDevice, "There is no Bluetooth adapter 00:AA:01:00:00:00 here.");
    }

    public static TheoryData<string> Refusals => ["unknown", "not paired", "switched off", "other way round"];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task What_cannot_be_connected_is_refused_in_words(string why)
    {
        using var house = new RadioHouse();
        var (device, adapter, error, text) = why switch
        {
            "unknown" => ((RadioDevice?)null, RadioHouse.Radio, PortError.UnknownDevice, "hci0 does not know 00:AA:01:01:00:01."),
            "not paired" => (RadioHouse.Speaker with { Paired = false }, RadioHouse.Radio, PortError.NotPaired, "Kitchen is not paired on hci0."),
            "switched off" => (RadioHouse.Speaker, RadioHouse.Radio with { Powered = false }, PortError.NotPowered, "The adapter hci0 is switched off."),
            _ => (RadioHouse.Speaker with { Link = RadioLink.Connected, LinkedAs = RadioRole.Source }, RadioHouse.Radio, PortError.Other, "Kitchen is connected and plays to us, so we cannot play to it."),
        };

        await RefusedAsync(house.Show(device, adapter), error, text);
        Assert.False(house.Shared.Facts.AnyConnecting);
    }

    [Fact]
    public async Task One_that_is_connected_in_the_role_is_left_alone()
    {
        using var house = new RadioHouse().Show(RadioHouse.Speaker with { Link = RadioLink.Connected, LinkedAs = RadioRole.Sink });

        await Commands(house).ConnectAsync(RadioHouse.Adapter, RadioHouse.Device, RadioRole.Sink, CancellationToken.None);
    }

    [Theory]
    [InlineData(null, false, nameof(AfterConnect.Wait))]
    [InlineData(nameof(CallReason.InProgress), false, nameof(AfterConnect.Wait))]
    [InlineData(nameof(CallReason.InProgress), true, nameof(AfterConnect.WaitBriefly))]
    [InlineData(nameof(CallReason.Busy), true, nameof(AfterConnect.WaitBriefly))]
    [InlineData(nameof(CallReason.Busy), false, nameof(AfterConnect.Fail))]
    [InlineData(nameof(CallReason.AlreadyConnected), false, nameof(AfterConnect.WaitOrEnd))]
    [InlineData(nameof(CallReason.AlreadyConnected), true, nameof(AfterConnect.WaitOrEnd))]
    [InlineData(nameof(CallReason.Other), true, nameof(AfterConnect.Fail))]
    [InlineData(nameof(CallReason.NotConnected), false, nameof(AfterConnect.Fail))]
    public void Each_answer_to_a_connect_has_its_next_step(string? no, bool offersBothRoles, string step)
    {
        var answer = no is { } reason ? new CallOutcome(CallEnd.Refused, Enum.Parse<CallReason>(reason), new PortException(PortError.Other, "It did not work.")) : CallOutcome.Done;

        Assert.Equal(step, LinkMaker.After(answer, offersBothRoles).ToString());
    }

    [Theory]
    [InlineData(1, 2, null)]
    [InlineData(2, 2, "hci0 carries 2 stream(s) already, which is all it may, so Kitchen finds no room.")]
    [InlineData(3, null, "hci0 carries 3 stream(s) already, which is all it may, so Kitchen finds no room.")] // T4: the usual limit
    public void An_adapter_takes_as_many_streams_as_it_may(int carried, int? stated, string? refusal)
    {
        using var house = new RadioHouse(new BluetoothOptions { Audio = BluetoothAudio.Own, Adapters = [new ConfiguredAdapter { Name = "hci0", MaxStreams = stated }] });
        var room = new AdapterRoom(house.Options, house.Shared);
        Carry(house, carried);

        var no = Record.Exception(() => room.Require(RadioHouse.Radio, "Kitchen"));

        Assert.Equal(refusal, no?.Message);
    }

    [Fact]
    public void What_the_radio_refused_is_learned_as_its_limit_unless_it_carried_nothing()
    {
        using var house = new RadioHouse();
        var room = new AdapterRoom(house.Options, house.Shared);

        room.Learn(RadioHouse.Radio); // it carries nothing, so the number is not why
        room.Require(RadioHouse.Radio, "Kitchen");
        Carry(house, 1);
        room.Learn(RadioHouse.Radio);

        var no = Assert.Throws<PortException>(() => room.Require(RadioHouse.Radio, "Kitchen"));
        Assert.Equal((PortError.NoCapacity, "hci0 carries 1 stream(s) already and could carry no more (learned on 2026-01-01), so Kitchen finds no room."), (no.Error, no.Message));
    }

    [Fact]
    public async Task A_call_that_is_given_up_is_taken_back_and_any_other_is_not()
    {
        var takenBack = 0;
        Task TakeBack() => Task.FromResult(takenBack++);

        Assert.True((await Task.FromResult(CallOutcome.Done).OrTakeBackAsync(TakeBack)).IsDone);
        Assert.Equal(0, takenBack);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.FromCanceled<CallOutcome>(new CancellationToken(true)).OrTakeBackAsync(TakeBack));
        Assert.Equal(1, takenBack);
    }

    private static void Carry(RadioHouse house, int streams)
    {
        var configuration = Gateway.Bluetooth.A2dp.SbcConfiguration.Choose(Gateway.Bluetooth.A2dp.SbcConfiguration.AllCapabilities)!;
        for (var i = 0; i < streams; i++) house.Shared.Streams.TryAdd(new OwnStream($"/fd{i}", $"{RadioHouse.AdapterPath}/dev_{i}", Receives: false, configuration));
    }

    private static LinkCommands Commands(RadioHouse house) =>
        new(house.Targets, house.Shared, new LinkMaker(house.Options, house.Shared, new AdapterRoom(house.Options, house.Shared), NullLogger.Instance));

    private static async Task RefusedAsync(RadioHouse house, PortError error, string text)
    {
        var no = await Assert.ThrowsAsync<PortException>(() => Commands(house).ConnectAsync(RadioHouse.Adapter, RadioHouse.Device, RadioRole.Sink, CancellationToken.None));
        Assert.Equal((error, text), (no.Error, no.Message));
    }
}
