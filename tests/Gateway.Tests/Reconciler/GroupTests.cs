using Gateway.Engine;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

public sealed class GroupTests
{
    [Fact]
    public async Task A_group_switched_on_is_accepted_with_its_plan_then_plays_without_claiming_a_class()
    {
        await using var home = await SimulatedHome.StartAsync();

        var command = home.Send("group/party/active", "ON");
        var end = await home.EndOfAsync(command);

        Assert.Equal(CommandResult.Done, end.Result);
        var accepted = Assert.Single(home.AnswersTo(command), a => a.Result == CommandResult.Accepted);
        Assert.Equal(Route.FanOut, accepted.Plan!.Route);
        var party = home.Group("party");
        Assert.Equal(GroupPhase.Playing, party.Phase);
        Assert.True(party.Active);
        Assert.Null(party.Sync.Class);
        Assert.All(party.Members, m => Assert.Equal(MemberState.Playing, m.State));
        Assert.Equal(LinkRole.PlaysTo, home.Echo("kitchen").Bluetooth.Role);
    }

    [Fact]
    public async Task A_speaker_that_goes_off_is_missed_and_joins_again_when_it_is_back()
    {
        await using var home = await SimulatedHome.StartAsync();
        await home.AskAsync("group/party/active", "ON");

        home.Control("""{"speaker":"flip_b","do":"off"}""");
        await home.UntilEventAsync(HouseEventType.MemberMissing, "flip_b");
        var missing = home.Group("party");
        home.Control("""{"speaker":"flip_b","do":"on"}""");
        await home.UntilEventAsync(HouseEventType.MemberBack, "flip_b");

        Assert.Equal(GroupPhase.Degraded, missing.Phase);
        Assert.Equal(MemberState.Missing, missing.Members.Single(m => m.Id == "flip_b").State);
        await home.UntilAsync("the party to be whole", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);
        Assert.Equal(1, home.Speaker("flip_b").Dropouts);
        Assert.InRange(home.Speaker("flip_b").ReconnectS!.Value, 9, 60); // who was switched off is not paged at once
    }

    [Fact]
    public async Task Switching_off_lets_the_speakers_and_the_echo_go()
    {
        await using var home = await SimulatedHome.StartAsync();
        await home.AskAsync("group/party/active", "ON");

        var end = await home.AskAsync("group/party/active", "OFF");

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.Equal(GroupPhase.Off, home.Group("party").Phase);
        Assert.All(home.Hub.Current!.Speakers, s => Assert.False(s.Connected));
        Assert.Equal(EchoLinkState.Disconnected, home.Echo("kitchen").Bluetooth.State);
        Assert.DoesNotContain(home.Events, e => e.EventType == HouseEventType.LinkLost);
    }

    [Fact]
    public async Task A_later_command_supersedes_the_earlier_one_and_each_ends_once()
    {
        await using var home = await SimulatedHome.StartAsync();

        var on = home.Send("group/party/active", "ON");
        var off = home.Send("group/party/active", "OFF");
        await home.EndOfAsync(off);

        Assert.Equal(CommandResult.Superseded, Assert.Single(home.AnswersTo(on), a => a.Result != CommandResult.Accepted).Result);
        Assert.Equal(CommandResult.Done, Assert.Single(home.AnswersTo(off), a => a.Result != CommandResult.Accepted).Result);
        await home.UntilAsync("the party to be off", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Off);
    }

    [Fact]
    public async Task An_echo_that_is_taken_away_is_said_and_not_fought_for()
    {
        await using var home = await SimulatedHome.StartAsync();
        await home.AskAsync("group/party/active", "ON");

        home.Control("""{"echo":"kitchen","do":"link","value":"roam"}""");
        await home.UntilEventAsync(HouseEventType.LinkReplaced, "kitchen");
        await home.UntilAsync("the party to say so", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Failed);

        Assert.Contains("L2", home.Group("party").Problem!.Rules);
        Assert.Equal("roam", home.Echo("kitchen").Bluetooth.Peer!.Id);
        var command = home.Send("group/party/active", "ON");
        var end = await home.EndOfAsync(command);
        Assert.Equal(CommandResult.Done, end.Result);
        Assert.Contains(new PlanDrop("kitchen", "roam"), home.AnswersTo(command)[0].Drops);
    }

