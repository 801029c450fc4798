using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using static Gateway.IntegrationTests.Alexa.AlexaHouse;

namespace Gateway.IntegrationTests.Alexa;

/// <summary>The port's contract by the Alexa web API, against the simulated cloud.</summary>
public sealed class AlexaEchoesTests
{
    [Fact]
    public async Task The_account_is_shown_as_it_is()
    {
        await using var house = await SeenAsync();

        var kitchen = house.Echo();
        Assert.Equal(("Kitchen Dot", "A4ZXE0RM7LQ7A", EchoControlKind.AlexaApi, true, "9295065988", 35), (kitchen.Name, kitchen.DeviceType, kitchen.Control, kitchen.Online, kitchen.Firmware, kitchen.VolumePercent));
        Assert.Equal([("Audio Gateway", Ours, LinkRole.PlaysTo), ("Terrace Speaker", Terrace, LinkRole.PlaysTo), ("Phone", Phone, LinkRole.ReceivesFrom)], kitchen.Paired.Select(p => (p.Name, p.Address, p.Role)));
        Assert.Equal((true, null), (kitchen.Link.IsKnown, kitchen.Link.Value));
        Assert.Equal(AudioOutput.Speaker, house.Echo(Office).AudioOutput); // its socket can be asked
        Assert.Null(kitchen.AudioOutput);
        var group = Assert.Single(house.Echoes.Current.WifiGroups!);
        Assert.Equal(("Everywhere", 3), (group.Name, group.Members.Count));
        Assert.Contains(house.Log, line => line == "The Alexa account (amazon.de) is there: 3 Echos"); // the account's country was asked
    }

    [Fact]
    public async Task L2_a_link_is_confirmed_replaced_and_let_go_and_then_forgotten()
    {
        await using var house = await SeenAsync();

        await house.Echoes.ConnectAsync(Kitchen, Terrace, CancellationToken.None);
        Assert.Equal(new EchoPeer(Terrace, "Terrace Speaker", LinkRole.PlaysTo), house.Echo().Link.Value);
        Assert.Equal(AudioOutput.Bluetooth, house.Echo().AudioOutput); // L5

        await house.Echoes.ConnectAsync(Kitchen, Phone, CancellationToken.None);
        Assert.Equal(new EchoPeer(Phone, "Phone", LinkRole.ReceivesFrom), house.Echo().Link.Value);
        Assert.Equal(Phone.Text, (string?)(await house.StateAsync())["link"]!["address"]);

        await house.Echoes.DisconnectAsync(Kitchen, CancellationToken.None);
        Assert.Null(house.Echo().Link.Value);
        Assert.Null((await house.StateAsync())["link"]);

        await house.Echoes.ForgetAsync(Kitchen, Phone, CancellationToken.None);
        Assert.DoesNotContain(house.Echo().Paired, p => p.Address == Phone);
    }

