using Gateway.Configuration;
using Gateway.Engine;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

/// <summary>S1 in a simulated house, whose Flip 6 switches itself off without a sound: after three minutes here, for nobody has to wait for ten.</summary>
public sealed class KeepAwakeTests
{
    private static readonly Catalogue s_catalogue = CatalogueLoader.BuiltIn with
    {
        Speakers = [.. CatalogueLoader.BuiltIn.Speakers.Select(s => s.IdlePowerOffMinutes is null ? s : s with { IdlePowerOffMinutes = 3 })],
    };

    [Fact]
    public async Task A_speaker_that_is_kept_awake_stays_on_through_a_group_and_a_lost_link_while_its_twin_switches_itself_off()
    {
        await using var home = await SimulatedHome.StartAsync("""
            speakers:
              - {id: kept, name: Kept, model: JBL Flip 6, address: "00:11:22:00:00:01"}
              - {id: twin, name: Twin, model: JBL Flip 6, address: "00:11:22:00:00:02"}
            groups: [{id: one, name: One, members: [kept], source: "pipe:test-signal"}]
            """, catalogue: s_catalogue);
        await home.AskAsync("speaker/kept/keep_awake", "ON");
        await home.AskAsync("speaker/kept/connected", "ON");
        var on = await home.AskAsync("group/one/active", "ON");
        var off = await home.AskAsync("group/one/active", "OFF");
        home.Control("""{"speaker":"kept","do":"off"}""");
        await home.UntilAsync("the kept one to be lost", s => s.Speakers.Any(x => x is { Id: "kept", Connected: false }));
        home.Control("""{"speaker":"kept","do":"on"}""");
        await home.UntilAsync("it to be back", s => s.Speakers.Any(x => x is { Id: "kept", Connected: true }));

        // From here on the kept one has been silent for longer than its twin, but for the feed.
        await home.AskAsync("speaker/twin/connected", "ON");
        await home.UntilAsync("the twin to switch itself off", s => s.Speakers.Any(x => x is { Id: "twin", Connected: false }));

        Assert.Equal((CommandResult.Done, CommandResult.Done), (on.Result, off.Result));
        Assert.True(home.Speaker("kept").Connected);
        Assert.Equal((1, 1), (home.Speaker("kept").Dropouts, home.Speaker("twin").Dropouts));
    }

    [Fact]
    public async Task While_a_group_is_muted_the_plans_own_keep_awake_step_holds_its_speaker_on_without_the_switch()
    {
        await using var home = await SimulatedHome.StartAsync("""
            speakers:
              - {id: member, name: Member, model: JBL Flip 6, address: "00:11:22:00:00:01"}
              - {id: twin, name: Twin, model: JBL Flip 6, address: "00:11:22:00:00:02"}
            groups: [{id: one, name: One, members: [member], source: "pipe:test-signal"}]
            """, catalogue: s_catalogue);
        var command = home.Send("group/one/active", "ON");
        await home.EndOfAsync(command);
        await home.AskAsync("group/one/mute", "ON");

        await home.AskAsync("speaker/twin/connected", "ON");
        await home.UntilAsync("the twin to switch itself off", s => s.Speakers.Any(x => x is { Id: "twin", Connected: false }));

        Assert.Contains(home.AnswersTo(command)[0].Plan!.Steps, s => s is KeepAwakeStep && s.Device == "member");
        Assert.False(home.Speaker("member").KeepAwake);
        Assert.True(home.Speaker("member").Connected);
    }
}