    [Fact]
    public async Task What_was_accepted_is_brought_about_again_after_a_restart()
    {
        var data = Directory.CreateTempSubdirectory("tutti-test-");
        try
        {
            await using (var before = await SimulatedHome.StartAsync(data: data)) await before.AskAsync("group/party/active", "ON");

            await using var after = await SimulatedHome.StartAsync(data: data);

            await after.UntilAsync("the party to play", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_groups_volume_keeps_its_members_proportions_also_through_zero()
    {
        await using var home = await SimulatedHome.StartAsync();
        await home.AskAsync("group/party/active", "ON");
        await home.AskAsync("speaker/flip_a/volume", "80");
        foreach (var other in new[] { "flip_b", "emberton", "wonderboom" }) await home.AskAsync($"speaker/{other}/volume", "40");
        await home.UntilAsync("the volumes", s => s.Speakers.Single(x => x.Id == "wonderboom").Volume == 40 && s.Speakers.Single(x => x.Id == "flip_a").Volume == 80);

        await home.AskAsync("group/party/volume", "0");
        await home.AskAsync("group/party/volume", "50");

        await home.UntilAsync("the scaled volumes", s => s.Speakers.Single(x => x.Id == "flip_a").Volume == 50 && s.Speakers.Single(x => x.Id == "flip_b").Volume == 25);
    }

    [Fact]
    public async Task A_volume_of_one_does_not_round_the_balance_away()
    {
        await using var home = await SimulatedHome.StartAsync(Two);
        await home.AskAsync("speaker/a/volume", "100");
        await home.AskAsync("speaker/b/volume", "50");

        await home.AskAsync("group/one/volume", "1");
        await home.AskAsync("group/one/volume", "100");

        await home.UntilAsync("the volumes", s => s.Speakers.Single(x => x.Id == "a").Volume == 100 && s.Speakers.Single(x => x.Id == "b").Volume == 50);
    }

    [Fact]
    public async Task A_speaker_that_somebody_takes_is_missing_and_the_others_play_on()
    {
        await using var home = await SimulatedHome.StartAsync(Two);
        await home.AskAsync("group/one/active", "ON");

        home.Control("""{"speaker":"b","do":"link","value":"office"}""");
        await home.UntilEventAsync(HouseEventType.MemberMissing, "b");
        await home.UntilAsync("the rest to play", s => s.Groups.Single(g => g.Id == "one").Phase == GroupPhase.Degraded);

        Assert.True(home.Speaker("a").Connected);
        Assert.Equal(MemberState.Playing, home.Group("one").Members.Single(m => m.Id == "a").State);
    }

    [Fact]
    public async Task A_group_that_nobody_is_left_of_does_not_say_that_it_goes_on()
    {
        await using var home = await SimulatedHome.StartAsync(Two.Replace("[a, b]", "[a]", StringComparison.Ordinal));
        await home.AskAsync("group/one/active", "ON");

        home.Control("""{"speaker":"a","do":"off"}""");
        await home.UntilAsync("the group to fail", s => s.Groups.Single(g => g.Id == "one").Phase == GroupPhase.Failed);

        Assert.Equal("A is missing, and nobody is left in One.", Assert.Single(home.Events, e => e.EventType == HouseEventType.MemberMissing).Text);
        Assert.Equal(MemberState.Missing, Assert.Single(home.Group("one").Members).State);
    }

    [Fact]
    public async Task Members_of_a_group_whose_echo_was_taken_away_are_not_called_connecting()
    {
        await using var home = await SimulatedHome.StartAsync(Two);
        home.Control("""{"speaker":"b","do":"off"}""");
        await home.AskAsync("group/one/active", "ON");

        home.Control("""{"echo":"kitchen","do":"link","value":"roam"}""");
        await home.UntilAsync("the group to fail", s => s.Groups.Single(g => g.Id == "one").Phase == GroupPhase.Failed);

        Assert.Equal(MemberState.Missing, home.Group("one").Members.Single(m => m.Id == "b").State);
    }

    [Fact]
    public async Task A_speaker_switched_off_while_its_group_connects_stays_off()
    {
        await using var home = await SimulatedHome.StartAsync(Two);
        home.Send("group/one/active", "ON");
        await home.UntilAsync("b to be connecting", s => s.Speakers.Single(x => x.Id == "b").Link == SpeakerLink.Connecting);

        await home.AskAsync("speaker/b/connected", "OFF");

        await home.UntilAsync("a to play alone", s => s.Groups.Single(g => g.Id == "one").Phase == GroupPhase.Degraded && s.Speakers.Single(x => x.Id == "a").Connected);
        await home.UntilAsync("b to be left alone", s => !s.Speakers.Single(x => x.Id == "b").Connected && s.Speakers.Single(x => x.Id == "b").Link != SpeakerLink.Connecting);
    }

    [Fact]
    public async Task The_sources_offered_are_those_that_can_be_played()
    {
        await using var home = await SimulatedHome.StartAsync();

        var options = home.Group("party").SourceOptions.Select(o => o.Value).ToList();

        Assert.Contains("echo:kitchen", options);
        Assert.All(options, o => Assert.StartsWith("echo:", o, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_echo_that_was_the_source_is_let_go()
    {
        await using var home = await SimulatedHome.StartAsync(Two);
        await home.AskAsync("group/one/active", "ON");

        home.Send("group/one/source", "Office");
        await home.AskAsync("group/one/source", "Studio");
        await home.AskAsync("group/one/active", "OFF");

        await home.UntilAsync("all Echos to be free", s => s.Echoes.All(e => e.Bluetooth.State == EchoLinkState.Disconnected));
    }

    private const string Two = """
        echoes:
          - {id: kitchen, name: Kitchen, model: Echo Dot (5th gen), serial: G0001}
          - {id: office, name: Office, model: Echo Dot (5th gen), serial: G0002}
          - {id: studio, name: Studio, model: Echo Dot (5th gen), serial: G0003}
        speakers:
          - {id: a, name: A, model: Emberton II, address: "00:11:22:00:00:01"}
          - {id: b, name: B, model: Emberton II, address: "00:11:22:00:00:02"}
        groups:
          - {id: one, name: One, members: [a, b], source: "echo:kitchen"}
        """;

    [Fact]
    public async Task Groups_that_share_a_member_give_way_to_the_last_command()
    {
        await using var home = await SimulatedHome.StartAsync("""
            echoes: [{id: kitchen, name: Kitchen, model: Echo Dot (5th gen), serial: G0001}]
            speakers:
              - {id: a, name: A, model: Emberton II, address: "00:11:22:00:00:01"}
              - {id: b, name: B, model: Emberton II, address: "00:11:22:00:00:02"}
              - {id: c, name: C, model: Emberton II, address: "00:11:22:00:00:03"}
            groups:
              - {id: one, name: One, members: [a, b], source: "echo:kitchen"}
              - {id: two, name: Two, members: [b, c], source: "echo:kitchen"}
            """);
        await home.AskAsync("group/one/active", "ON");

        var end = await home.AskAsync("group/two/active", "ON");

        Assert.Equal(CommandResult.Done, end.Result);
        Assert.False(home.Group("one").Desired);
        await home.UntilAsync("one to be off", s => s.Groups.Single(g => g.Id == "one").Phase == GroupPhase.Off);
        Assert.False(home.Speaker("a").Connected);
        Assert.Equal(GroupPhase.Playing, home.Group("two").Phase);
    }

    [Theory]
    [InlineData("group/party/active", "on", "active takes ON or OFF, not \"on\".")]
    [InlineData("group/party/volume", "101", "volume takes 0 to 100, and \"101\" is outside. Nothing was changed.")]
    [InlineData("group/party/volume", "NaN", "volume takes a number, not \"NaN\".")]
    [InlineData("group/party/volum", "5", "A group has no command \"volum\". It takes active, source, volume, mute, calibrate, calibrate_undo.")]
    [InlineData("group/partyy/active", "ON", "No group has the id \"partyy\". Did you mean \"party\"?")]
    [InlineData("speaker/flip_a/trim_ms", "2000.1", "trim_ms takes -500 to 2000 ms, and \"2000.1\" is outside. Nothing was changed.")]
    [InlineData("speaker/flip_a/trim_ms", "0.25", "trim_ms takes steps of 0.1 ms; the nearest to \"0.25\" is 0.2.")]
    [InlineData("speaker/flip_a/pair", "ON", "pair takes PRESS, not \"ON\".")]
    [InlineData("group/party/source", "line-in", "It is not said which line-in, and none is taken unasked. Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo.")]
    [InlineData("group/party/source", "snapcast", "Sound from Snapcast cannot be taken yet: it is not in this version. Choose alexa, echo:<id or name>, phone:<address>, line-in:<source>, file:<path> or pipe:test-signal.")]
    [InlineData("group/party/announce", "http://a/b.mp3", "Announcements cannot be played yet: they are not in this version.")]
    [InlineData("fridge/x/active", "ON", "There is no kind of device called \"fridge\". There are echo, speaker, adapter, transmitter, group, gateway, and voice for routines.")]
    [InlineData("group/party/announce", "Dinner is ready", "An announcement takes the URL or path of a sound file; there is no speech synthesis here. Let Home Assistant's text-to-speech make the file.")]
    public async Task A_command_that_does_not_fit_is_refused_with_its_reason(string target, string value, string reason)
    {
        await using var home = await SimulatedHome.StartAsync();

        var end = await home.AskAsync(target, value);

        Assert.Equal(CommandResult.Refused, end.Result);
        Assert.Equal(reason, end.Reason);
    }
}
