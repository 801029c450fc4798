using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tmds.DBus.Protocol;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Who is let in, who is trusted, and when the adapters are pairable.</summary>
public sealed class BlueZPairingPolicyTests
{
    [Fact]
    public async Task What_was_paired_before_the_start_is_trusted_and_asks_nobody()
    {
        await using var house = await StartAsync(paired: true);
        var questions = Questions(house);

        await Eventually.TrueAsync("it to be trusted", Trusted(house));

        await AuthorizeAsync(house);
        Assert.Empty(questions);
    }

    [Fact]
    public async Task The_adapter_is_pairable_in_pairing_mode_and_at_no_other_time()
    {
        await using var house = await StartAsync(paired: false);
        await ClosedAsync(house);

        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        Assert.True(Pairable(house));
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, false, CancellationToken.None);

        await ClosedAsync(house);
    }

    [Fact]
    public async Task Our_own_pairing_opens_the_adapter_for_just_its_time_as_the_key_would_not_last_else()
    {
        await using var house = await StartAsync(paired: false);
        await ClosedAsync(house);
        var open = false;
        house.BlueZ.On("Pair", _ =>
        {
            open = Pairable(house);
            house.BlueZ.Bond(FakeBlueZ.DevicePath);
        });

        await house.Service.PairAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, CancellationToken.None);

        Assert.True(open);
        Assert.True(house.Device.Paired);
        await ClosedAsync(house);
    }

    [Fact]
    public async Task A_pairing_that_fails_closes_the_adapter_too()
    {
        await using var house = await StartAsync(paired: false);
        house.BlueZ.Fail("Pair", "org.bluez.Error.AuthenticationFailed", "");

        await Assert.ThrowsAsync<PortException>(() => house.Service.PairAsync(FakeBlueZ.Adapter, FakeBlueZ.Device, CancellationToken.None));

        await ClosedAsync(house);
    }

    [Fact]
    public async Task An_adapter_that_another_program_opens_is_closed_again()
    {
        await using var house = await StartAsync(paired: false);
        await ClosedAsync(house);

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Pairable", VariantValue.Bool(true));

        await ClosedAsync(house);
    }

    [Fact]
    public async Task Who_pairs_in_pairing_mode_is_trusted_without_a_question()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        house.BlueZ.Bond(FakeBlueZ.DevicePath);

        await Eventually.TrueAsync("it to be trusted", Trusted(house));
        Assert.Empty(questions);
    }

    [Fact]
    public async Task Who_pairs_unawaited_is_asked_about_and_trusted_after_a_yes()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);

        SlipIn(house);
        await Eventually.TrueAsync("somebody to be asked", () => questions.Count == 1);
        Assert.False(Trusted(house)());
        Assert.Equal("Kitchen has paired outside of pairing mode, by itself or by another program. Allow it?", questions[0].Text);
        Assert.True(house.Service.Answer(questions[0].Id, true));

        await Eventually.TrueAsync("it to be trusted", Trusted(house));
        await AuthorizeAsync(house);
        Assert.Single(questions);
    }

    [Fact]
    public async Task Who_pairs_unawaited_and_is_not_wanted_is_forgotten_and_what_it_wanted_to_play_is_refused()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);
        SlipIn(house);
        await Eventually.TrueAsync("somebody to be asked", () => questions.Count == 1);
        var playing = AuthorizeAsync(house);

        Assert.True(house.Service.Answer(questions[0].Id, false));

        await Assert.ThrowsAsync<DBusErrorReplyException>(() => playing);
        await house.UntilAsync("it is forgotten", s => s.Devices.Count == 0);
        Assert.Single(questions);
    }

    [Theory]
    [MemberData(nameof(WallSteps.All), MemberType = typeof(WallSteps))]
    public async Task An_adapter_that_another_program_opens_is_closed_whatever_the_wall_says(string step)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var wall = new SteppedTime(time);
        await using var house = await StartAsync(paired: false, wall);
        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Pairable", VariantValue.Bool(true));
        await ClosedAsync(house);
        wall.Set(WallSteps.Of(step, wall.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(5));

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Pairable", VariantValue.Bool(true));

        await ClosedAsync(house);
    }

    [Fact]
    public async Task Who_pairs_unawaited_is_forgotten_where_nobody_answers()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var house = await StartAsync(paired: false, time);
        var questions = Questions(house);
        SlipIn(house);
        await Eventually.TrueAsync("somebody to be asked", () => questions.Count == 1);

        await Eventually.TrueAsync("it to be forgotten", () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return house.Service.Current.Devices.Count == 0;
        });

        Assert.Contains("RemoveDevice", house.BlueZ.Calls);
    }

    [Fact]
    public async Task Who_is_still_asked_about_when_bluetoothd_goes_is_no_old_friend_when_it_is_back()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);
        SlipIn(house);
        await Eventually.TrueAsync("somebody to be asked", () => questions.Count == 1);

        await house.BlueZ.DisposeAsync();
        await house.UntilAsync("bluetoothd is gone", s => s.Problem is not null);
        house.BlueZ = await FakeBlueZ.StartAsync(house.Bus.Address, b => b.Put(FakeBlueZ.DevicePath, "org.bluez.Device1", Untrusted(paired: true)));

        await Eventually.TrueAsync("it to be asked about again", () => questions.Count == 2);
        Assert.False(Trusted(house)());
    }

    [Fact]
    public async Task A_device_without_a_lasting_key_is_not_shown_as_paired_and_asks_before_it_plays()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);
        await ClosedAsync(house);
        house.BlueZ.Bond(FakeBlueZ.DevicePath);

        var playing = AuthorizeAsync(house);
        await Eventually.TrueAsync("somebody to be asked", () => questions.Count == 1);
        Assert.False(house.Device.Paired);
        Assert.Equal("00:AA:01:01:00:01 wants to play. Allow it?", questions[0].Text);
        Assert.True(house.Service.Answer(questions[0].Id, false));

        await Assert.ThrowsAsync<DBusErrorReplyException>(() => playing);
        Assert.False(Trusted(house)());
    }

    [Fact]
    public async Task Whom_only_another_programs_agent_let_in_is_asked_about_before_its_stream_is_taken()
    {
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);
        await Eventually.TrueAsync("our endpoints", () => house.BlueZ.Endpoints.Contains(BlueZHarness.Sink1));

        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "UUIDs", VariantValue.Array(new[] { FakeBlueZ.Source }));
        var refused = await Assert.ThrowsAsync<DBusErrorReplyException>(() => house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration));
        Assert.Equal("org.bluez.Error.Rejected", refused.ErrorName);
        Assert.True(house.Service.Answer(Assert.Single(questions).Id, true));

        await Eventually.TrueAsync("it to be welcome", () => house.Service.Shared.Pairing.IsAllowed(FakeBlueZ.DevicePath));
        await house.BlueZ.ConfigureAsync(BlueZHarness.Sink1, BlueZHarness.Configuration);
        await house.UntilAsync("its next try is taken", _ => house.Device.Link == RadioLink.Connected);
    }

    [Fact]
    public async Task The_devices_of_an_adapter_that_is_plugged_in_later_are_old_friends()
    {
        const string Other = "/org/bluez/hci1";
        const string Path = Other + "/dev_00_AA_01_01_00_09";
        await using var house = await StartAsync(paired: false);
        var questions = Questions(house);

        house.BlueZ.Add(Other, "org.bluez.Adapter1", FakeBlueZ.Radio("00:AA:01:00:00:99"));
        house.BlueZ.Add(Path, "org.bluez.Device1", new(FakeBlueZ.Speaker(adapter: Other, address: "00:AA:01:01:00:09")) { ["Trusted"] = VariantValue.Bool(false) });

        await Eventually.TrueAsync("it to be trusted", Trusted(house, Path));
        Assert.Empty(questions);
    }

    [Fact]
    public async Task The_default_agent_is_given_back_when_pairing_mode_ends_and_the_adapter_stays_closed()
    {
        await using var house = await StartAsync(paired: false);
        await house.Service.SetPairingModeAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        Assert.DoesNotContain("UnregisterAgent", house.BlueZ.Calls);

        house.BlueZ.Change(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Discoverable", VariantValue.Bool(false)); // BlueZ ends it by its own clock

        await Eventually.TrueAsync("the agent to leave and come back", () => house.BlueZ.Calls.SkipWhile(c => c != "UnregisterAgent").Contains("RegisterAgent"));
        await ClosedAsync(house);
    }

    [Fact]
    public async Task The_default_agent_that_was_taken_for_a_new_pairing_mode_is_not_given_back_for_the_last_one()
    {
        using var bus = new PrivateBus();
        await using var bluez = await FakeBlueZ.StartAsync(bus.Address);
        using var connection = new DBusConnection(bus.Address);
        await connection.ConnectAsync();
        var policy = new PairingPolicy(TimeProvider.System);
        var agent = new AgentRegistration(new BlueZBus(connection, TimeProvider.System), policy, NullLogger.Instance);
        await agent.RegisterAsync(CancellationToken.None);

        policy.SetPairingMode(FakeBlueZ.AdapterPath, true);
        await agent.BecomeDefaultAsync("Opening hci0 for pairing", CancellationToken.None);
        await agent.GiveDefaultBackAsync(CancellationToken.None); // decided a moment before

        Assert.True(agent.IsDefault);
        Assert.DoesNotContain("UnregisterAgent", bluez.Calls);
        policy.SetPairingMode(FakeBlueZ.AdapterPath, false);
        await agent.GiveDefaultBackAsync(CancellationToken.None);
        Assert.False(agent.IsDefault);
        Assert.Equal("RegisterAgent", bluez.Calls.SkipWhile(c => c != "UnregisterAgent").Skip(1).First());
    }

    private static Task<BlueZHarness> StartAsync(bool paired, TimeProvider? time = null) =>
        BlueZHarness.StartAsync(time: time, prepare: b => b.Put(FakeBlueZ.DevicePath, "org.bluez.Device1", Untrusted(paired)));

    private static Dictionary<string, VariantValue> Untrusted(bool paired) => new(FakeBlueZ.Speaker(paired)) { ["Trusted"] = VariantValue.Bool(false) };

    // In the moment in which somebody else had opened the adapter.
    private static void SlipIn(BlueZHarness house)
    {
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Bonded", VariantValue.Bool(true));
        house.BlueZ.Change(FakeBlueZ.DevicePath, "org.bluez.Device1", "Paired", VariantValue.Bool(true));
    }

    private static List<PairingQuestion> Questions(BlueZHarness house)
    {
        var questions = new List<PairingQuestion>();
        house.Service.Asked += questions.Add;
        return questions;
    }

    // By the profile that BlueZ 5.66 names for A2DP in both directions.
    private static Task AuthorizeAsync(BlueZHarness house) => house.BlueZ.AskAsync("AuthorizeService", "os", static (ref MessageWriter w) =>
    {
        w.WriteObjectPath(FakeBlueZ.DevicePath);
        w.WriteString(BlueZNames.AdvancedAudio);
    });

    private static bool Pairable(BlueZHarness house) => house.BlueZ.Value(FakeBlueZ.AdapterPath, "org.bluez.Adapter1", "Pairable") is { } value && value.GetBool();

    private static Task ClosedAsync(BlueZHarness house) => Eventually.TrueAsync("the adapter to be no longer pairable", () => !Pairable(house));

    private static Func<bool> Trusted(BlueZHarness house, string path = FakeBlueZ.DevicePath) => () => house.BlueZ.Value(path, "org.bluez.Device1", "Trusted") is { } value && value.GetBool();
}
