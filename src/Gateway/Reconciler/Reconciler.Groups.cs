using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.Playback;

namespace Gateway.Reconciler;

/// <summary>
/// Brings each group to what was asked. Invariant: of itself the loop never cuts a link; only what an accepted command
/// announced in its drops is ever cut, so that a house and its people are not fought.
/// </summary>
internal sealed partial class Reconciler
{
    /// <summary>What a device may take until it begins to play what is written to it.</summary>
    private static readonly TimeSpan s_longestPriming = TimeSpan.FromSeconds(30);

    /// <summary>A trouble that comes and goes is one event in so long.</summary>
    private static readonly TimeSpan s_toldFor = TimeSpan.FromMinutes(10);

    private void ConvergeGroup(GroupRun run)
    {
        if (run.Operation is not null) return;
        if (run.AnnouncedUntil <= Now) ForgetAnnounced(run);
        if (!_desired.Group(run.Group.Id).Active)
        {
            if (run.Phase != "off") TakeDown(run);
            else if (run.Pending.Count > 0) EndPending(run, CommandResult.Done, null, []);
            return;
        }

        if (run.RetryAt is { } at && Now < at) return;
        // A group that gives way goes first: its links are this group's to use.
        if (_groups.Values.Any(g => g != run && g.Phase != "off" && !_desired.Group(g.Group.Id).Active && g.Group.Members.Intersect(run.Group.Members).Any())) return;
        if (ReleaseFormerSource(run)) return;
        WatchSource(run);
        var leftAlone = LeftAlone(run.Group.Members, commanded: false);
        var plan = PlanAround(run, SourceOf(run), leftAlone, [], IsMissing, Acceptable);
        Approach(run, IsAutomatic(plan) ? plan : WithoutSource(run, plan, leftAlone, Acceptable));

        bool Acceptable(Plan plan) => IsAutomatic(plan) && plan.Drops.All(run.AnnouncedDrops.Contains);
    }

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

    /// <summary>Echos that were the source before a change are let go, each until it really is.</summary>
    private bool ReleaseFormerSource(GroupRun run)
    {
        if (run.FormerSourceEchoes.Count == 0) return false;
        var former = run.FormerSourceEchoes.First();
        if (ReleaseOf(former, run) is { } release)
        {
            Operate(run, [release], _ => run.FormerSourceEchoes.Remove(former));
            return true;
        }

        run.FormerSourceEchoes.Remove(former);
        return ReleaseFormerSource(run);
    }

    private static bool IsAutomatic(Plan plan) => plan is { Feasible: true, Automatic: Automation.Yes };

    /// <summary>Not to be had right now: a speaker without a link, an Echo that is offline.</summary>
    private bool IsMissing(string member) => _registry.SerialOf(member) is not null ? DeviceOfEcho(member)?.Online == false : ConnectedRadioOf(member) is null;

    /// <summary>The plan of all, else, where that cannot be, of those who are there: one member's trouble must not silence the others.</summary>
    private Plan PlanAround(
        GroupRun run, SourceRef? source, IReadOnlyList<string> leftAlone, IReadOnlyList<GroupRun> givingWay, Func<string, bool> away, Func<Plan, bool> acceptable)
    {
        var whole = PlanFor(run, source, leftAlone, givingWay);
        if (acceptable(whole)) return whole;
        List<string> without = [.. leftAlone, .. run.Group.Members.Except(leftAlone).Where(away)];
        if (without.Count == leftAlone.Count || without.Count == run.Group.Members.Count) return whole;
        var rest = PlanFor(run, source, without, givingWay);
        return acceptable(rest) ? rest : whole;
    }

