using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>What is known of a group's sound: a group says that it plays when it is known to.</summary>
internal sealed class GroupSound(LoopContext loop, GroupPlans plans, GroupProblems problems, PendingCommands pending, AlexaGroups alexa, MemberOutputs outputs)
{
    /// <summary>What a device may take until it begins to play what is written to it.</summary>
    public static readonly TimeSpan LongestPriming = TimeSpan.FromSeconds(30);

    /// <summary>A trouble that comes and goes is one event in so long.</summary>
    private static readonly TimeSpan s_toldFor = TimeSpan.FromMinutes(10);

    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    /// <summary>A group that plays needs its source's one stream for itself.</summary>
    public event Action<SourceRef?>? TakesSourceFrom;

    /// <summary>Everything that can be linked is: play on those that are, say which are missing, end the commands.</summary>
    public void Settle(GroupRun run, Plan plan)
    {
        var desired = _desired.Group(run.Group.Id);
        var members = run.Group.Members;
        var present = members.Where(m => plans.IsPresent(m, plan)).ToList();
        if ((run.Request is null || present.Count == 0) && members.Any(_view.IsOutputComing))
        {
            // At first, and after a sound server's restart: nobody sounds, and nobody is missing yet.
            if (!run.IsActive || present.Count == 0) run.Phase = GroupPhase.Priming;
            return;
        }

        NoteMissing(run, [.. members.Except(present)]);
        if (present.Count == 0)
        {
            var why = members.Select(_view.WhyNoOutput).FirstOrDefault(w => w is not null);
            Fail(run, new ProblemDocument($"No member of {run.Group.Name} can be reached.", [], why ?? "Switch the speakers on; they are tried again by themselves."), retry: false);
            return;
        }

        if (AlexaGroups.Plays(plan))
        {
            Settled(run, alexa.IsPlaying(run), alexa.ProblemOf(run, plan), CommandResult.Done);
            return;
        }

        var source = _view.SourceLinkOf(_desired.SourceOf(run.Group));
        TakesSourceFrom?.Invoke(_desired.SourceOf(run.Group));
        var request = new PlaybackRequest(
            run.Group.Id, run.Group.Name, _desired.SourceOf(run.Group), source is null ? null : BluetoothLinks.KeyOf(source.Adapter, source.Address), desired.Muted,
            [.. present.Select(outputs.Of).OfType<PlaybackMember>().Select(m => m.KeepAwake ? m : m with { KeepAwake = GroupPlans.KeepsAwake(plan, m.Speaker) })], [.. run.Missing.Order(StringComparer.Ordinal)])
        {
            SourceName = _desired.SourceOf(run.Group) is { } named ? _view.Shown(named) : null,
        };
        if (!IsTold(run.Request, request))
        {
            (run.Request, run.PrimingSince) = (request, null);
            _playback.Play(request);
        }

        if (_view.Playback.Groups.GetValueOrDefault(run.Group.Id) is not { } playing || !ReferenceEquals(playing.Request, run.Request) || IsPriming(run, playing))
        {
            run.PrimingSince ??= loop.Now;
            if (!run.IsActive) run.Phase = GroupPhase.Priming;
            else if (problems.OfMissing(run) is { } without) (run.Phase, run.Problem) = (GroupPhase.Degraded, without); // that much is known at once
            return;
        }

        var sounds = playing.Source == SourceFlow.Sounding && present.Count == members.Count && members.All(m => GroupProblems.IsRunning(playing, m));
        var closed = plan.Source is not null && playing.Source is SourceFlow.Closed or SourceFlow.Waiting;
        Settled(run, sounds, problems.OfSound(run, plan, playing), closed ? CommandResult.Failed : CommandResult.Done);
    }

    /// <summary>As much as can be brought about is, and known to be: say so, and end the commands.</summary>
    /// <param name="sounds">All that the group shall sound on is known to sound.</param>
    private void Settled(GroupRun run, bool sounds, ProblemDocument? problem, CommandResult result)
    {
        (run.RetryAt, run.PrimingSince) = (null, null);
        run.Backoff.Succeeded();
        run.Phase = sounds ? GroupPhase.Playing : GroupPhase.Degraded;
        run.Problem = problem;
        // A link that was just lost is told by itself: it may be back with the first try.
        if (result == CommandResult.Failed && problem is not null && (run.SourceFailure is not null || _desired.SourceOf(run.Group) is not { Kind: SourceKind.Echo or SourceKind.Phone })) Tell(run, problem, "source");
        pending.End(run, result, problem is null ? null : result == CommandResult.Failed ? $"{problem.Text} {problem.Remedy}".Trim() : problem.Text, problem?.Rules ?? []);
    }

