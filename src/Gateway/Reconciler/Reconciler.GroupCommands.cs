using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>Commands to groups: planned before they are accepted.</summary>
internal sealed partial class Reconciler
{
    private void HandleGroup(Command command, GroupRun run)
    {
        switch (command.Property)
        {
            case "active" when CommandValues.OnOff(command): SwitchOn(command, run); break;
            case "active": SwitchOff(command, run); break;
            case "source": ChangeSource(command, run); break;
            case "volume": ChangeVolume(command, run); break;
            case "mute":
                RefuseWhereAlexaPlays(run);
                var muted = _desired.Group(run.Group.Id) with { Muted = CommandValues.OnOff(command) };
                if (muted.Muted) NoteUnstored(command, _desired.SetAnyway(run.Group.Id, muted));
                else _desired.Set(run.Group.Id, muted);
                End(command, CommandResult.Done, null, []);
                break;
            case "announce": RefuseAnnouncement(command); break;
            case "calibrate": Calibrate(command, run); break;
            default: UndoCalibration(command, run); break;
        }
    }

    private void SwitchOn(Command command, GroupRun run)
    {
        var id = run.Group.Id;
        var left = Overlapping(run);
        var plan = PlanAround(run, SourceOf(run), LeftAlone(run.Group.Members, commanded: true), left, m => DeviceOfEcho(m)?.Online == false || IsUnpairedEcho(m), IsAutomatic);
        RefuseUnlessAutomatic(run, plan);

        // Last command wins: members switched off one by one come along again, and groups that share a member give way.
        _desired.Commit(
            [new(id, _desired.Group(id) with { Active = true, Announced = AnnouncementOf(plan) }), .. left.Select(g => KeyValuePair.Create(g.Group.Id, _desired.Group(g.Group.Id) with { Active = false, Announced = null }))],
            [.. run.Group.Members.Where(m => _desired.Speaker(m).Connected == false).Select(m => KeyValuePair.Create(m, _desired.Speaker(m) with { Connected = null }))]);
        foreach (var other in left)
        {
            SupersedeGroup(other, "active", $"{run.Group.Name} was switched on and shares a member with it.");
            other.Operation?.Cancel();
        }

        AcceptFor(command, run, plan, left.Count == 0 ? null : $"{string.Join(", ", left.Select(g => g.Group.Name))} is switched off: it shares a member with {run.Group.Name}.");
        run.Phase = run.Phase == "off" ? "planning" : run.Phase;
        run.Plan = plan;
        run.Missing.Clear();
        foreach (var member in run.Group.Members) GiveAnotherTry(member);
    }

    private void SwitchOff(Command command, GroupRun run)
    {
        NoteUnstored(command, _desired.SetAnyway(run.Group.Id, _desired.Group(run.Group.Id) with { Active = false, Announced = null }));
        AcceptFor(command, run, null, null);
    }

    private void ChangeSource(Command command, GroupRun run)
    {
        var source = ReadSource(command, run);
        var desired = _desired.Group(run.Group.Id);
        var before = SourceOf(run);
        if (!desired.Active)
        {
            _desired.Set(run.Group.Id, desired with { Source = source.ToString() });
            // What a refusal said of the former source is not so any more.
            if (run.Phase == "off" && source != before) run.Problem = null;
            End(command, CommandResult.Done, $"It is stored, and used when {run.Group.Name} is switched on.", []);
            return;
        }

        var plan = PlanAround(run, source, LeftAlone(run.Group.Members, commanded: false), [], IsMissing, IsAutomatic);
        RefuseUnlessAutomatic(run, plan);
        _desired.Set(run.Group.Id, desired with { Source = source.ToString(), Announced = AnnouncementOf(plan) });
        if (before is { Kind: SourceKind.Echo } && before != source) run.FormerSourceEchoes.Add(before.Argument!);
        AcceptFor(command, run, plan, null);
        if (before != source && IsActive(run))
        {
            run.Phase = "degraded"; // it stays on, and nothing is known yet of the new sound
            run.Problem = new ProblemDocument($"{run.Group.Name} waits for sound from {Shown(source)}.", [], "Give it a moment.");
        }

        if (before != source) Happened("source_changed", $"{run.Group.Name} now takes its sound from {Shown(source)}.", group: run.Group.Id);
    }

