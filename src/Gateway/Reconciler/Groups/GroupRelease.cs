using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>Lets go what a group needs no more: all of it when it is off, an Echo when it is no longer the source.</summary>
internal sealed class GroupRelease(LoopContext loop, GroupSteps steps, GroupWork work, PendingCommands pending, AlexaGroups alexa)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    /// <summary>Echos that were the source before a change are let go, each until it really is.</summary>
    public bool OfFormerSource(GroupRun run)
    {
        if (run.FormerSourceEchoes.Count == 0) return false;
        var former = run.FormerSourceEchoes.First();
        if (steps.ReleaseOf(former, run) is { } release)
        {
            work.Begin(run, [release], _ => run.FormerSourceEchoes.Remove(former));
            return true;
        }

        run.FormerSourceEchoes.Remove(former);
        return OfFormerSource(run);
    }

    public void TakeDown(GroupRun run)
    {
        if (run.Phase == GroupPhase.Off)
        {
            if (run.Pending.Count > 0) pending.End(run, CommandResult.Done, null, []);
            return;
        }

        _playback.Stop(run.Group.Id);
        (run.Request, run.PrimingSince) = (null, null);
        var goesOn = run.Plan is { } former && AlexaGroups.Plays(former) ? $"What Alexa plays goes on: say \"Alexa, stop\" to {alexa.NamesOf(run)}." : null;
        var letGo = steps.LettingGo(run);
        if (_desired.SourceOf(run.Group) is { Kind: SourceKind.Echo, Argument: { } echo } && steps.ReleaseOf(echo, run) is { } release) letGo.Add(release);
        work.Begin(run, letGo, failures =>
        {
            if (_desired.Group(run.Group.Id).Active) return;
            run.Phase = GroupPhase.Off;
            run.Plan = null;
            run.Problem = null;
            run.Missing.Clear();
            // The group is off. That an Echo calls again at once, or cannot be reached to be let go, is told and makes no failure of it.
            var failed = failures.Any(f => !_view.Registry.IsEcho(f.Target.Step.Device));
            pending.End(run, failed ? CommandResult.Failed : CommandResult.Done, failures.Count == 0 ? goesOn : string.Join(" ", failures.Select(f => f.Text)), []);
        });
    }
}
