using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;

namespace Gateway.Reconciler;

/// <summary>
/// Brings each group to what was asked. Invariant: of itself the loop never cuts a link; only what an accepted command
/// announced in its drops is ever cut, so that a house and its people are not fought. The one exception is an Echo's link with us that stands
/// the wrong way round (<see cref="MayCut"/>).
/// </summary>
internal sealed partial class Reconciler
{
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

        // An Echo has one link and two roles: a group that is at one has it to the end. Between letting go and linking anew it is nobody's to take.
        if (_groups.Values.Any(g => g != run && g.UnderWay.Any(s => UsesEcho(run, s.Step.Device)))) return;
        if (run.RetryAt is { } at && Now < at) return;
        // A group that gives way goes first: its links are this group's to use.
        if (_groups.Values.Any(g => g != run && g.Phase != "off" && !_desired.Group(g.Group.Id).Active && g.Group.Members.Intersect(run.Group.Members).Any())) return;
        if (ReleaseFormerSource(run)) return;
        WatchSource(run);
        var leftAlone = LeftAlone(run.Group.Members, commanded: false);
        var plan = PlanAround(run, SourceOf(run), leftAlone, [], IsMissing, Acceptable);
        Approach(run, IsAutomatic(plan) ? plan : WithoutSource(run, plan, leftAlone, Acceptable));

        bool Acceptable(Plan plan) => IsAutomatic(plan) && plan.Drops.All(d => MayCut(d, run));
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
    private bool IsMissing(string member) => DeviceOfEcho(member) is { } device ? device.Online == false : OutputOf(member) is null;

    /// <summary>
    /// Announced by an accepted command; or an Echo's link with us that stands the wrong way round, as one that called by itself may, and that no other group uses.
    /// </summary>
    private bool MayCut(PlanDrop drop, GroupRun run) =>
        run.AnnouncedDrops.Contains(drop) || (_registry.IsEcho(drop.Device) && IsOurAdapter(drop.Peer) && !_groups.Values.Any(g => g != run && UsesEcho(g, drop.Device)));

    private bool UsesEcho(GroupRun run, string echoId) =>
        _desired.Group(run.Group.Id).Active && (run.Group.Members.Contains(echoId) || SourceOf(run) == new SourceRef(SourceKind.Echo, echoId));

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
        run.Unseen.RemoveWhere(key => plan.Steps.All(s => KeyOf(s) != key)); // it shows by now
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

        var unannounced = plan.Drops.Where(d => !MayCut(d, run)).ToList();
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
        // An Echo's cloud takes a step and may not tell what came of it: to ask again and again would not make it so.
        foreach (var step in steps.Where(s => s is { Serial: not null, IsForSource: false, Step.Do: StepKind.SetAudioOutput or StepKind.Disconnect } or { Step.Do: StepKind.CreateWifiGroup } && failures.All(f => f.Target != s))) run.Unseen.Add(KeyOf(step.Step));
        var broken = failures.FirstOrDefault(f => StepRunner.IsFoundation(f.Target));
        if (broken is not null)
        {
            Fail(run, new ProblemDocument(broken.Text, run.Plan is null ? [] : [.. run.Plan.Warnings.Select(w => w.Rule).Distinct()], "It is tried again by itself."), retry: true);
        }
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
        EndTestOf(SourceOf(run));
        var request = new PlaybackRequest(
            run.Group.Id, run.Group.Name, SourceOf(run), source is null ? null : Engine.Ports.BluetoothLinks.KeyOf(source.Adapter, source.Address), desired.Muted,
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
            else if (MissingProblem(run) is { } without) (run.Phase, run.Problem) = ("degraded", without); // that much is known at once
            return;
        }

