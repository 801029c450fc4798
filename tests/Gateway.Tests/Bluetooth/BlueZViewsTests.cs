using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;

namespace Gateway.Tests.Bluetooth;

public sealed class BlueZViewsTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(8);

    private readonly RadioHouse _house = new();

    private BlueZViews Views => _house.Shared.Views;

    [Fact]
    public void A_view_that_shows_the_same_is_told_to_nobody_and_one_with_other_streams_to_this_folder_only()
    {
        _house.Show(RadioHouse.Speaker);
        var (views, snapshots) = (0, 0);
        Views.Changed += _ => views++;
        Views.SnapshotChanged += _ => snapshots++;

        Views.Publish(Views.Latest);
        Assert.Equal((0, 0), (views, snapshots));

        Views.Publish(Views.Latest with { Transports = new Dictionary<string, TransportView> { [RadioHouse.DevicePath] = new("/fd0", false, "idle", null, null, "SBC") } });
        Assert.Equal((1, 0), (views, snapshots));

        _house.Show(RadioHouse.Speaker with { Name = "Bath" });
        Assert.Equal((2, 1), (views, snapshots));
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_shown()
    {
        _house.Show(RadioHouse.Speaker);

        var waiting = Views.ReachedAsync(() => Views.Latest.Snapshot.Devices is [{ Link: RadioLink.Connected }], s_limit, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _house.Show(RadioHouse.Speaker with { Link = RadioLink.Connected });

        Assert.True(await waiting);
        Assert.True(await Views.ReachedAsync(() => true, s_limit, CancellationToken.None)); // what is so already
    }

    [Fact]
    public async Task What_does_not_come_within_the_limit_is_a_refusal_in_words()
    {
        var waiting = Views.WaitAsync(() => false, "Connecting to Kitchen", s_limit, CancellationToken.None);
        _house.Time.Advance(s_limit);

        var end = await waiting;

        Assert.Equal((PortError.TimedOut, "Connecting to Kitchen did not work: no answer within 8 s."), (end.Kind, end.Error!.Message));
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_no_answer()
    {
        using var gone = new CancellationTokenSource();
        var waiting = Views.ReachedAsync(() => false, s_limit, gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    public void Dispose() => _house.Dispose();
}
