using Gateway.Bluetooth.BlueZ;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Pairing from our side and from theirs, and who is let in.</summary>
public sealed class BlueZPairingTests
{
    private const string HumanInterface = "00001124-0000-1000-8000-00805f9b34fb";

    [Theory]
    [InlineData("AuthenticationFailed", PortError.PairingRejected, "Forget the device, put it into pairing mode and pair it again.")]
    [InlineData("AuthenticationRejected", PortError.PairingRejected, "Put the device into pairing mode and try again.")]
    [InlineData("AuthenticationCanceled", PortError.PairingRejected, "Try again.")]
    [InlineData("AuthenticationTimeout", PortError.TimedOut, "Put the device into pairing mode and try again.")]
    [InlineData("ConnectionAttemptFailed", PortError.NotReachable, "Switch it on and bring it nearer.")]
    public async Task A_refused_pairing_names_the_device_the_reason_and_the_remedy(string error, PortError kind, string remedy)
    {
        await using var house = await UnpairedAsync();
        house.BlueZ.Fail("Pair", $"org.bluez.Error.{error}", "");

        var refused = await Assert.ThrowsAsync<PortException>(() => PairAsync(house));

        Assert.Equal((kind, remedy), (refused.Error, refused.Remedy));
        Assert.StartsWith("Pairing with Kitchen did not work: ", refused.Message, StringComparison.Ordinal);
        Assert.False(house.Device.Paired);
    }