        var sounds = playing.Source == SourceFlow.Sounding && present.Count == members.Count && members.All(m => IsRunning(playing, m));
        var closed = plan.Source is not null && playing.Source is SourceFlow.Closed or SourceFlow.Waiting;
        Settled(run, sounds, PlaybackProblem(run, plan, playing), closed ? CommandResult.Failed : CommandResult.Done);
    }

    /// <summary>Where the link of an Echo or a phone that is the source ends with us.</summary>
    private Engine.Ports.RadioDevice? SourceLinkOf(SourceRef? source)
    {
        var address = source switch
        {
            { Kind: SourceKind.Echo, Argument: { } echo } => _registry.AddressOf(echo),
            { Kind: SourceKind.Phone, Argument: { } phone } => phone,
            _ => null,
        };
        return RadioOf(address).FirstOrDefault(d => d.LinkedAs == Engine.Ports.RadioRole.Source);
    }

    private void NoteMissing(GroupRun run, IReadOnlyList<string> missing)
    {
        var rest = missing.Count < run.Group.Members.Count ? $"; {run.Group.Name} goes on without it." : $", and nobody is left in {run.Group.Name}.";
        foreach (var member in missing.Except(run.Missing).ToList())
        {
            run.Missing.Add(member);
            Happened("member_missing", $"{NameOf(member)} is missing{rest}", member, null, run.Group.Id);
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
            if (SinkOf(member) is not { } radio)
            {
                if (_speakers.ContainsKey(member)) NobodyWaitsFor(member);
                continue;
            }

            if (_echoes.TryGetValue(member, out var receiver)) receiver.DisconnectExpected = true;
            else SpeakerRunOf(member).DisconnectExpected = true;
            steps.Add(new StepTarget { Step = new PlanStep(StepKind.Disconnect, member, null, null, "the group is off"), Name = NameOf(member), Adapter = radio.Adapter, Address = radio.Address, Serial = _registry.SerialOf(member) });
        }

        if (SourceOf(run) is { Kind: SourceKind.Echo, Argument: { } echo } && ReleaseOf(echo, run) is { } release) steps.Add(release);
        Operate(run, steps, failures =>
        {
            if (_desired.Group(run.Group.Id).Active) return;
            run.Phase = "off";
            run.Plan = null;
            run.Problem = null;
            run.Missing.Clear();
            // The group is off. That an Echo calls again at once, or cannot be reached to be let go, is told and makes no failure of it.
            var failed = failures.Any(f => !_registry.IsEcho(f.Target.Step.Device));
            EndPending(run, failed ? CommandResult.Failed : CommandResult.Done, failures.Count == 0 ? goesOn : string.Join(" ", failures.Select(f => f.Text)), []);
        });
    }

    /// <summary>The step that lets a source's Echo go, so that it can sound by itself again (L8); null: it has no link with us, or another group needs it.</summary>
    private StepTarget? ReleaseOf(string echoId, GroupRun run)
    {
        var usedElsewhere = _groups.Values.Any(g => g != run && _desired.Group(g.Group.Id).Active && SourceOf(g) == new SourceRef(SourceKind.Echo, echoId));
        if (usedElsewhere || !_echoes.TryGetValue(echoId, out var echo) || !IsOurAdapter(echo.Peer)) return null;
        var radio = ConnectedRadioOf(echoId);
        if (radio is { LinkedAs: not Engine.Ports.RadioRole.Source }) return null; // it receives, for another group
        echo.DisconnectExpected = true;
        return new StepTarget
        {
            Step = new PlanStep(StepKind.Disconnect, echoId, echo.Peer, null, "no longer the source"), Name = NameOf(echoId),
            Adapter = radio?.Adapter, Address = radio?.Address, Serial = _registry.SerialOf(echoId),
        };
    }

    private void Operate(GroupRun run, IReadOnlyList<StepTarget> steps, Action<IReadOnlyList<StepFailure>> then)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        (run.Operation, run.UnderWay) = (cancel, steps);
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
            (run.Operation, run.UnderWay) = (null, []);
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
        return OutputOf(member) is not null
            || (_registry.IsEcho(member) && House.Observed.Echoes.FirstOrDefault(e => e.Id == member)?.Link.Or(null) is { Role: LinkRole.ReceivesFrom, Peer: var peer } && IsOurAdapter(peer));
    }

    private static bool IsOurs(PlanStep step) => step.Do is StepKind.Connect or StepKind.Disconnect or StepKind.Pair or StepKind.SetAudioOutput or StepKind.CreateWifiGroup or StepKind.DeleteWifiGroup;

    private bool IsDue(PlanStep step, GroupRun run) =>
        IsForSource(step, run) ? !(run.SourceRetryAt > Now) && !(run.SourceLinked && SourceOf(run)?.Kind == SourceKind.Phone) // of a phone's link the plan knows nothing
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
        var isPhone = SourceOf(run) == new SourceRef(SourceKind.Phone, step.Device);
        var phone = isPhone ? RadioOf(step.Device).FirstOrDefault(d => d.Paired) : null; // its key is on one adapter (T4), and no plan knows which
        return new StepTarget
        {
            Step = step,
            Name = step.Do switch { StepKind.CreateWifiGroup => run.Group.Name, StepKind.DeleteWifiGroup => step.Peer ?? step.Device, _ => NameOf(step.Device) },
            Adapter = phone is not null ? phone.Adapter : step.Adapter is { } name ? _registry.Adapters.Values.FirstOrDefault(a => a.Name == name)?.Address : ConnectedRadioOf(step.Device)?.Adapter,
            Address = _registry.AddressOf(step.Device) ?? (isPhone ? step.Device : null),
            Serial = serial,
            EchoIsSource = step.Do == StepKind.Connect && SourceOf(run) == new SourceRef(SourceKind.Echo, step.Device),
            PlaysToUs = step.Do == StepKind.Connect && (isPhone || SourceOf(run) == new SourceRef(SourceKind.Echo, step.Device)),
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
        if (OutputOf(member) is not { } output) return null;
        return new PlaybackMember(member, NameOf(member), output, _desired.Speaker(member).TrimMs) { KeepAwake = _desired.Speaker(member).KeepAwake, LinkedAt = _registry.IsEcho(member) ? _echoes.GetValueOrDefault(member)?.LinkedAt : SpeakerRunOf(member).LinkedAt };
    }
}
