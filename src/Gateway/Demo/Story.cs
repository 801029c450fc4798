using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Gateway.Cli.Client;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Timing;

namespace Gateway.Demo;

/// <summary>
/// Not a script of results: ordinary commands over MQTT, each sent when the answer to the one before is there. What the
/// house has decides what is asked of it.
/// </summary>
internal sealed class Story(TuttiConfiguration configuration, Teller teller, Watcher watcher)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly Channel<Seen> _seen = Channel.CreateBounded<Seen>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ConcurrentDictionary<string, Seen> _states = new(StringComparer.Ordinal);
    private readonly string _base = configuration.Mqtt.BaseTopic;

    public async Task TellAsync(CancellationToken cancellationToken)
    {
        teller.Told += seen => _seen.Writer.TryWrite(seen);
        teller.Told += Remember;
        if (Party() is not { } party)
        {
            teller.Say("this house has no group of speakers: send your own commands");
            return;
        }

        await UntilAsync($"the group {party.Name} to appear", s => s.Topic == $"{_base}/group/{party.Id}/state", cancellationToken);
        await AskAsync($"group/{party.Id}/active", "ON", $"switch {party.Name} on: {party.Members.Count} members, fed by {(party.Source is { } source ? new DemoNames(configuration.House).Source(source.ToString()) : "no source")}", cancellationToken);
        await UntilAllPlayAsync(party, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        await CalibrateAsync(party, $"press Calibrate: each speaker of {party.Name} plays its own noise, the microphone listens", cancellationToken);
        if (Impossible() is { } impossible) await AskAsync($"group/{impossible.Id}/active", "ON", $"ask for what cannot work: {impossible.Name}", cancellationToken);
        await UntilLockedAsync(party, cancellationToken);
        if (party.Members.FirstOrDefault(m => configuration.House.Speakers.Any(s => s.Id == m)) is { } speaker)
        {
            await SwitchOffAndOnAsync(party, speaker, cancellationToken);
            await CalibrateAsync(party, "its latency is another one now: calibrate again", cancellationToken);
            await UntilLockedAsync(party, cancellationToken);
        }

        if (configuration.House.Routines.Count > 0)
        {
            var routine = configuration.House.Routines[0];
            await AskAsync($"voice/{routine.Id}", "", $"run the routine \"{routine.Name}\" as a voice assistant would", cancellationToken);
        }

        teller.Say("the story is over; the house goes on and takes your commands");
    }

    private async Task SwitchOffAndOnAsync(ConfiguredGroup party, string speaker, CancellationToken cancellationToken)
    {
        var name = configuration.House.Speakers.First(s => s.Id == speaker).Name;
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        await ControlAsync(speaker, "off", $"somebody switches {name} off", cancellationToken);
        await UntilAsync($"{party.Name} to notice", s => IsEvent(s, HouseEventType.MemberMissing, speaker), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        await ControlAsync(speaker, "on", $"and on again", cancellationToken);
        await UntilAsync($"{name} to be back", s => IsEvent(s, HouseEventType.MemberBack, speaker), cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
    }

    /// <summary>Who comes late is measured too.</summary>
    private Task UntilAllPlayAsync(ConfiguredGroup party, CancellationToken cancellationToken)
    {
        var topic = $"{_base}/group/{party.Id}/state";
        return IsPlaying(_states.GetValueOrDefault(topic)) ? Task.CompletedTask : UntilAsync($"all of {party.Name} to play", s => s.Topic == topic && IsPlaying(s), cancellationToken);
    }

    private static bool IsPlaying(Seen? state) => state is not null && Member(state, "phase") == Words.Of(GroupPhase.Playing);

    private void Remember(Seen seen)
    {
        if (seen.Topic.EndsWith("/state", StringComparison.Ordinal)) _states[seen.Topic] = seen;
    }

    private Task CalibrateAsync(ConfiguredGroup party, string text, CancellationToken cancellationToken) =>
        configuration.Audio.Microphone is null ? Task.CompletedTask : AskAsync($"group/{party.Id}/calibrate", "PRESS", text, cancellationToken);

    private Task UntilLockedAsync(ConfiguredGroup party, CancellationToken cancellationToken) => configuration.Audio.Microphone is null
        ? Task.CompletedTask
        : UntilAsync($"{party.Name} to be locked", s => s.Topic == $"{_base}/group/{party.Id}/state" && ClassOf(s) == Words.Of(SyncClass.Locked), cancellationToken);

    private static string? ClassOf(Seen state)
    {
        using var document = JsonDocument.Parse(state.Payload);
        return document.RootElement.GetProperty("sync").GetProperty("class").GetString();
    }

    private async Task AskAsync(string target, string payload, string text, CancellationToken cancellationToken)
    {
        var topic = target.StartsWith("voice/", StringComparison.Ordinal) ? $"{_base}/{target}" : $"{_base}/{target}/set";
        teller.Say(text, $"{topic} {payload}".TrimEnd());
        await watcher.SendAsync(topic, payload, cancellationToken);
        await UntilAsync("an answer", s => IsEnd(s, topic), cancellationToken);
    }

    private async Task ControlAsync(string speaker, string what, string text, CancellationToken cancellationToken)
    {
        var payload = $$"""{"speaker":"{{speaker}}","do":"{{what}}"}""";
        teller.Say(text, $"tutti-sim/control {payload}");
        await watcher.SendAsync("tutti-sim/control", payload, cancellationToken);
    }

    private async Task UntilAsync(string what, Func<Seen, bool> condition, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        var waiting = WaitAsync();
        await waiting.Ended();
        if (waiting.IsCanceled && !cancellationToken.IsCancellationRequested) teller.Say($"waited {s_patience.TotalSeconds:0} s for {what} in vain");
        else await waiting;

        async Task WaitAsync()
        {
            while (!condition(await _seen.Reader.ReadAsync(patience.Token)))
            {
            }
        }
    }

    private bool IsEnd(Seen seen, string topic) =>
        seen.Topic == $"{_base}/response" && Member(seen, "topic") == topic && Words.Read<CommandResult>(Member(seen, "result")) is not (null or CommandResult.Accepted);

    private bool IsEvent(Seen seen, HouseEventType type, string device) =>
        seen.Topic == $"{_base}/event" && Words.Read<HouseEventType>(Member(seen, "event_type")) == type && Member(seen, "device") == device;

    private static string? Member(Seen seen, string name) => ForeignJson.TryParse(seen.Payload)?.Text(name);

    /// <summary>The largest group of speakers: the party.</summary>
    private ConfiguredGroup? Party() => configuration.House.Groups
        .Where(g => g.Members.Any(m => configuration.House.Speakers.Any(s => s.Id == m)) && g.Route is null)
        .MaxBy(g => g.Members.Count);

    /// <summary>A group that the planner refuses in this house.</summary>
    private ConfiguredGroup? Impossible() => configuration.House.Groups.FirstOrDefault(g =>
        !Planner.Plan(new Engine.House(configuration.House, HouseObservation.Nothing, CatalogueLoader.BuiltIn),
            new PlanRequest { Group = g.Id, Members = g.Members, Source = g.Source, ForcedRoute = g.Route }).Feasible);
}