    /// <summary>Playback has been told just this: members and missing ones one by one, and the rest.</summary>
    private static bool IsTold(PlaybackRequest? told, PlaybackRequest request) => told is not null
        && told with { Members = request.Members, Missing = request.Missing } == request && told.Members.SequenceEqual(request.Members) && told.Missing.SequenceEqual(request.Missing);

    /// <summary>It cannot be said yet whether sound goes out.</summary>
    private bool IsPriming(GroupRun run, GroupPlayback playing)
    {
        var waits = playing.Source == SourceFlow.Waiting || (playing.Source == SourceFlow.Closed && playing.SourceProblem is null)
            || run.Request!.Members.Any(m => !GroupProblems.IsRunning(playing, m.Speaker) && !playing.Problems.ContainsKey(m.Speaker));
        return waits && !(run.PrimingSince + LongestPriming <= loop.Now);
    }

    private void NoteMissing(GroupRun run, IReadOnlyList<string> missing)
    {
        var rest = missing.Count < run.Group.Members.Count ? $"; {run.Group.Name} goes on without it." : $", and nobody is left in {run.Group.Name}.";
        foreach (var member in missing.Except(run.Missing).ToList())
        {
            run.Missing.Add(member);
            _journal.Happened(HouseEventType.MemberMissing, $"{_view.NameOf(member)} is missing{rest}", member, null, run.Group.Id);
        }

        foreach (var member in run.Missing.Except(missing).ToList())
        {
            run.Missing.Remove(member);
            _journal.Happened(HouseEventType.MemberBack, $"{_view.NameOf(member)} is back in {run.Group.Name}.", member, null, run.Group.Id);
        }
    }

    public void Fail(GroupRun run, ProblemDocument problem, bool retry)
    {
        Tell(run, problem);
        run.Phase = GroupPhase.Failed;
        run.PrimingSince = null;
        run.Problem = problem;
        run.RetryAt = retry ? loop.Now + run.Backoff.Failed() : null;
        if (run.Request is not null) _playback.Stop(run.Group.Id);
        run.Request = null;
        pending.End(run, CommandResult.Failed, $"{problem.Text} {problem.Remedy}".Trim(), problem.Rules);
    }

    /// <summary>A source that cannot be had now takes the sound away, and not the speakers: the group stays on, and says why it is silent.</summary>
    public Plan WithoutSource(GroupRun run, Plan refused, IReadOnlyList<string> leftAlone, Func<Plan, bool> acceptable)
    {
        if (!run.IsActive || _desired.SourceOf(run.Group) is not { Kind: SourceKind.Echo or SourceKind.Phone } source) return refused;
        var rest = plans.Around(run, null, leftAlone, [], plans.IsMissing, acceptable);
        if (!acceptable(rest) || rest.Route != Route.FanOut) return refused;
        run.SourceFailure = string.Join(" ", refused.Blockers.Select(b => b.Text).Distinct());
        return rest with { Source = source.ToString() };
    }

    /// <summary>Each loss of the source's link is a failed try: one that comes and goes is asked for less and less often.</summary>
    public void WatchSource(GroupRun run)
    {
        var linked = _view.SourceLinkOf(_desired.SourceOf(run.Group)) is not null;
        if (linked && !run.SourceLinked) run.SourceBackoff.Succeeded();
        if (linked) (run.SourceFailure, run.SourceRetryAt) = (null, null);
        else if (run.SourceLinked) run.SourceRetryAt = loop.Now + run.SourceBackoff.Failed();
        run.SourceLinked = linked;
    }

    /// <summary>Taken is not linked: what our own radio does not show has not come about.</summary>
    public void AfterSourceStep(GroupRun run, StepTarget source, StepFailure? failure)
    {
        WatchSource(run);
        if (run.SourceLinked) return;
        run.SourceFailure = failure?.Text ?? $"{source.Name} took the command to connect, and no link from it has come.";
        run.SourceRetryAt = loop.Now + run.SourceBackoff.Failed();
    }

    /// <summary>Troubles are events, and each of them once.</summary>
    /// <param name="what">What it is about, where its words change from try to try; null: its text says it.</param>
    private void Tell(GroupRun run, ProblemDocument problem, string? what = null)
    {
        what ??= problem.Text;
        if (run.Told.TryGetValue(what, out var at) && at + s_toldFor > loop.Now) return;
        foreach (var old in run.Told.Where(t => t.Value + s_toldFor <= loop.Now).ToList()) run.Told.Remove(old.Key);
        run.Told[what] = loop.Now;
        _journal.Happened(HouseEventType.Problem, problem.Text, group: run.Group.Id, rules: [.. problem.Rules]);
    }
}