    /// <summary>G6: the loudest member gets the volume asked for, the others keep their proportion to it.</summary>
    private void ChangeVolume(Command command, GroupRun run)
    {
        var volume = CommandValues.Percent(command);
        var desired = _desired.Group(run.Group.Id);
        var now = run.Group.Members.Select(m => (Id: m, Volume: VolumeOf(m))).Where(m => m.Volume is not null).ToDictionary(m => m.Id, m => (double)m.Volume!.Value);
        var loudest = now.Values.DefaultIfEmpty(0).Max();
        // Volumes that are still the ones the group gave are rounded pictures of the balance: only a member set on its own changes it.
        var ours = desired.Volume is { } last && now.All(m => m.Value == Math.Round(last * desired.Balance.GetValueOrDefault(m.Key, 1)));
        var balance = ours || loudest == 0 ? desired.Balance.ToDictionary() : now.ToDictionary(m => m.Key, m => m.Value / loudest);
        var speakers = run.Group.Members.Where(m => _registry.Effective.Speakers.Any(s => s.Id == m))
            .Select(m => KeyValuePair.Create(m, _desired.Speaker(m) with { Volume = (int)Math.Round(volume * balance.GetValueOrDefault(m, 1)) })).ToList();
        _desired.Commit([new(run.Group.Id, desired with { Volume = volume, Balance = balance })], speakers);
        foreach (var (member, _) in speakers) SpeakerRunOf(member).VolumeApplied = false;
        foreach (var member in run.Group.Members.Where(_registry.IsEcho))
        {
            SetEchoVolume(member, (int)Math.Round(volume * balance.GetValueOrDefault(member, 1)));
        }

        var away = run.Group.Members.Where(m => !CanBeTold(m)).ToList();
        Begin(command, _ => Task.CompletedTask, seen: () => HaveVolumes(run, volume, balance), report: () => away.Count == 0
            ? null
            : $"{string.Join(", ", away.Select(NameOf))} cannot be told now: a speaker is when it connects, an Echo that no control path leads to never.");
    }

    /// <summary>As the members report it; those that report nothing do not count. Null: nobody reports anything.</summary>
    private bool? HaveVolumes(GroupRun run, int volume, Dictionary<string, double> balance)
    {
        var told = run.Group.Members.Where(CanBeTold).Select(m => (Member: m, Percent: (int)Math.Round(volume * balance.GetValueOrDefault(m, 1))))
            .Select(m => DeviceOfEcho(m.Member) is not null ? HasEchoVolume(m.Member, m.Percent) : HasVolume(m.Member, m.Percent)).ToList();
        if (told.Contains(false)) return false;
        return told.Count == 0 || told.Contains(true) ? true : null;
    }

    private bool CanBeTold(string member) => DeviceOfEcho(member) is not null || SinkOf(member) is not null;

    /// <summary>Consent first: the microphone is off unless the configuration names one.</summary>
    private void Calibrate(Command command, GroupRun run)
    {
        CommandValues.Press(command);
        if (!_playbackEngine.HasMicrophone)
            throw new RefusedException($"{run.Group.Name} cannot be measured: the microphone is off. Name one with audio.microphone in tutti.yaml; it listens only while a calibration runs, and nothing is stored.");
        RefuseUnlessPlaying(run);
        if (_playback.Groups.Values.Any(g => g.Calibrating is not null)) throw new RefusedException("A calibration is running already. Wait half a minute.");
        var text = "";
        Begin(command, async token => text = await _playbackEngine.CalibrateAsync(run.Group.Id, token), null, null, () => text);
    }