    private void Approach(GroupRun run, Plan plan)
    {
        run.Plan = plan;
        if (!IsAutomatic(plan))
        {
            Fail(run, ProblemOf(run, plan), retry: false);
            return;
        }

        if (SilentRoute(run, plan) is { } silent)
        {
            Fail(run, silent, retry: false);
            return;
        }

        var unannounced = plan.Drops.Where(d => !run.AnnouncedDrops.Contains(d)).ToList();
        if (unannounced.Count > 0)
        {
            var text = string.Join(" ", unannounced.Select(d => $"{NameOf(d.Device)} is now linked with {NameOf(d.Peer)}."));
            Fail(run, new ProblemDocument($"{run.Group.Name} lost its place: {text}", ["L1", "L2"], $"Switch {run.Group.Name} on again to take it back."), retry: false);
            return;
        }

        var steps = plan.Steps.Where(s => IsOurs(s) && IsDue(s, run)).Select(s => TargetOf(s, run)).ToList();
        if (steps.Count == 0)
        {
            Settle(run, plan);
            return;
        }

        run.PrimingSince = null;
        if (_bluetooth.Problem is { } problem && steps.Any(s => s.Step.Do is StepKind.Connect or StepKind.Pair))
        {
            Fail(run, new ProblemDocument(problem, [], "It goes on by itself once Bluetooth is back."), retry: false);
            return;
        }

        if (run.Phase is "off" or "planning" or "failed") run.Phase = "connecting";
        foreach (var drop in plan.Drops)
        {
            if (_echoes.TryGetValue(drop.Device, out var echo)) (echo.Replacing, echo.DisconnectExpected) = (drop.Peer, true);
            if (_speakers.TryGetValue(drop.Device, out var speaker)) speaker.DisconnectExpected = true;
        }

        foreach (var step in steps) if (_speakers.TryGetValue(step.Step.Device, out var speaker)) speaker.Connecting = true;
        Operate(run, steps, failures => AfterSteps(run, steps, failures));
    }

    private void AfterSteps(GroupRun run, IReadOnlyList<StepTarget> steps, IReadOnlyList<StepFailure> failures)
    {
        foreach (var failure in failures.Where(f => !f.Target.IsForSource)) NoteFailure(failure);
        if (steps.FirstOrDefault(s => s.IsForSource) is { } source) AfterSourceStep(run, source, failures.FirstOrDefault(f => f.Target.IsForSource));
        foreach (var step in steps.Where(s => s.Step.Do is StepKind.SetAudioOutput or StepKind.CreateWifiGroup && failures.All(f => f.Target != s))) run.Unseen.Add(KeyOf(step.Step));
        var broken = failures.FirstOrDefault(f => StepRunner.IsFoundation(f.Target));
        if (broken is not null)
        {
            Fail(run, new ProblemDocument(broken.Text, run.Plan is null ? [] : [.. run.Plan.Warnings.Select(w => w.Rule).Distinct()], "It is tried again by itself."), retry: true);
        }
    }

    /// <summary>Taken is not linked: what our own radio does not show has not come about.</summary>
    private void AfterSourceStep(GroupRun run, StepTarget source, StepFailure? failure)
    {
        WatchSource(run);
        if (run.SourceLinked) return;
        run.SourceFailure = failure?.Text ?? $"{source.Name} took the command to connect, and no link from it has come.";
        run.SourceRetryAt = Now + run.SourceBackoff.Failed();
    }

