using Gateway.Engine;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>
/// Accepted commands to groups until their end, and the links that they announced to cut. An announcement is stored with its command, so that one killed between
/// its <c>accepted</c> and the cut is carried out, and nothing else is ever cut.
/// </summary>
internal sealed class PendingCommands(LoopContext loop, GroupProblems problems)
{
    /// <summary>An update or a reboot is over by then.</summary>
    private static readonly TimeSpan s_announcedLife = TimeSpan.FromMinutes(10);

    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;

    /// <summary>An infeasible plan, or one that needs the user first, is refused with what stands in the way; the group says so until the next command.</summary>
    public void RefuseUnlessAutomatic(GroupRun run, Plan plan)
    {
        var silent = PlanNotices.IsAutomatic(plan) ? problems.SilentRoute(run, plan) : null;
        if (PlanNotices.IsAutomatic(plan) && silent is null) return;
        var problem = silent ?? GroupProblems.Of(run, plan);
        run.Problem = problem;
        _journal.Happened(HouseEventType.Problem, problem.Text, group: run.Group.Id, rules: [.. problem.Rules]);
        throw new RefusedException($"{problem.Text} {problem.Remedy}".Trim(), [.. problem.Rules]);
    }

    public void Accept(Command command, GroupRun run, Plan? plan, string? reason)
    {
        Supersede(run, command.Property, "A later command to the same property took its place.");
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
        _journal.Accept(command, plan, reason);
    }

    public void Supersede(GroupRun run, string property, string reason)
    {
        if (run.Pending.Remove(property, out var earlier)) _journal.End(earlier, CommandResult.Superseded, reason, []);
    }

    public void End(GroupRun run, CommandResult result, string? reason, IReadOnlyList<string> rules)
    {
        foreach (var pending in run.Pending.Values.ToList()) _journal.End(pending, result, reason, rules);
        run.Pending.Clear();
        // While the world comes up after a restart nothing works at first: no failure of that time was anybody's answer.
        if (result == CommandResult.Done || run.AnnouncedUntil is null) ForgetAnnounced(run);
    }

    /// <summary>Committed with the command, so that one killed between its <c>accepted</c> and the cut is carried out, and nothing else is ever cut.</summary>
    public AnnouncedDrops? AnnouncementOf(Plan plan) => plan.Drops.Count == 0 ? null : new AnnouncedDrops(loop.WallNow, plan.Drops);

    public void ForgetAnnounced(GroupRun run)
    {
        run.AnnouncedDrops.Clear();
        run.AnnouncedUntil = null;
        var desired = _desired.Group(run.Group.Id);
        if (desired.Announced is not null) _desired.SetAnyway(run.Group.Id, desired with { Announced = null });
    }

    /// <summary>What was announced before a restart still counts, but not for ever: who finds the link hours later may have come to use it.</summary>
    public void RememberAnnounced(GroupRun run)
    {
        if (_desired.Group(run.Group.Id).Announced is not { } announced) return;
        // Set back while we were away, the wall's clock may show it in the future; beyond its life that says nothing any more.
        var age = loop.WallNow - announced.At;
        run.AnnouncedUntil = loop.Now + (age.Duration() < s_announcedLife ? s_announcedLife - (age > TimeSpan.Zero ? age : TimeSpan.Zero) : TimeSpan.Zero);
        run.AnnouncedDrops.UnionWith(announced.Drops);
    }
}
