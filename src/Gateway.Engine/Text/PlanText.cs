using System.Diagnostics;
using System.Text;

namespace Gateway.Engine;

/// <summary>A plan for people: two lines that say it all, then why, what happens and what else would work; names instead of ids, rules last.</summary>
public static class PlanText
{
    public static string Write(Plan plan, House house)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(house);
        var names = new NameBook(house);
        var text = new StringBuilder();
        if (plan.Feasible) Yes(text, plan, names);
        else No(text, plan, names);
        Notices(text, plan.Feasible ? "Because" : "What stands in the way", plan.Blockers);
        Members(text, plan, names);
        Drops(text, plan, names);
        Notices(text, "Mind", plan.Warnings);
        List(text, "Not known", plan.Unknown.Select(u => $"{u.Ask} [{u.Rule}]"));
        List(text, "What happens", plan.Steps.Select((s, i) => $"{i + 1}. {Step(s, plan, names)}. {s.Why}"));
        List(text, plan.Feasible ? "Also possible" : "What would work", plan.Alternatives.Select(a => $"{RouteNames.Of(a.Route)}: {a.Needs}"));
        return text.ToString();
    }

    private static string What(Plan plan, NameBook names) => plan.Group is { } group ? names.Group(group) : Names.Join([.. plan.Members.Select(names.Device)]);

    private static void Yes(StringBuilder text, Plan plan, NameBook names)
    {
        var alone = plan is { Group: null, Members.Count: 1 };
        text.Append("Yes: ").Append(What(plan, names)).Append(alone ? " can play by " : " can play together by ").Append(RouteNames.Of(plan.Route));
        if (plan.Source is { } source) text.Append(" from ").Append(names.Source(source));
        text.Append(plan.Automatic == Automation.Yes ? ", and the gateway does it all.\n" : ", and you have to lend a hand (below).\n");
        text.Append("Expected: ").Append(Class(plan)).Append(plan.Drops.Count switch { 0 => " No link is cut.", 1 => " One link is cut.", var n => $" {n} links are cut." }).Append('\n');
    }

    private static void No(StringBuilder text, Plan plan, NameBook names)
    {
        text.Append("No: ").Append(What(plan, names)).Append(plan is { Group: null, Members.Count: 1 } ? " cannot play" : " cannot play together").Append(" as things are.\n");
        // One way to go on, the nearest; where there is none, what the first thing in the way asks for.
        if (plan.Alternatives is [var way, ..]) text.Append("What would work: ").Append(RouteNames.Of(way.Route)).Append(". ").Append(way.Needs).Append('\n');
        else if (plan.Blockers is [var blocker, ..]) text.Append(blocker.Text).Append(' ').Append(blocker.Remedy).Append('\n');
    }

    private static void Members(StringBuilder text, Plan plan, NameBook names)
    {
        if (plan is { Feasible: true, Group: not null }) List(text, "Members", [$"{Names.Join([.. plan.Members.Select(names.Device)])}."]);
    }

    private static string Class(Plan plan) => plan.ExpectedClass switch
    {
        SyncClass.Locked => $"locked (within {SyncLimits.LockedMs} ms), once calibrated.",
        SyncClass.Tight => $"tight (under {SyncLimits.TightMs} ms).",
        SyncClass.Roomwide => $"roomwide ({SyncLimits.TightMs}-{SyncLimits.RoomwideMs} ms, heard as one).",
        SyncClass.Loose => $"loose ({SyncLimits.RoomwideMs}-{SyncLimits.LooseMs} ms, coloured).",
        SyncClass.Smeared => $"smeared ({SyncLimits.LooseMs}-{SyncLimits.SmearedMs} ms).",
        SyncClass.Split => "split (an audible echo).",
        _ => "how far apart is not known until it is measured.",
    };

    private static void Drops(StringBuilder text, Plan plan, NameBook names) =>
        List(text, "This cuts", plan.Drops.Select(d => $"{names.Device(d.Device)}'s link to {names.Device(d.Peer)}"));

    private static void Notices(StringBuilder text, string title, IReadOnlyList<PlanNotice> notices) =>
        List(text, title, notices.Select(n => $"{n.Text} {n.Remedy} [{n.Rule}]"));

    private static void List(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var first = true;
        foreach (var line in lines)
        {
            if (first) text.Append('\n').Append(title).Append(":\n");
            first = false;
            text.Append("  ").Append(line).Append('\n');
        }
    }

    private static string Step(PlanStep step, Plan plan, NameBook names)
    {
        var device = names.Device(step.Device);
        return step switch
        {
            ConnectStep s => $"Connect {device}{(s.Peer is null ? "" : $" to {names.Device(s.Peer)}")}{(s.Adapter is null ? "" : $" on {s.Adapter}")}",
            DisconnectStep s => $"Disconnect {device}{(s.Peer is null ? "" : $" from {names.Device(s.Peer)}")}",
            PairStep s => $"Pair {device}{(s.Adapter is null ? "" : $" on {s.Adapter}")}",
            CreateWifiGroupStep => $"Create the Wi-Fi group {names.Group(step.Device)}",
            SetAudioOutputStep => $"Set {device}'s audio output",
            KeepAwakeStep => $"Keep {device} awake",
            StartStep => $"Start {What(plan, names)}",
            AskUserStep => "Yours to do",
            _ => throw new UnreachableException(),
        };
    }
}