    /// <summary>Everything that can be linked is: play on those that are, say which are missing, end the commands.</summary>
    private void Settle(GroupRun run, Plan plan)
    {
        var desired = _desired.Group(run.Group.Id);
        var members = run.Group.Members;
        var present = members.Where(m => IsPresent(m, plan)).ToList();
        NoteMissing(run, [.. members.Except(present)]);
        if (present.Count == 0)
        {
            Fail(run, new ProblemDocument($"No member of {run.Group.Name} can be reached.", [], "Switch the speakers on; they are tried again by themselves."), retry: false);
            return;
        }

        if (PlaysByAlexa(plan))
        {
            Settled(run, IsPlayedByAlexa(run), AlexaProblem(run, plan), CommandResult.Done);
            return;
        }

        var source = SourceLinkOf(SourceOf(run));
        var request = new PlaybackRequest(
            run.Group.Id, run.Group.Name, SourceOf(run), source?.Adapter, source?.Address, desired.Muted,
            [.. present.Select(PlaybackMemberOf).OfType<PlaybackMember>().Select(m => m.KeepAwake ? m : m with { KeepAwake = KeepsAwake(plan, m.Speaker) })], [.. run.Missing.Order(StringComparer.Ordinal)])
        {
            SourceName = SourceOf(run) is { } named ? Shown(named) : null,
        };
        var key = $"{request.Source} {source?.Adapter} {request.Muted} {string.Join(' ', request.Members)} {string.Join(' ', request.Missing)}";
        if (run.PlaybackKey != key)
        {
            (run.PlaybackKey, run.Request, run.PrimingSince) = (key, request, null);
            _playbackEngine.Play(request);
        }

        if (_playback.Groups.GetValueOrDefault(run.Group.Id) is not { } playing || !ReferenceEquals(playing.Request, run.Request) || IsPriming(run, playing))
        {
            run.PrimingSince ??= Now;
            if (!IsActive(run)) run.Phase = "priming";
            return;
        }

        var sounds = playing.Source == SourceFlow.Sounding && run.Missing.Count == 0 && run.Request!.Members.All(m => IsRunning(playing, m));
        var closed = plan.Source is not null && playing.Source is SourceFlow.Closed or SourceFlow.Waiting;
        Settled(run, sounds, PlaybackProblem(run, plan, playing), closed ? CommandResult.Failed : CommandResult.Done);
    }

    /// <summary>As much as can be brought about is, and known to be: say so, and end the commands.</summary>
    /// <param name="sounds">All that the group shall sound on is known to sound.</param>
    private void Settled(GroupRun run, bool sounds, ProblemDocument? problem, CommandResult result)
    {
        (run.RetryAt, run.PrimingSince) = (null, null);
        run.Backoff.Succeeded();
        run.Phase = sounds ? "playing" : "degraded";
        run.Problem = problem;
        if (result == CommandResult.Failed && problem is not null) Tell(run, problem);
        EndPending(run, result, problem is null ? null : result == CommandResult.Failed ? $"{problem.Text} {problem.Remedy}".Trim() : problem.Text, problem?.Rules ?? []);
    }

    /// <summary>It cannot be said yet whether sound goes out.</summary>
    private bool IsPriming(GroupRun run, GroupPlayback playing)
    {
        var waits = playing.Source == SourceFlow.Waiting || (playing.Source == SourceFlow.Closed && playing.SourceProblem is null)
            || run.Request!.Members.Any(m => !IsRunning(playing, m) && !playing.Problems.ContainsKey(m.Speaker));
        return waits && !(run.PrimingSince + s_longestPriming <= Now);
    }

    private static bool IsRunning(GroupPlayback playing, PlaybackMember member) => playing.Sounding.GetValueOrDefault(member.Speaker)?.IsRunning == true;

    /// <summary>All that keeps the sound from somebody, the source first; else what keeps it from being in time for certain; null: nothing.</summary>
    private ProblemDocument? PlaybackProblem(GroupRun run, Plan plan, GroupPlayback playing)
    {
        var problems = new List<ProblemDocument>();
        if (SourceProblem(run, plan, playing) is { } source) problems.Add(source);
        if (run.Missing.Count > 0)
            problems.Add(new ProblemDocument($"{run.Group.Name} plays without {string.Join(", ", run.Missing.Select(NameOf))}.", [], "Switch the speaker on or bring it within reach: it joins by itself."));
        var refused = run.Request!.Members.Where(m => !IsRunning(playing, m)).Select(m => playing.Problems.GetValueOrDefault(m.Speaker, $"{m.Name} takes no sound.")).Distinct().ToList();
        if (refused.Count > 0) problems.Add(new ProblemDocument(string.Join(" ", refused), [], "It is tried again by itself."));
        if (problems.Count == 0 && playing.Unheard.Count > 0)
        {
            problems.Add(new ProblemDocument(
                $"How well {run.Group.Name} is in time is not known: {string.Join(", ", playing.Unheard)} should have been heard while it plays, and {(playing.Unheard.Count == 1 ? "was" : "were")} not.", [],
                "Press Calibrate; or let the microphone hear all speakers again, and it is known by itself."));
        }

        return problems.Count == 0 ? null : new ProblemDocument(string.Join(" ", problems.Select(p => p.Text)), [], string.Join(" ", problems.Select(p => p.Remedy).Distinct()));
    }

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
    private void Tell(GroupRun run, ProblemDocument problem)
    {
        if (run.Told.TryGetValue(problem.Text, out var at) && at + s_toldFor > Now) return;
        foreach (var old in run.Told.Where(t => t.Value + s_toldFor <= Now).ToList()) run.Told.Remove(old.Key);
        run.Told[problem.Text] = Now;
        Happened("problem", problem.Text, group: run.Group.Id, rules: [.. problem.Rules]);
    }

