using System.Globalization;
using System.Text.Json;
using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.Engine;
using Gateway.House;

namespace Gateway.Demo;

/// <summary>The gateway's documents in the words of a person who watches the house. Pure.</summary>
internal static class DemoSentences
{
    /// <summary>What a change of a state means to the house; empty: nothing by itself, an event or an answer tells it.</summary>
    public static IEnumerable<(string Text, Tone Tone)> Changes(string kind, JsonElement before, JsonElement now, DemoNames names)
    {
        switch (kind)
        {
            case "speaker" when Changed(before, now, "link"):
                if (now.Word<SpeakerLink>("link") == SpeakerLink.Connected) yield return ($"connected on {names.Of(now.Text("adapter") ?? "an adapter")}", Tone.Plain);
                else if (now.Word<SpeakerLink>("link") == SpeakerLink.HeldElsewhere) yield return ("held by another device", Tone.Bad);
                break;
            case "echo":
                if (Changed(before, now, "online") && Online(now) is { } online) yield return (online, Tone.Plain);
                if (Link(before) != Link(now) && Link(now) is { } link) yield return (link, Tone.Plain);
                break;
            case "transmitter" when Slots(before) != Slots(now) || Changed(before, now, "fed_by"):
                yield return ($"fed by {(now.Text("fed_by") is { } feeder ? names.Of(feeder) : "nobody")}, feeds {Slots(now)}", Tone.Plain);
                break;
            case "group":
                // From degraded the event "member_back" leads to playing.
                if (Changed(before, now, "phase") && now.Word<GroupPhase>("phase") == GroupPhase.Playing && before.Word<GroupPhase>("phase") != GroupPhase.Degraded) yield return (Plays(now, names), Tone.Good);
                else if (Changed(before, now, "phase") && now.Word<GroupPhase>("phase") == GroupPhase.Off) yield return ("off", Tone.Plain);
                if (Class(now) is { } named && named != Class(before)) yield return ($"{named}, {Spread(now)}", named == Words.Of(SyncClass.Locked) ? Tone.Good : Tone.Plain);
                break;
        }
    }

    /// <summary>A command's answer; null: only its end is worth a line.</summary>
    /// <param name="state">The device's last; no object: none was seen.</param>
    public static string? Answer(JsonElement answer, JsonElement state, DemoNames names)
    {
        var what = $"{answer.Text("command")} {answer.Text("value")}".Trim();
        var reason = answer.Text("reason");
        var plan = answer.Member("plan");
        switch (answer.Word<CommandResult>("result"))
        {
            case CommandResult.Accepted when plan.Text("route") is { } route:
                var drops = answer.Items("drops").Select(d => $"{names.Of(d.Text("device") ?? "?")}'s link to {names.Of(d.Text("peer") ?? "?")}").ToList();
                return $"accepted, by {route}{(plan.Text("source") is { } source ? $" from {names.Source(source)}" : "")}; {(drops.Count == 0 ? "no link is cut" : $"this cuts {DemoNames.Join(drops)}")}";
            case CommandResult.Accepted: return null;
            case CommandResult.Done when reason is null && what == "active ON" && state.Word<GroupPhase>("phase") == GroupPhase.Playing: return Plays(state, names);
            case CommandResult.Done: return reason ?? Done(answer.Text("command")?.Replace('_', ' '), answer.Text("value"));
            default: return $"{answer.Text("result")}: {reason ?? what}";
        }
    }

    private static string Done(string? command, string? value) => value switch
    {
        "ON" or "OFF" => $"{command} is {value.ToLowerInvariant()}",
        null or "" or "PRESS" => $"{command} is done",
        _ => $"{command} {value} is done",
    };

    /// <summary>For <c>--json</c>: what a person would notice of a state.</summary>
    public static string Summary(string kind, JsonElement root) => kind switch
    {
        "group" => $"{root.Text("phase")}{With(" via ", root.Text("route"))}{With(", source ", root.Text("source"))}{(Class(root) is { } named ? $", sync {named}" : "")}{Members(root)}",
        "speaker" => $"{root.Text("link")}{(root.Flag("paired") == false ? ", not paired" : "")}{With(" on ", root.Text("adapter"))}",
        "echo" => $"{(root.Flag("online") switch { true => "online", false => "offline", null => "online unknown" })}, Bluetooth {root.Member("bluetooth").Text("state") ?? "unknown"}{With(" with ", Peer(root))}",
        "adapter" => $"{root.Number("streams_used")} of {root.Number("streams_max")} streams",
        "transmitter" => $"fed by {root.Text("fed_by") ?? "nobody"}, slots {Slots(root)}",
        _ => $"version {root.Text("version")}",
    };

    public static string AnswerSummary(JsonElement answer) => $"{answer.Text("command")} {answer.Text("value")} {answer.Text("result")}{With(": ", answer.Text("reason"))}";

    private static string Plays(JsonElement group, DemoNames names)
    {
        var playing = group.Items("members").Where(m => m.Word<MemberState>("state") == MemberState.Playing).Select(m => names.Of(m.Text("id") ?? "?")).ToList();
        return $"plays on {DemoNames.Join(playing)}; {(Class(group) is { } named ? $"{named}, {Spread(group)}" : "how far apart is not measured")}";
    }

    private static bool Changed(JsonElement before, JsonElement now, string member) => before.Text(member) != now.Text(member) || before.Flag(member) != now.Flag(member);

    private static string? Online(JsonElement echo) => echo.Flag("online") switch { true => "online", false => "offline", null => null };

    private static string? Link(JsonElement echo) => echo.Member("bluetooth").Word<EchoLinkState>("state") switch
    {
        EchoLinkState.Connected => $"{(echo.Member("bluetooth").Word<LinkRole>("role") == LinkRole.ReceivesFrom ? "receives from" : "plays to")} {Peer(echo) ?? "somebody"}",
        EchoLinkState.Disconnected => "no Bluetooth link any more",
        _ => null,
    };

    private static string? Peer(JsonElement echo) => echo.Member("bluetooth").Member("peer").Text("name");

    private static string Slots(JsonElement transmitter) => string.Join(", ", transmitter.Items("slots").Select(s => s.ValueKind == JsonValueKind.String ? s.GetString() : "empty"));

    private static string? Class(JsonElement group) => group.Word<GroupPhase>("phase") is GroupPhase.Playing or GroupPhase.Degraded ? group.Member("sync").Text("class") : null;

    private static string Spread(JsonElement group) =>
        group.Member("sync").Number("spread_ms") is { } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} ms apart") : "how far apart is unknown";

    private static string Members(JsonElement group) =>
        With("; ", string.Join("; ", group.Items("members").Where(m => m.Text("state") is not null).GroupBy(m => m.Text("state")!).Select(g => $"{g.Key} {string.Join(' ', g.Select(m => m.Text("id")))}")));

    private static string With(string before, string? text) => string.IsNullOrEmpty(text) ? "" : before + text;
}
