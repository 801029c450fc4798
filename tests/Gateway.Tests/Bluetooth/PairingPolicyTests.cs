using Gateway.Bluetooth.BlueZ;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Bluetooth;

public sealed class PairingPolicyTests
{
    [Theory]
    [MemberData(nameof(WallSteps.All), MemberType = typeof(WallSteps))]
    public void Pairing_mode_lasts_three_minutes_whatever_the_wall_says(string step)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        var wall = new SteppedTime(time);
        var policy = new PairingPolicy(wall);
        policy.SetPairingMode("/hci0", true);
        wall.Set(WallSteps.Of(step, wall.GetUtcNow()));

        time.Advance(PairingPolicy.PairingModeTime - TimeSpan.FromSeconds(1));
        Assert.True(policy.IsAnyInPairingMode && policy.MustBePairable("/hci0"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(policy.IsAnyInPairingMode || policy.MustBePairable("/hci0"));
    }
}
