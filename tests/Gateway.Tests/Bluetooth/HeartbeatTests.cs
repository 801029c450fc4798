using Gateway.Bluetooth.A2dp;

namespace Gateway.Tests.Bluetooth;

public sealed class HeartbeatTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Beats_in_time_add_up_and_a_late_one_vouches_for_nothing_before_it()
    {
        var heart = new Heartbeat(ownThread: false);
        heart.Beat(1_000 * Ms);
        heart.Beat(1_020 * Ms);
        heart.Beat(1_065 * Ms);
        Assert.Equal(65 * Ms, heart.SteadyNanoseconds);

        heart.Beat(3_000 * Ms); // the machine stood still
        Assert.Equal(65 * Ms, heart.SteadyNanoseconds);

        heart.Beat(3_020 * Ms);
        Assert.Equal(85 * Ms, heart.SteadyNanoseconds);
    }

    [Fact]
    public async Task It_beats_by_itself_while_somebody_listens()
    {
        var heart = new Heartbeat();
        heart.Listen();
        var before = heart.SteadyNanoseconds;

        while (heart.SteadyNanoseconds - before < 100 * Ms) await Task.Delay(10);
        heart.Leave();
    }
}
