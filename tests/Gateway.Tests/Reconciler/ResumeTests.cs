using Gateway.Engine;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>A process killed between its <c>accepted</c> and the cut that it announced.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly DirectoryInfo _before = Directory.CreateTempSubdirectory("tutti-test-");
    private readonly DirectoryInfo _after = Directory.CreateTempSubdirectory("tutti-test-");

    public void Dispose()
    {
        _before.Delete(recursive: true);
        _after.Delete(recursive: true);
    }

    [Fact]
    public async Task What_was_announced_is_cut_after_the_restart_and_the_group_plays()
    {
        await KillAfterAcceptedAsync();

        await using var home = await SimulatedHome.StartAsync(data: _after, prepare: h => h.LinkAsync("kitchen", "roam"));

        await home.UntilAsync("the party to play", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);
        Assert.Contains(home.Events, e => e is { EventType: HouseEventType.LinkReplaced, Device: "kitchen" });

        // It is over with that: whoever takes the Echo from now on keeps it.
        await home.LinkAsync("kitchen", "roam");
        await home.UntilAsync("the party to say so", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Failed);
        Assert.Equal("roam", home.Echo("kitchen").Bluetooth.Peer!.Id);
    }

    [Fact]
    public async Task A_link_that_nobody_announced_is_not_cut_after_the_restart()
    {
        await KillAfterAcceptedAsync();

        await using var home = await SimulatedHome.StartAsync(data: _after, prepare: h => h.LinkAsync("kitchen", "flex"));

        await AssertLeftAloneAsync(home, "flex");
    }

    [Fact]
    public async Task What_was_announced_long_ago_is_not_cut_any_more()
    {
        await KillAfterAcceptedAsync();

        await using var home = await SimulatedHome.StartAsync(data: _after, prepare: h => h.LinkAsync("kitchen", "roam"), late: TimeSpan.FromDays(1));

        await AssertLeftAloneAsync(home, "roam");
    }

    [Theory]
    [InlineData(-2, true)] // a time server had set it forward before the kill
    [InlineData(-120, false)]
    public async Task What_was_announced_in_the_future_counts_only_as_long_as_it_would_anyway(int minutes, bool isCut)
    {
        await KillAfterAcceptedAsync();

        await using var home = await SimulatedHome.StartAsync(data: _after, prepare: h => h.LinkAsync("kitchen", "roam"), late: TimeSpan.FromMinutes(minutes));

        if (isCut) await home.UntilAsync("the party to play", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);
        else await AssertLeftAloneAsync(home, "roam");
    }

    /// <summary>Leaves in <see cref="_after"/> what a process killed right after <c>accepted</c> leaves on the disk.</summary>
    private async Task KillAfterAcceptedAsync()
    {
        await using var home = await SimulatedHome.StartAsync(data: _before, prepare: h => h.LinkAsync("kitchen", "roam"));
        home.Hub.Answered += answer =>
        {
            // On the reconciler's loop, before its first step.
            if (answer.Result != CommandResult.Accepted) return;
            foreach (var file in _before.GetFiles("tutti.db*").Where(f => !f.Name.EndsWith("-shm", StringComparison.Ordinal))) file.CopyTo(Path.Combine(_after.FullName, file.Name));
        };

        var command = home.Send("group/party/active", "ON");
        await home.EndOfAsync(command);

        Assert.Contains(new PlanDrop("kitchen", "roam"), home.AnswersTo(command)[0].Drops);
        Assert.NotEmpty(_after.GetFiles());
    }

    private static async Task AssertLeftAloneAsync(SimulatedHome home, string peer)
    {
        await home.UntilAsync("the party to say why it does not play", s => s.Groups.Single(g => g.Id == "party").Problem?.Text.Contains("lost its place", StringComparison.Ordinal) == true);
        Assert.Equal(peer, home.Echo("kitchen").Bluetooth.Peer!.Id);
        Assert.DoesNotContain(home.Events, e => e.EventType == HouseEventType.LinkReplaced);
        Assert.Contains("Switch Party on again to take it back.", home.Group("party").Problem!.Remedy, StringComparison.Ordinal);
    }
}
