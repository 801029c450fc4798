using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>Groups as they are published. Reads only.</summary>
internal sealed class GroupDocuments(LoopContext loop, SpeakerRuns speakers, MemberOutputs outputs, GroupSources sources, GroupPlans plans, AlexaGroups alexa)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;

    public GroupDocument Of(GroupRun run)
    {
        var desired = _desired.Group(run.Group.Id);
        return new GroupDocument
        {
            Id = run.Group.Id,
            Name = run.Group.Name,
            Desired = desired.Active,
            Active = run.IsActive,
            Phase = run.Phase,
            Route = run.Phase == "off" ? null : run.Plan?.Route,
            Source = _desired.SourceOf(run.Group)?.ToString(),
            Volume = desired.Volume ?? run.Group.Members.Select(outputs.VolumeOf).Max(),
            Muted = desired.Muted,
            Sync = PlaybackDocuments.SyncOf(_view.Playback.Groups.GetValueOrDefault(run.Group.Id), run.Missing.Order(StringComparer.Ordinal)),
            Members = [.. run.Group.Members.Select(m => new MemberDocument(m, MemberState(run, m, desired)))],
            Problem = run.Problem ?? CalibrationProgress(run),
            SourceOptions = [.. sources.Of(run)],
        };
    }

    /// <summary>Half a minute without music wants a reason.</summary>
    private ProblemDocument? CalibrationProgress(GroupRun run) => _view.Playback.Groups.GetValueOrDefault(run.Group.Id)?.Calibrating is { } phase
        ? new ProblemDocument($"{run.Group.Name} is being calibrated: {phase}.", [], "The music is back in about 20 s; keep the room quiet until then.")
        : null;

    private string? MemberState(GroupRun run, string member, DesiredGroup desired)
    {
        if (run.Phase == "off") return null;
        if (run.Missing.Contains(member)) return "missing";
        if (run.Plan is { } alexas && AlexaGroups.Plays(alexas)) return alexa.IsPlaying(run) ? "playing" : null;
        if (run.Plan is null || !plans.IsPresent(member, run.Plan)) return run.Phase == "failed" || speakers.Known(member)?.RetryAt > loop.Now ? "missing" : "connecting";
        var takesSound = _view.Playback.Groups.GetValueOrDefault(run.Group.Id)?.Sounding.GetValueOrDefault(member)?.IsRunning == true;
        return !takesSound ? "connecting" : desired.Muted ? "muted" : run.IsActive ? "playing" : "connecting";
    }
}