    [Fact]
    public async Task A_speaker_is_paired_and_trusted_and_one_that_is_paired_already_is_left_alone()
    {
        await using var house = await UnpairedAsync();
        var trusted = Trusted(house);

        await PairAsync(house);
        await PairAsync(house);

        Assert.True(house.Device.Paired);
        Assert.True(trusted());
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "Pair"));
    }

    [Fact]
    public async Task A_speaker_that_is_not_in_sight_is_searched_for_and_paired_when_it_shows_up()
    {
        await using var house = await BlueZHarness.StartAsync();
        const string Path = FakeBlueZ.AdapterPath + "/dev_00_AA_01_01_00_09";
        house.BlueZ.On("StartDiscovery", call => house.BlueZ.Add(Path, "org.bluez.Device1", FakeBlueZ.Speaker(paired: false, address: "00:AA:01:01:00:09", alias: "New")));

        await house.Service.PairAsync(FakeBlueZ.Adapter, BluetoothAddress.Parse("00:AA:01:01:00:09"), CancellationToken.None);

        Assert.True(house.Service.Current.Devices.Single(d => d.Name == "New").Paired);
        Assert.Contains("StopDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_speaker_that_never_shows_up_is_given_up_after_half_a_minute_and_the_search_with_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await BlueZHarness.StartAsync(time: time);
        var pairing = house.Service.PairAsync(FakeBlueZ.Adapter, BluetoothAddress.Parse("00:AA:01:01:00:09"), CancellationToken.None);
        await Eventually.TrueAsync("the search to begin", () => house.BlueZ.Calls.Contains("StartDiscovery"));
        await Eventually.TrueAsync("the search to be given up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return pairing.IsCompleted;
        });

        var error = await Assert.ThrowsAsync<PortException>(() => pairing);

        Assert.Equal(
            (PortError.NotReachable, "00:AA:01:01:00:09 was not found by hci0 within 30 s.", "Put it into pairing mode and bring it nearer."), (error.Error, error.Message, error.Remedy));
        Assert.Contains("StopDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_pairing_that_is_given_up_is_ended_at_BlueZ_too()
    {
        await using var house = await UnpairedAsync();
        var asked = new TaskCompletionSource();
        house.BlueZ.On("Pair", context =>
        {
            context.DisposesAsynchronously = true;
            asked.TrySetResult();
        });
        using var given = new CancellationTokenSource();
        var pairing = PairAsync(house, given.Token);
        await asked.Task.WaitAsync(Patience.Hang);

        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pairing);
        Assert.Contains($"CancelPairing {FakeBlueZ.DevicePath}", house.BlueZ.PathCalls);
    }

    [Fact]
    public async Task While_we_pair_with_a_speaker_its_questions_are_answered_and_the_old_ones_PIN_is_given()
    {
        await using var house = await UnpairedAsync();
        string? pin = null;
        house.BlueZ.On("Pair", context =>
        {
            context.DisposesAsynchronously = true;
            _ = AnswerAsync(context);
        });

        await PairAsync(house);

        Assert.Equal("0000", pin);
        async Task AnswerAsync(MethodContext context)
        {
            using (context)
            {
                pin = await house.BlueZ.PinAsync(FakeBlueZ.DevicePath);
                await AskAsync(house, "RequestAuthorization");
                house.BlueZ.Bond(FakeBlueZ.DevicePath);
                using var writer = context.CreateReplyWriter(null!);
                context.Reply(writer.CreateMessage());
            }
        }
    }

    [Fact]
    public async Task Nobody_else_is_given_a_PIN_and_nobody_at_all_a_keyboard()
    {
        await using var house = await BlueZHarness.StartAsync();

        var pin = await Assert.ThrowsAsync<DBusErrorReplyException>(() => house.BlueZ.PinAsync(FakeBlueZ.DevicePath));
        var keyboard = await Assert.ThrowsAsync<DBusErrorReplyException>(() => house.BlueZ.AskAsync("AuthorizeService", "os", static (ref MessageWriter w) =>
        {
            w.WriteObjectPath(FakeBlueZ.DevicePath);
            w.WriteString(HumanInterface);
        }));

        Assert.Equal(("org.bluez.Error.Rejected", "org.bluez.Error.Rejected"), (pin.ErrorName, keyboard.ErrorName));
    }

    [Fact]
    public async Task When_BlueZ_ends_pairing_mode_the_next_who_comes_is_a_question_again()
    {
        await using var house = await BlueZHarness.StartAsync();
        PairingQuestion? question = null;
        house.Service.Asked += q => question = q;
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await AskAsync(house, "RequestAuthorization");
        Assert.Null(question);

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable", VariantValue.Bool(false));
        await house.UntilAsync("pairing mode is over", s => !s.Adapters[0].Discoverable);

        var asking = AskAsync(house, "RequestAuthorization");
        await Eventually.TrueAsync("somebody to be asked", () => question is not null);
        Assert.True(house.Service.Answer(question!.Id, false));
        await Assert.ThrowsAsync<DBusErrorReplyException>(() => asking);
    }

    [Fact]
    public async Task Pairing_mode_ends_by_our_own_clock_where_BlueZ_never_says_so_and_a_question_without_an_answer_is_a_no()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await BlueZHarness.StartAsync(time: time);
        PairingQuestion? question = null;
        house.Service.Asked += q => question = q;
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        time.Advance(PairingPolicy.PairingModeTime);
        var asking = AskAsync(house, "RequestAuthorization");
        await Eventually.TrueAsync("somebody to be asked", () => question is not null);
        await Eventually.TrueAsync("the question to be given up", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return asking.IsCompleted;
        });

        Assert.Equal("org.bluez.Error.Rejected", (await Assert.ThrowsAsync<DBusErrorReplyException>(() => asking)).ErrorName);
        Assert.False(house.Service.Answer(question!.Id, true));
        Assert.Empty(house.Service.Open);
    }

    [Fact]
    public async Task A_pairing_mode_that_BlueZ_refuses_leaves_no_door_open()
    {
        await using var house = await BlueZHarness.StartAsync();
        PairingQuestion? question = null;
        house.Service.Asked += q => question = q;
        house.BlueZ.Fail("Set", "org.bluez.Error.Failed", "");
        await Assert.ThrowsAsync<PortException>(() => house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None));

        var asking = AskAsync(house, "RequestAuthorization");
        await Eventually.TrueAsync("somebody to be asked", () => question is not null);

        house.Service.Answer(question!.Id, false);
        await Assert.ThrowsAsync<DBusErrorReplyException>(() => asking);
    }

    private static Task PairAsync(BlueZHarness house, CancellationToken cancellationToken = default) =>
        house.Service.PairAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, cancellationToken);

    private static Task AskAsync(BlueZHarness house, string member) =>
        house.BlueZ.AskAsync(member, "o", static (ref MessageWriter w) => w.WriteObjectPath(FakeBlueZ.DevicePath));

    private static Task<BlueZHarness> UnpairedAsync() =>
        BlueZHarness.StartAsync(prepare: b => b.Put(FakeBlueZ.DevicePath, "org.bluez.Device1", Unpaired(paired: false)));

    private static Dictionary<string, VariantValue> Unpaired(bool paired) => new(FakeBlueZ.Speaker(paired)) { ["Trusted"] = VariantValue.Bool(false) };

    private static Func<bool> Trusted(BlueZHarness house) => () => house.BlueZ.Value(FakeBlueZ.DevicePath, "org.bluez.Device1", "Trusted") is { } value && value.GetBool();
}
