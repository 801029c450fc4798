using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>
/// Brings each group to what was asked. Invariant: of itself the loop never cuts a link; only what an accepted command
/// announced in its drops is ever cut, so that a house and its people are not fought. The one exception is an Echo's link with us that stands
/// the wrong way round (<see cref="GroupSteps.MayCut"/>).
/// </summary>
internal sealed class GroupControl(LoopContext loop, GroupRuns groups, GroupSteps steps, PendingCommands pending, GroupRelease release, GroupApproach approach)
{
    private readonly DesiredState _desired = loop.Desired;

    public void Converge(GroupRun run)
    {
        if (run.Operation is not null) return;
        if (run.AnnouncedUntil <= loop.Now) pending.ForgetAnnounced(run);
        if (!_desired.Group(run.Group.Id).Active) release.TakeDown(run);
        else if (!HasToWait(run) && !release.OfFormerSource(run)) approach.Begin(run);
    }

    /// <summary>The user has just switched this speaker off: a group that is connecting it has something else to do. One that lets it go goes on.</summary>
    public void GiveUpOn(string speaker)
    {
        foreach (var run in groups.All.Where(g => _desired.Group(g.Group.Id).Active && g.UnderWay.Any(s => s.Step.Device == speaker))) run.Operation?.Cancel();
    }

    private bool HasToWait(GroupRun run) =>
        // An Echo has one link and two roles: a group that is at one has it to the end. Between letting go and linking anew it is nobody's to take.
        groups.All.Any(g => g != run && g.UnderWay.Any(s => steps.UsesEcho(run, s.Step.Device)))
        || loop.Now < run.RetryAt
        // A group that gives way goes first: its links are this group's to use.
        || groups.All.Any(g => g != run && g.Phase != GroupPhase.Off && !_desired.Group(g.Group.Id).Active && g.Group.Members.Intersect(run.Group.Members).Any());
}
