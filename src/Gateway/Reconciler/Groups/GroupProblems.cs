using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>What stands in a group's way, in words. Reads only.</summary>
internal sealed class GroupProblems(HouseView view, DesiredState desired, AlexaGroups alexa)
{
    public static ProblemDocument Of(GroupRun run, Plan plan)
    {
        // What only repeats a blocker's remedy is no other way.
        var alternatives = plan.Alternatives.Where(a => plan.Blockers.All(b => b.Remedy != a.Needs)).Select(a => $"{RouteNames.Of(a.Route)}: {a.Needs.TrimEnd('.')}").ToList();
        var instead = alternatives.Count == 0 ? "" : $" What would work instead: {string.Join("; ", alternatives)}.";
        if (!plan.Feasible)
        {
            return new ProblemDocument(
                $"{run.Group.Name} cannot play: {string.Join(" ", plan.Blockers.Select(b => b.Text).Distinct())}", [.. PlanNotices.RulesOf(plan.Blockers)],
                string.Join(" ", plan.Blockers.Select(b => b.Remedy).Distinct()) + instead);
        }

        var asked = plan.Steps.OfType<AskUserStep>().ToList();
        return new ProblemDocument(
            $"{run.Group.Name} needs you first (route {RouteNames.Of(plan.Route)}).", [.. PlanNotices.RulesOf(plan.Warnings)],
            string.Join(" ", asked.Select(s => s.Why)) + instead);
    }

    /// <summary>Links alone sound nowhere: where a sound server has Bluetooth's sound, the gateway plays nothing, and must not say that it does. Null: it can play.</summary>
    public ProblemDocument? SilentRoute(GroupRun run, Plan plan) => plan.Route is Route.FanOut or Route.Mixed && run.Group.Members.FirstOrDefault(m => view.OutputRefusalOf(m) is not null) is { } member
        ? new ProblemDocument(
            $"{run.Group.Name} would stay silent: {view.OutputRefusalOf(member)}.",
            [], view.OutputRemedyOf(member) ?? "Set bluetooth.audio: own and keep the sound server away from the adapter (docs/bluetooth.md).")
        : alexa.OutOfReach(run, plan);

    /// <summary>All that keeps the sound from somebody, the source first; else what keeps it from being in time for certain; null: nothing.</summary>
    public ProblemDocument? OfSound(GroupRun run, Plan plan, GroupPlayback playing)
    {
        var problems = new List<ProblemDocument>();
        if (OfSource(run, plan, playing) is { } source) problems.Add(source);
        if (OfMissing(run) is { } missing) problems.Add(missing);
        var refused = run.Group.Members.Except(run.Missing).Where(m => !IsRunning(playing, m)).Select(m => playing.Problems.GetValueOrDefault(m) ?? view.WhyNoOutput(m) ?? $"{view.NameOf(m)} takes no sound.").Distinct().ToList();
        if (refused.Count > 0) problems.Add(new ProblemDocument(string.Join(" ", refused), [], "It is tried again by itself."));
        if (problems.Count == 0 && playing.Unheard.Count > 0)
        {
            problems.Add(new ProblemDocument(
                $"How well {run.Group.Name} is in time is not known: {string.Join(", ", playing.Unheard)} should have been heard while it plays, and {(playing.Unheard.Count == 1 ? "was" : "were")} not.", [],
                "Press Calibrate; or let the microphone hear all speakers again, and it is known by itself."));
        }

        return problems.Count == 0 ? null : new ProblemDocument(string.Join(" ", problems.Select(p => p.Text)), [], string.Join(" ", problems.Select(p => p.Remedy).Distinct()));
    }

    public ProblemDocument? OfMissing(GroupRun run) => run.Missing.Count == 0
        ? null
        : new ProblemDocument($"{run.Group.Name} plays without {string.Join(", ", run.Missing.Select(view.NameOf))}.", [],
            run.Missing.Select(view.WhyNoOutput).FirstOrDefault(w => w is not null) ?? "Switch the speaker on or bring it within reach: it joins by itself.");

    private ProblemDocument? OfSource(GroupRun run, Plan plan, GroupPlayback playing)
    {
        if (playing.Source == SourceFlow.Sounding) return null;
        if (plan.Source is null) return new ProblemDocument($"{run.Group.Name} is linked but has no source.", [], "Choose one with its Source.");
        var name = desired.SourceOf(run.Group) is { } source ? view.Shown(source) : "The source";
        if (playing is { Source: SourceFlow.Quiet, SourceProblem: null })
        {
            return new ProblemDocument($"{run.Group.Name} is silent: nothing comes from {name}.", [], desired.SourceOf(run.Group) switch
            {
                { Kind: SourceKind.Echo } => $"Say \"Alexa, play …\" to {name}, or choose another Source.",
                { Kind: SourceKind.Phone } => "Play something on it, or choose another Source.",
                { Kind: SourceKind.LineIn } => "Play something into it, and see that it is not muted in the sound server; or choose another Source.",
                _ => "Choose another Source.",
            });
        }

        var why = run.SourceFailure ?? playing.SourceProblem ?? $"nothing is known yet of what comes from {name}.";
        return new ProblemDocument($"{run.Group.Name} is silent: {why}", [], "Choose another Source, or wait: it is tried again by itself, less and less often.");
    }

    public static bool IsRunning(GroupPlayback playing, string member) => playing.Sounding.GetValueOrDefault(member)?.IsRunning == true;
}
