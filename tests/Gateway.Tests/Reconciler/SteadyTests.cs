using System.Collections.Concurrent;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Playback.Calibration;
using Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.Tests.Reconciler;

/// <summary>What cannot be had now is told once and tried less and less often; the group stays on meanwhile, and nothing is said that did not happen.</summary>
public sealed class SteadyTests : IDisposable
{
    /// <summary>Several tries of everything: the longest pause between two is shorter.</summary>
    private const double Minutes = 2;
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("tutti-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData("Living room", "Living room")] // in the house, and not paired with the gateway
    [InlineData("file:/nowhere/music.wav", "/nowhere/music.wav")]
    public async Task A_source_that_cannot_be_had_leaves_the_group_on_and_is_told_once(string source, string named)
    {
        await CalibrateOnceAsync();
        await using var home = await SimulatedHome.StartAsync(data: _data);
        await home.AskAsync("group/party/active", "ON");
        home.Events.Clear();
        var actives = Actives(home);

        var end = await home.AskAsync("group/party/source", source);
        await home.PassAsync(TimeSpan.FromMinutes(Minutes));

        Assert.Equal(CommandResult.Failed, end.Result);
        Assert.Contains(named, end.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(false, actives);
        var party = home.Group("party");
        Assert.Equal((GroupPhase.Degraded, true, true), (party.Phase, party.Active, party.Desired));
        Assert.Contains(named, party.Problem!.Text, StringComparison.Ordinal);
        Assert.All(party.Members, m => Assert.True(home.Speaker(m.Id).Connected));
        Assert.Equal(["problem", "source_changed"], What(home).Order());
    }

    [Fact]
    public async Task An_echo_that_goes_off_takes_the_sound_and_not_the_speakers_and_is_taken_up_when_it_is_back()
    {
        await CalibrateOnceAsync();
        await using var home = await SimulatedHome.StartAsync(data: _data);
        await home.AskAsync("group/party/active", "ON");
        home.Events.Clear();
        var actives = Actives(home);

        home.Control("""{"echo":"kitchen","do":"off"}""");
        await home.PassAsync(TimeSpan.FromMinutes(Minutes));
        var silent = home.Group("party");
        home.Control("""{"echo":"kitchen","do":"on"}""");
        await home.UntilAsync("the party to play again", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);

        Assert.Equal((GroupPhase.Degraded, true), (silent.Phase, silent.Active));
        Assert.Contains("Kitchen is offline", silent.Problem!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(false, actives);
        Assert.Null(home.Group("party").Problem);
        Assert.All(["link_lost", "problem"], type => Assert.InRange(What(home).Count(t => t == type), 0, 1));
        Assert.DoesNotContain("needs_calibration", What(home));
    }

    [Fact]
    public async Task A_phone_that_is_the_source_is_called_once_and_played()
    {
        await using var home = await SimulatedHome.StartAsync("""
            speakers: [{id: a, name: A, model: Emberton II, address: "00:11:22:00:00:01"}]
            groups: [{id: party, name: Party, members: [a], source: "phone:00:11:22:00:00:09"}]
            """);

        var end = await home.AskAsync("group/party/active", "ON");
        await home.PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((CommandResult.Done, null), (end.Result, end.Reason));
        Assert.Equal(GroupPhase.Playing, home.Group("party").Phase);
        Assert.Empty(What(home));
    }

    [Fact]
    public async Task A_speaker_that_stays_off_is_missed_once()
    {
        await CalibrateOnceAsync();
        await using var home = await SimulatedHome.StartAsync(data: _data);
        await home.AskAsync("group/party/active", "ON");
        home.Events.Clear();
        var actives = Actives(home);

        home.Control("""{"speaker":"flip_b","do":"off"}""");
        await home.PassAsync(TimeSpan.FromMinutes(Minutes));

        Assert.Equal(["link_lost", "member_missing"], What(home).Order());
        Assert.DoesNotContain(false, actives);
    }

    [Fact]
    public async Task Only_a_link_that_is_new_needs_a_calibration()
    {
        await CalibrateOnceAsync();
        await using var home = await SimulatedHome.StartAsync(data: _data);
        await home.AskAsync("speaker/flip_a/connected", "ON"); // stays linked when the group goes off
        await home.AskAsync("group/party/active", "ON");
        var first = Calibrations(home);
        await home.AskAsync("group/party/active", "OFF");
        await home.AskAsync("group/party/active", "ON");
        await home.UntilAsync("the party to play", s => s.Groups.Single(g => g.Id == "party").Phase == GroupPhase.Playing);

        Assert.Equal(["emberton", "flip_a", "flip_b", "wonderboom"], first.Order());
        Assert.Equal(["emberton", "flip_b", "wonderboom"], Calibrations(home).Skip(4).Order());
    }

    private static List<string> Calibrations(SimulatedHome home) => [.. home.Events.Where(e => e.EventType == HouseEventType.NeedsCalibration).Select(e => e.Device!)];

    private static List<string> What(SimulatedHome home) => [.. home.Events.Select(e => Words.Of(e.EventType))];

    private static ConcurrentBag<bool> Actives(SimulatedHome home)
    {
        var actives = new ConcurrentBag<bool>();
        home.Hub.Changed += s => actives.Add(s.Groups.Single(g => g.Id == "party").Active);
        return actives;
    }

    /// <summary>Leaves on the disk what an earlier calibration of the party leaves: a latency for each speaker at the place where it will be linked.</summary>
    private async Task CalibrateOnceAsync()
    {
        List<(PlaybackMember, LearnedLatency)> learned;
        await using (var home = await SimulatedHome.StartAsync(data: _data))
        {
            await home.AskAsync("group/party/active", "ON");
            learned = [.. home.Group("party").Members.Select(m => home.Speaker(m.Id)).Select(s => (
                new PlaybackMember(s.Id, s.Name, new OutputRef("bluez", s.Id, $"{home.Hub.Current!.Adapters.Single(a => a.Id == s.Adapter).Address}|{s.Codec}|own"), 0), new LearnedLatency(200, 16, default)))];
            await home.AskAsync("group/party/active", "OFF");
        }

        using var store = Store.Open(_data.FullName, new FakeTimeProvider());
        var kept = new LatencyStore(store, NullLogger.Instance);
        kept.Keep(learned);
        await kept.Written;
    }
}