    private void UndoCalibration(Command command, GroupRun run)
    {
        CommandValues.Press(command);
        RefuseUnlessPlaying(run);
        var text = "";
        Begin(command, async _ => text = await _playbackEngine.UndoCalibrationAsync(run.Group.Id), null, null, () => text);
    }

    private void RefuseUnlessPlaying(GroupRun run)
    {
        if (!IsActive(run)) throw new RefusedException($"{run.Group.Name} does not play. Switch it on first.");
        if (!_playback.Groups.ContainsKey(run.Group.Id))
            throw new RefusedException($"{run.Group.Name} plays by the route {(run.Plan is { } plan ? RouteNames.Of(plan.Route) : "unknown")}, whose sound does not pass through the gateway: only a fan-out can be brought into time.");
    }

    private static void RefuseAnnouncement(Command command)
    {
        var isMedia = command.Value.Contains("://", StringComparison.Ordinal) || command.Value.StartsWith('/');
        throw new RefusedException(isMedia
            ? Abilities.ThisVersion.WhyNot(Feature.Announcements)!
            : "An announcement takes the URL or path of a sound file; there is no speech synthesis here. Let Home Assistant's text-to-speech make the file.");
    }

    /// <summary>An infeasible plan, or one that needs the user first, is refused with what stands in the way; the group says so until the next command.</summary>
    private void RefuseUnlessAutomatic(GroupRun run, Plan plan)
    {
        var silent = IsAutomatic(plan) ? SilentRoute(run, plan) : null;
        if (IsAutomatic(plan) && silent is null) return;
        var problem = silent ?? ProblemOf(run, plan);
        run.Problem = problem;
        Happened("problem", problem.Text, group: run.Group.Id, rules: [.. problem.Rules]);
        throw new RefusedException($"{problem.Text} {problem.Remedy}".Trim(), [.. problem.Rules]);
    }

    private static ProblemDocument ProblemOf(GroupRun run, Plan plan)
    {
        // What only repeats a blocker's remedy is no other way.
        var alternatives = plan.Alternatives.Where(a => plan.Blockers.All(b => b.Remedy != a.Needs)).Select(a => $"{RouteNames.Of(a.Route)}: {a.Needs.TrimEnd('.')}").ToList();
        var instead = alternatives.Count == 0 ? "" : $" What would work instead: {string.Join("; ", alternatives)}.";
        if (!plan.Feasible)
        {
            return new ProblemDocument(
                $"{run.Group.Name} cannot play: {string.Join(" ", plan.Blockers.Select(b => b.Text).Distinct())}", [.. RulesOf(plan.Blockers)],
                string.Join(" ", plan.Blockers.Select(b => b.Remedy).Distinct()) + instead);
        }

        var asked = plan.Steps.Where(s => s.Do == StepKind.AskUser).ToList();
        return new ProblemDocument(
            $"{run.Group.Name} needs you first (route {RouteNames.Of(plan.Route)}).", [.. RulesOf(plan.Warnings)],
            string.Join(" ", asked.Select(s => s.Why)) + instead);
    }

    private void AcceptFor(Command command, GroupRun run, Plan? plan, string? reason)
    {
        SupersedeGroup(run, command.Property, "A later command to the same property took its place.");
        run.Pending[command.Property] = command;
        run.AnnouncedDrops.Clear();
        run.AnnouncedDrops.UnionWith(plan?.Drops ?? []);
        run.AnnouncedUntil = null;
        run.Problem = null;
        run.RetryAt = null;
        run.Backoff.Reset();
        (run.SourceRetryAt, run.SourceFailure, run.SourceLinked) = (null, null, false);
        run.SourceBackoff.Reset();
        run.Unseen.Clear();
        run.Told.Clear();
        run.Operation?.Cancel();
        Accept(command, plan, reason);
    }

    private void SupersedeGroup(GroupRun run, string property, string reason)
    {
        if (run.Pending.Remove(property, out var earlier)) End(earlier, CommandResult.Superseded, reason, []);
    }

