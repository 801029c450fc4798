using System.Text;

namespace Gateway.Engine;

/// <summary>A plan for people: the verdict first, then why, then what to do; names instead of ids.</summary>
public static class PlanText
{
    public static string Write(Plan plan, House house)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(house);
        var names = new NameBook(house);
        var text = new StringBuilder();
        Verdict(text, plan, names);
        Notices(text, plan.Feasible ? "Because" : "What stands in the way", plan.Blockers);
        Drops(text, plan, names);
        Notices(text, "Mind", plan.Warnings);
        List(text, "Not known", plan.Unknown.Select(u => $"{u.Ask} ({u.Rule})"));
        List(text, "What happens", plan.Steps.Select((s, i) => $"{i + 1}. {Step(s, names)}. {s.Why}"));
        List(text, plan.Feasible ? "Also possible" : "What would work", plan.Alternatives.Select(a => $"{RouteNames.Of(a.Route)}: {a.Needs}"));
        return text.ToString();
    }

    private static void Verdict(StringBuilder text, Plan plan, NameBook names)
    {
        var what = plan.Group is { } group ? names.Group(group) : Names.Join([.. plan.Members.Select(names.Device)]);
        if (!plan.Feasible)
        {
            text.Append("No: ").Append(what).Append(" cannot play together as things are.\n");
            return;
        }

        text.Append("Yes: ").Append(what).Append(" can play together by ").Append(RouteNames.Of(plan.Route));
        if (plan.Source is { } source) text.Append(" from ").Append(names.Source(source));
        text.Append(plan.Automatic == Automation.Yes ? ". The gateway does it all.\n" : ". You have to lend a hand.\n");
        text.Append("Members: ").Append(Names.Join([.. plan.Members.Select(names.Device)])).Append(".\n");
        text.Append("Expected: ").Append(Class(plan)).Append('\n');
    }

    private static string Class(Plan plan) => plan.ExpectedClass switch
    {
        SyncClass.Locked => "locked (within 1 ms), once calibrated.",
        SyncClass.Tight => "tight (under 15 ms).",
        SyncClass.Roomwide => "roomwide (15-28 ms, heard as one).",
        SyncClass.Loose => "loose (28-40 ms, coloured).",
        SyncClass.Smeared => "smeared (40-120 ms).",
        SyncClass.Split => "split (an audible echo).",
        _ => "how far apart is not known until it is measured.",
    };

    private static void Drops(StringBuilder text, Plan plan, NameBook names) =>
        List(text, "This cuts", plan.Drops.Select(d => $"{names.Device(d.Device)}'s link to {names.Device(d.Peer)}"));

    private static void Notices(StringBuilder text, string title, IReadOnlyList<PlanNotice> notices) =>
        List(text, title, notices.Select(n => $"{n.Text} ({n.Rule}) {n.Remedy}"));

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

    private static string Step(PlanStep step, NameBook names)
    {
        var device = names.Device(step.Device);
        var on = step.Adapter is null ? "" : $" on {step.Adapter}";
        var to = step.Peer is null ? "" : $" to {names.Device(step.Peer)}";
        return step.Do switch
        {
            StepKind.Connect => $"Connect {device}{to}{on}",
            StepKind.Disconnect => $"Disconnect {device}{(step.Peer is null ? "" : $" from {names.Device(step.Peer)}")}",
            StepKind.Pair => $"Pair {device}{on}",
            StepKind.CreateWifiGroup => $"Create the Wi-Fi group {names.Group(step.Device)}",
            StepKind.DeleteWifiGroup => $"Delete the Wi-Fi group {names.Group(step.Device)}",
            StepKind.SetAudioOutput => $"Set {device}'s audio output",
            StepKind.SetDelay => $"Delay {device}",
            StepKind.KeepAwake => $"Keep {device} awake",
            StepKind.Calibrate => $"Calibrate {names.Group(step.Device)}",
            StepKind.Start => $"Start {names.Group(step.Device)}",
            StepKind.Stop => $"Stop {names.Group(step.Device)}",
            _ => "Yours to do",
        };
    }
}