    /// <summary>Where the link of an Echo or a phone that is the source ends with us.</summary>
    private Engine.Ports.RadioDevice? SourceLinkOf(SourceRef? source)
    {
        var address = source switch
        {
            { Kind: SourceKind.Echo, Argument: { } echo } => DeviceOfEcho(echo)?.BluetoothAddress,
            { Kind: SourceKind.Phone, Argument: { } phone } => phone,
            _ => null,
        };
        return RadioOf(address).FirstOrDefault(d => d.Link == Engine.Ports.RadioLink.Connected);
    }

    private void NoteMissing(GroupRun run, IReadOnlyList<string> missing)
    {
        foreach (var member in missing.Except(run.Missing).ToList())
        {
            run.Missing.Add(member);
            Happened("member_missing", $"{NameOf(member)} is missing; {run.Group.Name} goes on without it.", member, null, run.Group.Id);
        }

        foreach (var member in run.Missing.Except(missing).ToList())
        {
            run.Missing.Remove(member);
            Happened("member_back", $"{NameOf(member)} is back in {run.Group.Name}.", member, null, run.Group.Id);
        }
    }

    private void Fail(GroupRun run, ProblemDocument problem, bool retry)
    {
        Tell(run, problem);
        run.Phase = "failed";
        run.PrimingSince = null;
        run.Problem = problem;
        run.RetryAt = retry ? Now + run.Backoff.Failed() : null;
        if (run.PlaybackKey is not null) _playbackEngine.Stop(run.Group.Id);
        (run.PlaybackKey, run.Request) = (null, null);
        EndPending(run, CommandResult.Failed, $"{problem.Text} {problem.Remedy}".Trim(), problem.Rules);
    }

    private void TakeDown(GroupRun run)
    {
        _playbackEngine.Stop(run.Group.Id);
        (run.PlaybackKey, run.Request, run.PrimingSince) = (null, null, null);
        var goesOn = run.Plan is { } former && PlaysByAlexa(former) ? $"What Alexa plays goes on: say \"Alexa, stop\" to {AlexaNames(run)}." : null;
        var steps = new List<StepTarget>();
        var needed = _groups.Values.Where(g => _desired.Group(g.Group.Id).Active).SelectMany(g => g.Group.Members).ToHashSet();
        foreach (var member in run.Group.Members)
        {
            if (needed.Contains(member) || _desired.Speaker(member).Connected == true) continue;
            if (ConnectedRadioOf(member) is not { } radio)
            {
                if (_speakers.ContainsKey(member)) NobodyWaitsFor(member);
                continue;
            }

            SpeakerRunOf(member).DisconnectExpected = true;
            steps.Add(new StepTarget { Step = new PlanStep(StepKind.Disconnect, member, null, null, "the group is off"), Name = NameOf(member), Adapter = radio.Adapter, Address = radio.Address });
        }

        if (SourceOf(run) is { Kind: SourceKind.Echo, Argument: { } echo } && ReleaseOf(echo, run) is { } release) steps.Add(release);
        Operate(run, steps, failures =>
        {
            if (_desired.Group(run.Group.Id).Active) return;
            run.Phase = "off";
            run.Plan = null;
            run.Problem = null;
            run.Missing.Clear();
            EndPending(run, failures.Count == 0 ? CommandResult.Done : CommandResult.Failed, failures.Count == 0 ? goesOn : string.Join(" ", failures.Select(f => f.Text)), []);
        });
    }

