using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>Whatever becomes of the wall's clock, nothing waits for it.</summary>
public sealed class WallClockTests
{
    [Theory]
    [MemberData(nameof(WallSteps.All), MemberType = typeof(WallSteps))]
    public async Task A_speaker_that_was_off_is_tried_again(string step)
    {
        await using var home = await SimulatedHome.StartAsync();
        home.Control("""{"speaker":"flip_b","do":"off"}""");
        await home.AskAsync("group/party/active", "ON");
        await home.UntilAsync("Flip B to be missed", s => s.Groups.Single(g => g.Id == "party").Sync.Missing.Contains("flip_b"));
        home.SetWallClock(WallSteps.Of(step, home.WallClock));

        home.Control("""{"speaker":"flip_b","do":"on"}""");
        var waited = await home.TimeAsync(() => home.UntilAsync("Flip B to play", s => s.Groups.Single(g => g.Id == "party") is { Phase: GroupPhase.Playing }));

        Assert.True(waited < TimeSpan.FromMinutes(3), $"{waited}");
    }
}
