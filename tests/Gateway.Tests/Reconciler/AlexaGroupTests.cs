using Gateway.Echo;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>What Alexa plays does not pass through the gateway: it says what it knows of it, and no more.</summary>
public sealed class AlexaGroupTests
{
    private const string One = """
        echoes: [{id: kitchen, name: Kitchen, model: Echo Dot (5th gen)}]
        groups: [{id: one, name: One, members: [kitchen], source: alexa}]
        """;

    private const string Three = """
        echoes:
          - {id: left, name: Left, model: Echo Dot (5th gen), serial: G0001}
          - {id: right, name: Right, model: Echo Dot (5th gen), serial: G0002}
        groups: [{id: both, name: Both, members: [left, right], source: alexa, route: wifi-group}]
        """;

    [Fact]
    public async Task A_group_of_echos_that_are_only_declared_is_refused_and_the_sentence_says_who_could_know()
    {
        await using var home = await SimulatedHome.StartAsync(One, echo: _ => new DeclaredEchoes());

        var end = await home.AskAsync("group/one/active", "ON");

        Assert.Equal(CommandResult.Refused, end.Result);
        Assert.Contains("only Alexa knows", end.Reason, StringComparison.Ordinal);
        Assert.Contains("Alexa, play", end.Reason, StringComparison.Ordinal);
        var group = home.Group("one");
        Assert.Equal((GroupPhase.Off, false, false), (group.Phase, group.Active, group.Desired));
        Assert.Contains("only Alexa knows", group.Problem!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_refusal_said_goes_with_the_source_that_it_was_about()
    {
        await using var home = await SimulatedHome.StartAsync(One, echo: _ => new DeclaredEchoes());
        await home.AskAsync("group/one/active", "ON");

        await home.AskAsync("group/one/source", "alexa");
        var same = home.Group("one").Problem;
        await home.AskAsync("group/one/source", "pipe:test-signal");

        Assert.NotNull(same);
        await home.UntilAsync("the problem to be over", s => s.Groups.Single(g => g.Id == "one").Problem is null);
    }

    [Fact]
    public async Task A_wifi_group_plays_when_the_account_says_so_and_not_before()
    {
        await using var home = await SimulatedHome.StartAsync(Three);

        var end = await home.AskAsync("group/both/active", "ON");
        var prepared = home.Group("both");
        home.Control("""{"echo":"left","do":"link","value":"Both"}""");
        await home.UntilAsync("the group to play", s => s.Groups.Single(g => g.Id == "both").Phase == GroupPhase.Playing);
        var playing = home.Group("both");
        var mute = await home.AskAsync("group/both/mute", "ON");
        var off = await home.AskAsync("group/both/active", "OFF");

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.Contains("only Alexa knows", end.Reason, StringComparison.Ordinal);
        Assert.Equal(GroupPhase.Degraded, prepared.Phase);
        Assert.All(prepared.Members, m => Assert.Null(m.State));
        Assert.Equal("Say \"Alexa, play …\" to Both.", prepared.Problem!.Remedy);
        Assert.Null(playing.Problem);
        Assert.All(playing.Members, m => Assert.Equal(MemberState.Playing, m.State));
        Assert.Equal(CommandResult.Refused, mute.Result);
        Assert.Equal(CommandResult.Done, off.Result);
        Assert.Contains("What Alexa plays goes on", off.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_single_echo_never_tells_whether_it_plays()
    {
        await using var home = await SimulatedHome.StartAsync(One);

        var end = await home.AskAsync("group/one/active", "ON");

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.Contains("only Alexa knows", end.Reason, StringComparison.Ordinal);
        Assert.Equal(GroupPhase.Degraded, home.Group("one").Phase);
    }
}