    [Fact]
    public async Task Volume_and_socket_are_set_and_read_back()
    {
        await using var house = await SeenAsync();

        await house.Echoes.SetVolumeAsync(Kitchen, 12, CancellationToken.None);
        await house.Echoes.SetAudioOutputAsync(Office, AudioOutput.LineOut, CancellationToken.None);

        Assert.Equal((12, AudioOutput.LineOut), (house.Echo().VolumePercent, house.Echo(Office).AudioOutput));
        Assert.Equal(12, (int?)(await house.StateAsync())["volume"]);
        var refused = await Assert.ThrowsAsync<PortException>(() => house.Echoes.SetAudioOutputAsync(Kitchen, AudioOutput.LineOut, CancellationToken.None));
        Assert.Contains("cannot be chosen from here", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_is_created_found_by_its_name_and_deleted()
    {
        await using var house = await SeenAsync();

        var id = await house.Echoes.CreateWifiGroupAsync("Two", [Kitchen, Office], CancellationToken.None);
        Assert.Equal([Kitchen, Office], house.Echoes.Current.WifiGroups!.Single(g => g.Id == id).Members);

        await house.Echoes.DeleteWifiGroupAsync(id, CancellationToken.None);
        Assert.DoesNotContain(house.Echoes.Current.WifiGroups!, g => g.Id == id);
    }

    /// <summary>A 200 only means that it was taken.</summary>
    [Fact]
    public async Task What_was_taken_and_not_done_is_a_failure_with_a_remedy()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/bluetooth/pair-sink/*", status = 200 });

        var failed = await Assert.ThrowsAsync<PortException>(() => house.Echoes.ConnectAsync(Kitchen, Terrace, CancellationToken.None));

        Assert.Equal((PortError.TimedOut, "Kitchen Dot was told to connect with Terrace Speaker, and does not show that link."), (failed.Error, failed.Message));
        Assert.Contains("Is Terrace Speaker on", failed.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_paired_not_known_or_offline_is_refused_at_once()
    {
        await using var house = await SeenAsync(SimulatedAccount.Example with { Echoes = [.. SimulatedAccount.Example.Echoes.Select(e => e.Serial == Office ? e with { Online = false } : e)] });
        var before = (await house.RequestsAsync()).Count(r => r.StartsWith("POST /api", StringComparison.Ordinal));

        Assert.Equal(PortError.NotPaired, (await Assert.ThrowsAsync<PortException>(() => house.Echoes.ConnectAsync(Kitchen, BluetoothAddress.Parse("00:00:00:00:00:01"), CancellationToken.None))).Error);
        Assert.Equal(PortError.UnknownDevice, (await Assert.ThrowsAsync<PortException>(() => house.Echoes.DisconnectAsync("G0NOBODY", CancellationToken.None))).Error);
        Assert.Equal(PortError.NotReachable, (await Assert.ThrowsAsync<PortException>(() => house.Echoes.SetVolumeAsync(Office, 5, CancellationToken.None))).Error);
        Assert.Equal((false, false), (house.Echo(Office).Online, house.Echo(Office).Link.IsKnown));
        Assert.Equal(before, (await house.RequestsAsync()).Count(r => r.StartsWith("POST /api", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_people_do_shows_with_the_next_look()
    {
        await using var house = await SeenAsync();
        await house.LinkAsync("kitchen", "Terrace Speaker");

        var pause = await house.LookAsync();

        Assert.Equal(Terrace, house.Echo().Link.Value!.Address);
        Assert.InRange(pause, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task At_most_two_requests_are_in_flight()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/*", delay_ms = 500, times = 12 });

        await Task.WhenAll(house.LookAsync(), house.LookAsync(), house.LookAsync(), house.Echoes.SetVolumeAsync(Kitchen, 40, CancellationToken.None));

        Assert.Equal(2, await house.MostAtOnceAsync());
    }

    /// <summary>The session survives a restart, is its user's alone, and is told to nobody.</summary>
    [Fact]
    public async Task The_session_is_kept_for_its_user_alone_and_used_again()
    {
        await using var house = await SeenAsync();
        var exchanges = await ExchangesAsync(house);

        house.Restart();
        await house.LookAsync();

        Assert.Equal(3, house.Echoes.Current.Echoes.Count);
        Assert.Equal((2, exchanges), (exchanges, await ExchangesAsync(house))); // one to ask for the country, one there
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(house.SessionFile));
        var session = await File.ReadAllTextAsync(house.SessionFile);
        Assert.DoesNotContain(house.RefreshToken, session, StringComparison.Ordinal);
        Assert.DoesNotContain(house.Log, line => line.Contains("Atn", StringComparison.Ordinal) || line.Contains("Atza", StringComparison.Ordinal));
        Assert.DoesNotContain(house.RefreshToken, house.Options.ToString(), StringComparison.Ordinal);
    }

    private static async Task<int> ExchangesAsync(AlexaHouse house) => (await house.RequestsAsync()).Count(r => r == "POST /ap/exchangetoken/cookies");
}
