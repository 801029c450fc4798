using Gateway.Engine;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>Commands that switch a group or give it another source: planned before they are accepted.</summary>
internal sealed class GroupCommands(LoopContext loop, GroupRuns groups, SpeakerRuns speakers, GroupPlans plans, PendingCommands pending, GroupSources sources)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;

    public void Switch(Command command, GroupRun run)
    {
        if (CommandValues.OnOff(command)) SwitchOn(command, run);
        else SwitchOff(command, run);
    }

    private void SwitchOn(Command command, GroupRun run)
    {
        var id = run.Group.Id;
        var left = Overlapping(run);
        var plan = plans.Around(run, _desired.SourceOf(run.Group), plans.LeftAlone(run.Group.Members, commanded: true), left, m => _view.DeviceOfEcho(m)?.Online == false || _view.IsUnpairedEcho(m), PlanNotices.IsAutomatic);
        pending.RefuseUnlessAutomatic(run, plan);

        // Last command wins: members switched off one by one come along again, and groups that share a member give way.
        _desired.Commit(
            [new(id, _desired.Group(id) with { Active = true, Announced = pending.AnnouncementOf(plan) }), .. left.Select(g => KeyValuePair.Create(g.Group.Id, _desired.Group(g.Group.Id) with { Active = false, Announced = null }))],
            [.. run.Group.Members.Where(m => _desired.Speaker(m).Connected == false).Select(m => KeyValuePair.Create(m, _desired.Speaker(m) with { Connected = null }))]);
        foreach (var other in left)
        {
            pending.Supersede(other, "active", $"{run.Group.Name} was switched on and shares a member with it.");
            other.Operation?.Cancel();
        }

        pending.Accept(command, run, plan, left.Count == 0 ? null : $"{string.Join(", ", left.Select(g => g.Group.Name))} is switched off: it shares a member with {run.Group.Name}.");
        run.Phase = run.Phase == "off" ? "planning" : run.Phase;
        run.Plan = plan;
        run.Missing.Clear();
        foreach (var member in run.Group.Members) speakers.GiveAnotherTry(member);
    }

    private void SwitchOff(Command command, GroupRun run)
    {
        _journal.NoteUnstored(command, _desired.SetAnyway(run.Group.Id, _desired.Group(run.Group.Id) with { Active = false, Announced = null }));
        pending.Accept(command, run, null, null);
    }

    public void ChangeSource(Command command, GroupRun run)
    {
        var source = sources.Read(command, run);
        var desired = _desired.Group(run.Group.Id);
        var before = _desired.SourceOf(run.Group);
        if (!desired.Active)
        {
            _desired.Set(run.Group.Id, desired with { Source = source.ToString() });
            // What a refusal said of the former source is not so any more.
            if (run.Phase == "off" && source != before) run.Problem = null;
            _journal.End(command, CommandResult.Done, $"It is stored, and used when {run.Group.Name} is switched on.", []);
            return;
        }

        var plan = plans.Around(run, source, plans.LeftAlone(run.Group.Members, commanded: false), [], plans.IsMissing, PlanNotices.IsAutomatic);
        pending.RefuseUnlessAutomatic(run, plan);
        _desired.Set(run.Group.Id, desired with { Source = source.ToString(), Announced = pending.AnnouncementOf(plan) });
        if (before is { Kind: SourceKind.Echo } && before != source) run.FormerSourceEchoes.Add(before.Argument!);
        pending.Accept(command, run, plan, null);
        if (before != source && run.IsActive)
        {
            run.Phase = "degraded"; // it stays on, and nothing is known yet of the new sound
            run.Problem = new ProblemDocument($"{run.Group.Name} waits for sound from {_view.Shown(source)}.", [], "Give it a moment.");
        }

        if (before != source) _journal.Happened("source_changed", $"{run.Group.Name} now takes its sound from {_view.Shown(source)}.", group: run.Group.Id);
    }

    private List<GroupRun> Overlapping(GroupRun run) =>
        [.. groups.All.Where(g => g != run && _desired.Group(g.Group.Id).Active && g.Group.Members.Intersect(run.Group.Members).Any())];
}
