using Gateway.Engine;
using Gateway.House;

namespace Gateway.Tests.Reconciler;

public sealed class DeviceTests
{
    [Fact]
    public async Task A_speaker_connects_and_disconnects_by_its_switch()
    {
        await using var home = await SimulatedHome.StartAsync();

        var on = await home.AskAsync("speaker/emberton/connected", "ON");
        var connected = home.Speaker("emberton");
        var off = await home.AskAsync("speaker/emberton/connected", "OFF");

        Assert.Equal(CommandResult.Done, on.Result);
        Assert.True(connected.Connected);
        Assert.NotNull(connected.Adapter);
        Assert.Equal(CommandResult.Done, off.Result);
        Assert.False(home.Speaker("emberton").Connected);
        Assert.Equal(0, home.Speaker("emberton").Dropouts);
    }

    [Fact]
    public async Task A_speaker_that_is_off_fails_in_plain_words_and_is_connected_once_it_is_on()
    {
        await using var home = await SimulatedHome.StartAsync();
        home.Control("""{"speaker":"emberton","do":"off"}""");

        var end = await home.AskAsync("speaker/emberton/connected", "ON");
        var state = home.Speaker("emberton");
        home.Control("""{"speaker":"emberton","do":"on"}""");

        Assert.Equal(CommandResult.Failed, end.Result);
        Assert.False(string.IsNullOrWhiteSpace(end.Reason));
        Assert.NotNull(state.LastError);
        await home.UntilAsync("it to be connected of itself", s => s.Speakers.Single(x => x.Id == "emberton").Connected);
    }

    [Fact]
    public async Task Settings_of_a_speaker_that_is_away_are_stored_shown_and_applied_at_the_next_connect()
    {
        await using var home = await SimulatedHome.StartAsync();

        var volume = await home.AskAsync("speaker/emberton/volume", "33");
        var trim = await home.AskAsync("speaker/emberton/trim_ms", "-12.5");
        await home.AskAsync("speaker/emberton/keep_awake", "ON");
        var before = home.Speaker("emberton");
        await home.AskAsync("speaker/emberton/connected", "ON");

        Assert.Equal(CommandResult.Done, volume.Result);
        Assert.Equal(CommandResult.Done, trim.Result);
        Assert.Equal((33, -12.5, true), (before.Volume, before.TrimMs, before.KeepAwake));
        await home.UntilAsync("the volume at the speaker", s => s.Speakers.Single(x => x.Id == "emberton").Volume == 33);
    }

    [Fact]
    public async Task An_Echo_that_is_in_no_group_is_known_to_be_in_none_and_the_gateway_has_no_problem()
    {
        await using var home = await SimulatedHome.StartAsync();

        Assert.False(home.Echo("left").InWifiGroup);
        Assert.Null(home.Echo("left").WifiGroup);
        Assert.Null(home.Hub.Current!.Gateway.Problem);
    }

    [Fact]
    public async Task An_echos_second_link_is_announced_before_the_first_is_dropped()
    {
        await using var home = await SimulatedHome.StartAsync();
        var options = home.Echo("kitchen").BluetoothOptions.Where(o => o.Text != "Disconnected").Select(o => o.Text).ToList();
        await home.AskAsync("echo/kitchen/bluetooth", options[0]);

        var command = home.Send("echo/kitchen/bluetooth", options[1]);
        var end = await home.EndOfAsync(command);

        Assert.Equal(CommandResult.Done, end.Result);
        var accepted = home.AnswersTo(command)[0];
        Assert.Equal(CommandResult.Accepted, accepted.Result);
        Assert.Equal("kitchen", Assert.Single(accepted.Drops).Device);
        Assert.Contains("L2", accepted.Rules);
        await home.UntilEventAsync(HouseEventType.LinkReplaced, "kitchen");
    }

