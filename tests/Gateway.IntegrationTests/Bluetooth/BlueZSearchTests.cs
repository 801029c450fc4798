using Gateway.Engine.Ports;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>Searches: who wants one, when it rests, and how it ends.</summary>
public sealed class BlueZSearchTests
{
    [Fact]
    public async Task A_search_rests_while_a_speaker_is_connected_and_goes_on_after_it()
    {
        await using var house = await BlueZHarness.StartAsync();
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        house.ConnectsWell();

        await house.ConnectAsync();

        Assert.Equal(["SetDiscoveryFilter", "StartDiscovery", "StopDiscovery", "ConnectProfile", "SetDiscoveryFilter", "StartDiscovery"],
            house.BlueZ.Calls.Where(c => c.Contains("Discovery", StringComparison.Ordinal) || c == "ConnectProfile"));
    }

    [Fact]
    public async Task A_search_that_the_power_switch_ended_begins_again_with_the_power()
    {
        await using var house = await BlueZHarness.StartAsync();
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        await house.Service.SetPoweredAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        await house.Service.SetPoweredAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        await Eventually.TrueAsync("the search to be started anew", () => house.BlueZ.Calls.Count(c => c == "StartDiscovery") == 2);
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        Assert.Contains("StopDiscovery", house.BlueZ.Calls);
    }

    [Fact]
    public async Task A_search_that_could_not_begin_does_not_count()
    {
        await using var house = await BlueZHarness.StartAsync();
        house.BlueZ.Fail("StartDiscovery", "org.bluez.Error.Failed", "");
        await Assert.ThrowsAsync<PortException>(() => house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None));
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        house.BlueZ.Fail("StartDiscovery", "org.bluez.Error.InProgress", "");

        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);

        Assert.Equal(2, house.BlueZ.Calls.Count(c => c == "StartDiscovery"));
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "StopDiscovery"));
    }

    [Fact]
    public async Task A_search_that_is_asked_for_twice_at_once_is_one_and_both_are_told_that_it_runs()
    {
        await using var house = await BlueZHarness.StartAsync();
        var open = house.BlueZ.Hold("StartDiscovery");
        var rescan = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await Eventually.TrueAsync("the search to be asked for", () => !open.IsEmpty);

        var user = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        FakeBlueZ.Accept(open);

        await rescan;
        await user;
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "StartDiscovery"));
        Assert.Equal(1, house.BlueZ.Calls.Count(c => c == "StopDiscovery"));
    }

    [Fact]
    public async Task A_search_is_switched_off_while_it_begins()
    {
        await using var house = await BlueZHarness.StartAsync();
        var open = house.BlueZ.Hold("StartDiscovery");
        var on = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await Eventually.TrueAsync("the search to be asked for", () => !open.IsEmpty);

        var off = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        FakeBlueZ.Accept(open);

        await on;
        await off;
        Assert.Equal("StopDiscovery", house.BlueZ.Calls.Last());
    }

    [Fact]
    public async Task A_search_whose_start_failed_while_another_waited_for_it_can_be_started_again()
    {
        await using var house = await BlueZHarness.StartAsync();
        var open = house.BlueZ.Hold("StartDiscovery");
        var rescan = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        await Eventually.TrueAsync("the search to be asked for", () => !open.IsEmpty);
        var user = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);
        house.BlueZ.Fail("StartDiscovery", "org.bluez.Error.Failed", "");
        FakeBlueZ.Refuse(open);
        await Assert.ThrowsAsync<PortException>(() => rescan);
        await user.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, false, CancellationToken.None);
        var before = house.BlueZ.Calls.Count(c => c == "StartDiscovery");
        house.BlueZ.On("StartDiscovery", _ => { });

        await house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, CancellationToken.None);

        Assert.Equal(before + 1, house.BlueZ.Calls.Count(c => c == "StartDiscovery"));
    }

    [Fact]
    public async Task A_search_that_is_given_up_while_it_begins_is_ended_at_BlueZ()
    {
        await using var house = await BlueZHarness.StartAsync();
        var open = house.BlueZ.Hold("StartDiscovery");
        using var given = new CancellationTokenSource();
        var search = house.Service.SetDiscoveringAsync(FakeBlueZ.Adapter, true, given.Token);
        await Eventually.TrueAsync("the search to be asked for", () => !open.IsEmpty);

        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        Assert.Contains("StopDiscovery", house.BlueZ.Calls);
    }
}
