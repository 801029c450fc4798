using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>What the whole-house tests stand on: only the house's own time decides what happens in it.</summary>
public sealed class HouseTimeTests
{
    [Fact]
    public async Task A_story_told_twice_is_the_same_to_the_millisecond()
    {
        var (first, second) = (await TellAsync(), await TellAsync());

        Assert.Contains(first, line => line.Contains("member_missing", StringComparison.Ordinal));
        Assert.Equal(first, second);
    }

    /// <summary>Links, commands that overlap, sound, a source from the disk, and a speaker that goes. (What is tried again is tried by chance, so that not all do so at once.)</summary>
    private static async Task<List<string>> TellAsync()
    {
        await using var home = await SimulatedHome.StartAsync();
        List<string> told = [];
        home.Hub.Answered += answer => told.Add($"{home.WallClock:mm:ss.fff} {answer.Command.Device}/{answer.Command.Property} {answer.Result} {answer.Reason}");
        home.Hub.Happened += happened => told.Add($"{home.WallClock:mm:ss.fff} {Words.Of(happened.EventType)} {happened.Text}");
        await home.AskAsync("group/party/active", "ON");
        home.Control("""{"speaker":"flip_b","do":"off"}""");
        var (routine, file) = (home.Send($"voice/{home.Configuration.House.Routines[0].Id}", ""), home.Send("group/party/source", "file:/nowhere/music.wav"));
        await home.EndOfAsync(file);
        await home.EndOfAsync(routine);
        await home.UntilEventAsync(HouseEventType.MemberMissing, "flip_b");
        return told;
    }
}