    [Fact]
    public async Task Policy_refuse_keeps_an_echos_link()
    {
        await using var home = await SimulatedHome.StartAsync("""
            echo: {on_second_link: refuse}
            echoes: [{id: kitchen, name: Kitchen, model: Echo Dot (5th gen), serial: G0001}]
            speakers:
              - {id: a, name: A, model: Emberton II, address: "00:11:22:00:00:01"}
              - {id: b, name: B, model: Emberton II, address: "00:11:22:00:00:02"}
            groups: [{id: one, name: One, members: [a], source: "echo:kitchen"}]
            """);
        await home.AskAsync("group/one/active", "ON");
        var option = home.Echo("kitchen").BluetoothOptions.First(o => home.Hub.Current!.Speakers.Any(s => s.Address == o.Value)).Text;

        var end = await home.AskAsync("echo/kitchen/bluetooth", option);

        Assert.Equal(CommandResult.Refused, end.Result);
        Assert.Equal(["L1", "L2"], end.Rules);
        Assert.Equal(EchoLinkState.Connected, home.Echo("kitchen").Bluetooth.State);
    }

    [Fact]
    public async Task A_routine_runs_its_steps_in_order_and_an_unknown_one_gets_the_nearest_name()
    {
        await using var home = await SimulatedHome.StartAsync();
        var routine = home.Configuration.House.Routines[0].Id;

        var done = await home.AskAsync($"voice/{routine}", "");
        var unknown = await home.AskAsync($"voice/{routine}x", "");

        Assert.Equal(CommandResult.Done, done.Result);
        Assert.Equal(CommandResult.Refused, unknown.Result);
        Assert.Contains($"Did you mean \"{routine}\"", unknown.Reason);
    }

    [Fact]
    public async Task A_routines_step_stands_before_what_came_after_the_routine()
    {
        await using var home = await SimulatedHome.StartAsync("""
            echoes: [{id: kitchen, name: Kitchen, model: Echo}]
            speakers: [{id: flip, name: Flip}]
            groups: [{id: party, name: Party, members: [flip], source: "pipe:test-signal"}]
            routines: [{id: loud, name: Loud, steps: [{group: party, volume: 70}]}]
            """);

        for (var round = 0; round < 20; round++)
        {
            // Mostly both are in the queue when the loop comes round.
            var (routine, later) = (home.Send("voice/loud", ""), home.Send("group/party/volume", $"{round}"));
            await Task.WhenAll(home.EndOfAsync(routine), home.EndOfAsync(later));

            Assert.Equal(round, home.Group("party").Volume);
        }
    }

    [Fact]
    public async Task Names_in_commands_count_as_people_read_them_and_near_ones_are_offered()
    {
        await using var home = await SimulatedHome.StartAsync();

        var routine = await home.AskAsync("voice/good NIGHT", "");
        var source = await home.AskAsync("group/party/source", "living\u00A0ROOM");
        var written = await home.AskAsync("group/party/source", "echo:Living  room");
        var nearSource = await home.AskAsync("group/party/source", "Livin room");
        var name = await home.AskAsync("speaker/Emberton II/connected", "ON");
        var nearName = await home.AskAsync("speaker/Embertn II x/connected", "ON");
        var peer = await home.AskAsync("echo/kitchen/bluetooth", "dis\u00ADconnected");

        Assert.Equal((CommandResult.Done, CommandResult.Done, CommandResult.Done, CommandResult.Done), (routine.Result, source.Result, written.Result, peer.Result));
        Assert.Equal("echo:living_room", home.Group("party").Source);
        Assert.Contains("Did you mean \"Living room\"", nearSource.Reason, StringComparison.Ordinal);
        Assert.Contains("That is a name; write the id: emberton.", name.Reason, StringComparison.Ordinal);
        Assert.Contains("Did you mean emberton (\"Emberton II\")?", nearName.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forgetting_and_pairing_again_shows_in_the_state()
    {
        await using var home = await SimulatedHome.StartAsync();

        await home.AskAsync("speaker/emberton/forget", "PRESS");
        var forgotten = home.Speaker("emberton");
        await home.AskAsync("gateway/gw/rescan", "PRESS");
        var paired = await home.AskAsync("speaker/emberton/pair", "PRESS");

        Assert.False(forgotten.Paired);
        Assert.Equal(CommandResult.Done, paired.Result);
        Assert.True(home.Speaker("emberton").Paired);
    }
}
