using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;

namespace Gateway.Reconciler;

/// <summary>What is known of a group's sound, and what stands in its way: a group says that it plays when it is known to.</summary>
internal sealed partial class Reconciler
{
    /// <summary>What a device may take until it begins to play what is written to it.</summary>
    private static readonly TimeSpan s_longestPriming = TimeSpan.FromSeconds(30);

    /// <summary>A trouble that comes and goes is one event in so long.</summary>
    private static readonly TimeSpan s_toldFor = TimeSpan.FromMinutes(10);

    /// <summary>A source that cannot be had now takes the sound away, and not the speakers: the group stays on, and says why it is silent.</summary>
    private Plan WithoutSource(GroupRun run, Plan refused, IReadOnlyList<string> leftAlone, Func<Plan, bool> acceptable)
    {
        if (!IsActive(run) || SourceOf(run) is not { Kind: SourceKind.Echo or SourceKind.Phone } source) return refused;
        var rest = PlanAround(run, null, leftAlone, [], IsMissing, acceptable);
        if (!acceptable(rest) || rest.Route != Route.FanOut) return refused;
        run.SourceFailure = string.Join(" ", refused.Blockers.Select(b => b.Text).Distinct());
        return rest with { Source = source.ToString() };
    }

    /// <summary>Each loss of the source's link is a failed try: one that comes and goes is asked for less and less often.</summary>
    private void WatchSource(GroupRun run)
    {
        var linked = SourceLinkOf(SourceOf(run)) is not null;
        if (linked && !run.SourceLinked) run.SourceBackoff.Succeeded();
        if (linked) (run.SourceFailure, run.SourceRetryAt) = (null, null);
        else if (run.SourceLinked) run.SourceRetryAt = Now + run.SourceBackoff.Failed();
        run.SourceLinked = linked;
    }

    /// <summary>Taken is not linked: what our own radio does not show has not come about.</summary>
    private void AfterSourceStep(GroupRun run, StepTarget source, StepFailure? failure)
    {
        WatchSource(run);
        if (run.SourceLinked) return;
        run.SourceFailure = failure?.Text ?? $"{source.Name} took the command to connect, and no link from it has come.";
        run.SourceRetryAt = Now + run.SourceBackoff.Failed();
    }

    /// <summary>As much as can be brought about is, and known to be: say so, and end the commands.</summary>
    /// <param name="sounds">All that the group shall sound on is known to sound.</param>
    private void Settled(GroupRun run, bool sounds, ProblemDocument? problem, CommandResult result)
    {
        (run.RetryAt, run.PrimingSince) = (null, null);
        run.Backoff.Succeeded();
        run.Phase = sounds ? "playing" : "degraded";
        run.Problem = problem;
        // A link that was just lost is told by itself: it may be back with the first try.
        if (result == CommandResult.Failed && problem is not null && (run.SourceFailure is not null || SourceOf(run) is not { Kind: SourceKind.Echo or SourceKind.Phone })) Tell(run, problem, "source");
        EndPending(run, result, problem is null ? null : result == CommandResult.Failed ? $"{problem.Text} {problem.Remedy}".Trim() : problem.Text, problem?.Rules ?? []);
    }

    /// <summary>It cannot be said yet whether sound goes out.</summary>
    private bool IsPriming(GroupRun run, GroupPlayback playing)
    {
        var waits = playing.Source == SourceFlow.Waiting || (playing.Source == SourceFlow.Closed && playing.SourceProblem is null)
            || run.Request!.Members.Any(m => !IsRunning(playing, m.Speaker) && !playing.Problems.ContainsKey(m.Speaker));
        return waits && !(run.PrimingSince + s_longestPriming <= Now);
    }

    private static bool IsRunning(GroupPlayback playing, string member) => playing.Sounding.GetValueOrDefault(member)?.IsRunning == true;

    /// <summary>All that keeps the sound from somebody, the source first; else what keeps it from being in time for certain; null: nothing.</summary>
    private ProblemDocument? PlaybackProblem(GroupRun run, Plan plan, GroupPlayback playing)
    {
        var problems = new List<ProblemDocument>();
        if (SourceProblem(run, plan, playing) is { } source) problems.Add(source);
        if (MissingProblem(run) is { } missing) problems.Add(missing);
        var refused = run.Group.Members.Except(run.Missing).Where(m => !IsRunning(playing, m)).Select(m => playing.Problems.GetValueOrDefault(m, $"{NameOf(m)} takes no sound.")).Distinct().ToList();
        if (refused.Count > 0) problems.Add(new ProblemDocument(string.Join(" ", refused), [], "It is tried again by itself."));
        if (problems.Count == 0 && playing.Unheard.Count > 0)
        {
            problems.Add(new ProblemDocument(
                $"How well {run.Group.Name} is in time is not known: {string.Join(", ", playing.Unheard)} should have been heard while it plays, and {(playing.Unheard.Count == 1 ? "was" : "were")} not.", [],
                "Press Calibrate; or let the microphone hear all speakers again, and it is known by itself."));
        }

        return problems.Count == 0 ? null : new ProblemDocument(string.Join(" ", problems.Select(p => p.Text)), [], string.Join(" ", problems.Select(p => p.Remedy).Distinct()));
    }

    private ProblemDocument? MissingProblem(GroupRun run) => run.Missing.Count == 0
        ? null
        : new ProblemDocument($"{run.Group.Name} plays without {string.Join(", ", run.Missing.Select(NameOf))}.", [], "Switch the speaker on or bring it within reach: it joins by itself.");

    private ProblemDocument? SourceProblem(GroupRun run, Plan plan, GroupPlayback playing)
    {
        if (playing.Source == SourceFlow.Sounding) return null;
        if (plan.Source is null) return new ProblemDocument($"{run.Group.Name} is linked but has no source.", [], "Choose one with its Source.");
        var name = SourceOf(run) is { } source ? Shown(source) : "The source";
        if (playing.Source == SourceFlow.Quiet)
        {
            return new ProblemDocument($"{run.Group.Name} is silent: nothing comes from {name}.", [], SourceOf(run) switch
            {
                { Kind: SourceKind.Echo } => $"Say \"Alexa, play …\" to {name}, or choose another Source.",
                { Kind: SourceKind.Phone } => "Play something on it, or choose another Source.",
                _ => "Choose another Source.",
            });
        }

        var why = run.SourceFailure ?? playing.SourceProblem ?? $"nothing is known yet of what comes from {name}.";
        return new ProblemDocument($"{run.Group.Name} is silent: {why}", [], "Choose another Source, or wait: it is tried again by itself, less and less often.");
    }

    /// <summary>Troubles are events, and each of them once.</summary>
    /// <param name="what">What it is about, where its words change from try to try; null: its text says it.</param>
    private void Tell(GroupRun run, ProblemDocument problem, string? what = null)
    {
        what ??= problem.Text;
        if (run.Told.TryGetValue(what, out var at) && at + s_toldFor > Now) return;
        foreach (var old in run.Told.Where(t => t.Value + s_toldFor <= Now).ToList()) run.Told.Remove(old.Key);
        run.Told[what] = Now;
        Happened("problem", problem.Text, group: run.Group.Id, rules: [.. problem.Rules]);
    }
}