    private void EndPending(GroupRun run, CommandResult result, string? reason, IReadOnlyList<string> rules)
    {
        foreach (var pending in run.Pending.Values.ToList()) End(pending, result, reason, rules);
        run.Pending.Clear();
        // While the world comes up after a restart nothing works at first: no failure of that time was anybody's answer.
        if (result == CommandResult.Done || run.AnnouncedUntil is null) ForgetAnnounced(run);
    }

    /// <summary>Committed with the command, so that one killed between its <c>accepted</c> and the cut is carried out, and nothing else is ever cut.</summary>
    private AnnouncedDrops? AnnouncementOf(Plan plan) => plan.Drops.Count == 0 ? null : new AnnouncedDrops(WallNow, plan.Drops);

    private void ForgetAnnounced(GroupRun run)
    {
        run.AnnouncedDrops.Clear();
        run.AnnouncedUntil = null;
        var desired = _desired.Group(run.Group.Id);
        if (desired.Announced is not null) _desired.SetAnyway(run.Group.Id, desired with { Announced = null });
    }

    /// <summary>What was announced before a restart still counts, but not for ever: who finds the link hours later may have come to use it.</summary>
    private void RememberAnnounced(GroupRun run)
    {
        if (_desired.Group(run.Group.Id).Announced is not { } announced) return;
        // Set back while we were away, the wall's clock may show it in the future; beyond its life that says nothing any more.
        var age = WallNow - announced.At;
        run.AnnouncedUntil = Now + (age.Duration() < s_announcedLife ? s_announcedLife - Max(age, TimeSpan.Zero) : TimeSpan.Zero);
        run.AnnouncedDrops.UnionWith(announced.Drops);
    }

    private SourceRef ReadSource(Command command, GroupRun run)
    {
        var options = SourceOptions(run);
        var option = OptionNamed(command.Value, options);
        if (!SourceRef.TryParse(option?.Value ?? command.Value, out var source) || source is null)
        {
            throw new RefusedException($"{CommandValues.Shown(command.Value)} is no source.{NearestNames.DidYouMean(command.Value, options.Select(o => o.Text))} A source is {Abilities.ThisVersion.SourceForms}, or one of: {string.Join(", ", options.Select(o => o.Text))}.");
        }

        if (Abilities.ThisVersion.WhyNot(source) is { } notYet) throw new RefusedException($"{notYet} Choose {Abilities.ThisVersion.SourceForms}.", "version");
        if (source.Kind != SourceKind.Echo) return source;
        var echoes = _registry.Effective.Echoes;
        var byName = echoes.Where(e => e.Id == source.Argument || NameFolding.Same(e.Name, source.Argument)).ToList();
        var match = byName.FirstOrDefault(e => e.Id == source.Argument) ?? (byName.Count == 1 ? byName[0] : null);
        if (match is null) throw new RefusedException($"No Echo is called {CommandValues.Shown(source.Argument ?? "")}.{NearestNames.DidYouMean(source.Argument ?? "", echoes.Select(e => e.Name))}");
        return source with { Argument = match.Id };
    }

    /// <summary>The option with this text, else the one whose text reads the same; null: none, or several.</summary>
    private static OptionDocument? OptionNamed(string text, IReadOnlyList<OptionDocument> options)
    {
        if (options.FirstOrDefault(o => o.Text == text) is { } exact) return exact;
        var alike = options.Where(o => NameFolding.Same(o.Text, text)).Take(2).ToList();
        return alike.Count == 1 ? alike[0] : null;
    }

    private List<GroupRun> Overlapping(GroupRun run) =>
        [.. _groups.Values.Where(g => g != run && _desired.Group(g.Group.Id).Active && g.Group.Members.Intersect(run.Group.Members).Any())];

    private SourceRef? SourceOf(GroupRun run) =>
        _desired.Group(run.Group.Id).Source is { } text && SourceRef.TryParse(text, out var desired) ? desired : run.Group.Source;

    private string Shown(SourceRef source) => source.Kind == SourceKind.Echo ? NameOf(source.Argument ?? "") : source.ToString();
}
