using Gateway.Engine;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>Brings a group that is on nearer to sound: plans it from what is seen now, and begins the steps that are due; when none is left, it settles.</summary>
internal sealed class GroupApproach(LoopContext loop, GroupPlans plans, GroupProblems problems, GroupSteps steps, GroupSound sound, GroupWork work)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;

    public void Begin(GroupRun run)
    {
        sound.WatchSource(run);
        var leftAlone = plans.LeftAlone(run.Group.Members, commanded: false);
        var plan = plans.Around(run, _desired.SourceOf(run.Group), leftAlone, [], plans.IsMissing, Acceptable);
        Toward(run, PlanNotices.IsAutomatic(plan) ? plan : sound.WithoutSource(run, plan, leftAlone, Acceptable));

        bool Acceptable(Plan plan) => PlanNotices.IsAutomatic(plan) && plan.Drops.All(d => steps.MayCut(d, run));
    }

    private void Toward(GroupRun run, Plan plan)
    {
        run.Plan = plan;
        run.Unseen.RemoveWhere(key => plan.Steps.All(s => GroupRun.KeyOf(s) != key)); // it shows by now
        if (!PlanNotices.IsAutomatic(plan))
        {
            sound.Fail(run, GroupProblems.Of(run, plan), retry: false);
            return;
        }

        if (problems.SilentRoute(run, plan) is { } silent)
        {
            sound.Fail(run, silent, retry: false);
            return;
        }

        var unannounced = plan.Drops.Where(d => !steps.MayCut(d, run)).ToList();
        if (unannounced.Count > 0)
        {
            var text = string.Join(" ", unannounced.Select(d => $"{_view.NameOf(d.Device)} is now linked with {_view.NameOf(d.Peer)}."));
            sound.Fail(run, new ProblemDocument($"{run.Group.Name} lost its place: {text}", ["L1", "L2"], $"Switch {run.Group.Name} on again to take it back."), retry: false);
            return;
        }

        var due = plan.Steps.Where(s => PlanNotices.IsOurs(s) && steps.IsDue(s, run)).Select(s => steps.TargetOf(s, run)).ToList();
        if (due.Count == 0)
        {
            sound.Settle(run, plan);
            return;
        }

        run.PrimingSince = null;
        if (_view.Bluetooth.Problem is { } problem && due.Any(s => s.Step is ConnectStep or PairStep))
        {
            sound.Fail(run, new ProblemDocument(problem, [], "It goes on by itself once Bluetooth is back."), retry: false);
            return;
        }

        if (run.Phase is GroupPhase.Off or GroupPhase.Planning or GroupPhase.Failed) run.Phase = GroupPhase.Connecting;
        work.Expect(due, plan.Drops);
        work.Begin(run, due, failures => AfterSteps(run, due, failures));
    }

    private void AfterSteps(GroupRun run, IReadOnlyList<StepTarget> carriedOut, IReadOnlyList<StepFailure> failures)
    {
        work.NoteFailures(failures);
        if (carriedOut.FirstOrDefault(s => s.IsForSource) is { } source) sound.AfterSourceStep(run, source, failures.FirstOrDefault(f => f.Target.IsForSource));
        // An Echo's cloud takes a step and may not tell what came of it: to ask again and again would not make it so.
        foreach (var step in carriedOut.Where(s => s is { Serial: not null, IsForSource: false, Step: SetAudioOutputStep or DisconnectStep } or { Step: CreateWifiGroupStep } && failures.All(f => f.Target != s))) run.Unseen.Add(GroupRun.KeyOf(step.Step));
        var broken = failures.FirstOrDefault(f => StepRunner.IsFoundation(f.Target));
        if (broken is not null)
        {
            sound.Fail(run, new ProblemDocument(broken.Text, run.Plan is null ? [] : [.. run.Plan.Warnings.Select(w => w.Rule).Distinct()], "It is tried again by itself."), retry: true);
        }
    }
}