    /// <summary>The step that lets a source's Echo go, so that it can sound by itself again (L8); null: it has no link with us, or another group needs it.</summary>
    private StepTarget? ReleaseOf(string echoId, GroupRun run)
    {
        var usedElsewhere = _groups.Values.Any(g => g != run && _desired.Group(g.Group.Id).Active && SourceOf(g) == new SourceRef(SourceKind.Echo, echoId));
        if (usedElsewhere || !_echoes.TryGetValue(echoId, out var echo) || echo.Peer is null) return null;
        if (_registry.Adapters.Values.All(a => Ids.OfAddress(a.Address) != echo.Peer)) return null;
        echo.DisconnectExpected = true;
        return new StepTarget { Step = new PlanStep(StepKind.Disconnect, echoId, echo.Peer, null, "no longer the source"), Name = NameOf(echoId), Serial = _registry.SerialOf(echoId) };
    }

    private void Operate(GroupRun run, IReadOnlyList<StepTarget> steps, Action<IReadOnlyList<StepFailure>> then)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        run.Operation = cancel;
        _starts.Add(() => _ = OperateAsync(run, steps, cancel, then));
    }

    private async Task OperateAsync(GroupRun run, IReadOnlyList<StepTarget> steps, CancellationTokenSource cancel, Action<IReadOnlyList<StepFailure>> then)
    {
        IReadOnlyList<StepFailure> failures = [];
        try
        {
            failures = await _steps.RunAsync(steps, cancel.Token);
        }
        catch (OperationCanceledException)
        {
            // A later command took over: the loop plans anew from what is seen then.
        }

        Post(() =>
        {
            run.Operation = null;
            var overtaken = cancel.IsCancellationRequested;
            cancel.Dispose();
            // What the steps brought about is read now, before anything is judged by it.
            OnBluetooth(_bluetoothPort.Current);
            OnEcho(_echoPort.Current);
            foreach (var step in steps) AfterStep(step);
            if (!overtaken) then(failures);
        });
    }

    /// <summary>What was expected of a step has happened by now or will not; and a speaker that was switched off meanwhile is let go again.</summary>
    private void AfterStep(StepTarget step)
    {
        var id = step.Step.Device;
        if (_echoes.TryGetValue(id, out var echo)) (echo.Replacing, echo.DisconnectExpected) = (null, false);
        if (!_speakers.TryGetValue(id, out var run)) return;
        run.Connecting = false;
        run.DisconnectExpected = false;
        if (step.Step.Do == StepKind.Connect && _desired.Speaker(id).Connected == false && ConnectedRadioOf(id) is { } radio) LetGo(id, radio);
    }

    private Plan PlanFor(GroupRun run, SourceRef? source, IReadOnlyList<string> leftAlone, IReadOnlyList<GroupRun> givingWay)
    {
        var house = House;
        if (givingWay.Count > 0) house = house with { Observed = WithoutLinksOf(house.Observed, givingWay, run) };
        return Planner.Plan(house, new PlanRequest
        {
            Group = run.Group.Id,
            Members = [.. run.Group.Members.Except(leftAlone)],
            Source = source,
            ForcedRoute = run.Group.Route,
        });
    }

    /// <summary>The house as it will be when the groups that give way have let their speakers go.</summary>
    private HouseObservation WithoutLinksOf(HouseObservation observed, IReadOnlyList<GroupRun> givingWay, GroupRun run)
    {
        var freed = givingWay.SelectMany(g => g.Group.Members).Except(run.Group.Members).Where(m => _desired.Speaker(m).Connected != true).ToHashSet();
        return observed with { Speakers = [.. observed.Speakers.Select(s => freed.Contains(s.Id) ? s with { ConnectedOn = Fact.Of<string?>(null) } : s)] };
    }

    /// <summary>Members that the user switched off one by one: they stay away until they, or their group, are switched on.</summary>
    private List<string> LeftAlone(IReadOnlyList<string> members, bool commanded) =>
        commanded ? [] : [.. members.Where(m => _desired.Speaker(m).Connected == false)];

    private bool IsPresent(string member, Plan plan)
    {
        if (_desired.Speaker(member).Connected == false) return false;
        if (PlaysByAlexa(plan)) return DeviceOfEcho(member)?.Online != false;
        return ConnectedRadioOf(member) is not null || (_echoes.TryGetValue(member, out var echo) && _registry.Adapters.Values.Any(a => Ids.OfAddress(a.Address) == echo.Peer));
    }

    private static bool IsOurs(PlanStep step) => step.Do is StepKind.Connect or StepKind.Disconnect or StepKind.Pair or StepKind.SetAudioOutput or StepKind.CreateWifiGroup or StepKind.DeleteWifiGroup;

    private bool IsDue(PlanStep step, GroupRun run) =>
        IsForSource(step, run) ? !(run.SourceRetryAt > Now)
        : !run.Unseen.Contains(KeyOf(step)) && IsDue(step);

    /// <summary>It makes or frees the link of the Echo or phone that is the source.</summary>
    private bool IsForSource(PlanStep step, GroupRun run) =>
        step.Do is StepKind.Connect or StepKind.Disconnect && SourceOf(run) is { Kind: SourceKind.Echo or SourceKind.Phone, Argument: { } source } && source == step.Device;

    private static (StepKind, string, string?) KeyOf(PlanStep step) => (step.Do, step.Device, step.Peer);

    private bool IsDue(PlanStep step) =>
        step.Do is not (StepKind.Connect or StepKind.Pair) || !_speakers.TryGetValue(step.Device, out var speaker) || speaker.RetryAt is not { } at || at <= Now;

    private StepTarget TargetOf(PlanStep step, GroupRun run)
    {
        var serial = _registry.SerialOf(step.Device);
        return new StepTarget
        {
            Step = step,
            Name = step.Do switch { StepKind.CreateWifiGroup => run.Group.Name, StepKind.DeleteWifiGroup => step.Peer ?? step.Device, _ => NameOf(step.Device) },
            Adapter = step.Adapter is { } name ? _registry.Adapters.Values.FirstOrDefault(a => a.Name == name)?.Address : ConnectedRadioOf(step.Device)?.Adapter,
            Address = _registry.AddressOf(step.Device) ?? DeviceOfEcho(step.Device)?.BluetoothAddress ?? (IsForSource(step, run) && serial is null ? step.Device : null), // a phone is named by it
            Serial = serial,
            EchoIsSource = serial is not null && step.Do == StepKind.Connect && SourceOf(run) == new SourceRef(SourceKind.Echo, step.Device),
            IsForSource = IsForSource(step, run),
            Serials = [.. (step.Devices ?? run.Group.Members).Select(_registry.SerialOf).OfType<string>()],
            Output = step.Do == StepKind.SetAudioOutput ? OutputFor(step) : null,
        };
    }

    /// <summary>The output that the transmitter named in the step hangs on.</summary>
    private AudioOutput OutputFor(PlanStep step) =>
        _registry.Effective.Transmitters.FirstOrDefault(t => t.Id == step.Peer) is { } transmitter ? TransmitterFeed.OutputOf(House, transmitter) : AudioOutput.LineOut;

    /// <summary>S1: the plan's own step, for as long as it plays; beyond that the user's switch decides.</summary>
    private static bool KeepsAwake(Plan plan, string speaker) => plan.Steps.Any(s => s.Do == StepKind.KeepAwake && s.Device == speaker);

    private PlaybackMember? PlaybackMemberOf(string member)
    {
        if (ConnectedRadioOf(member) is { } radio) return new PlaybackMember(member, NameOf(member), radio.Adapter, radio.Address, radio.Codec, _desired.Speaker(member).TrimMs) { KeepAwake = _desired.Speaker(member).KeepAwake, LinkedAt = SpeakerRunOf(member).LinkedAt };
        if (DeviceOfEcho(member)?.BluetoothAddress is not { } address || RadioOf(address).FirstOrDefault(d => d.Link == Engine.Ports.RadioLink.Connected) is not { } link) return null;
        return new PlaybackMember(member, NameOf(member), link.Adapter, address, link.Codec, 0) { LinkedAt = _echoes.GetValueOrDefault(member)?.LinkedAt };
    }
}
