using Gateway.Engine;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Groups;

/// <summary>Commands to what a group sounds like: volume, mute, calibration.</summary>
internal sealed class GroupSoundCommands(LoopContext loop, SpeakerRuns speakers, MemberOutputs outputs, AlexaGroups alexa)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    public void Mute(Command command, GroupRun run)
    {
        RefuseWhereAlexaPlays(run);
        var muted = _desired.Group(run.Group.Id) with { Muted = CommandValues.OnOff(command) };
        if (muted.Muted) _journal.NoteUnstored(command, _desired.SetAnyway(run.Group.Id, muted));
        else _desired.Set(run.Group.Id, muted);
        _journal.End(command, CommandResult.Done, null, []);
    }

    /// <summary>G6: the loudest member gets the volume asked for, the others keep their proportion to it.</summary>
    public void ChangeVolume(Command command, GroupRun run)
    {
        var volume = CommandValues.Percent(command);
        var desired = _desired.Group(run.Group.Id);
        var now = run.Group.Members.Select(m => (Id: m, Volume: outputs.VolumeOf(m))).Where(m => m.Volume is not null).ToDictionary(m => m.Id, m => (double)m.Volume!.Value);
        var loudest = now.Values.DefaultIfEmpty(0).Max();
        // Volumes that are still the ones the group gave are rounded pictures of the balance: only a member set on its own changes it.
        var ours = desired.Volume is { } last && now.All(m => m.Value == Math.Round(last * desired.Balance.GetValueOrDefault(m.Key, 1)));
        var balance = ours || loudest == 0 ? desired.Balance.ToDictionary() : now.ToDictionary(m => m.Key, m => m.Value / loudest);
        var settings = run.Group.Members.Where(m => _view.Registry.Effective.Speakers.Any(s => s.Id == m))
            .Select(m => KeyValuePair.Create(m, _desired.Speaker(m) with { Volume = (int)Math.Round(volume * balance.GetValueOrDefault(m, 1)) })).ToList();
        _desired.Commit([new(run.Group.Id, desired with { Volume = volume, Balance = balance })], settings);
        foreach (var (member, _) in settings) speakers.Of(member).VolumeApplied = false;
        foreach (var member in run.Group.Members.Where(_view.Registry.IsEcho))
        {
            outputs.SetEchoVolume(member, (int)Math.Round(volume * balance.GetValueOrDefault(member, 1)));
        }

        var away = run.Group.Members.Where(m => !outputs.CanBeTold(m)).ToList();
        _operations.Begin(command, _ => Task.CompletedTask, seen: () => HaveVolumes(run, volume, balance), report: () => away.Count == 0
            ? null
            : $"{string.Join(", ", away.Select(_view.NameOf))} cannot be told now: a speaker is when it connects, an Echo that no control path leads to never.");
    }

    /// <summary>As the members report it; those that report nothing do not count. Null: nobody reports anything.</summary>
    private bool? HaveVolumes(GroupRun run, int volume, Dictionary<string, double> balance)
    {
        var told = run.Group.Members.Where(outputs.CanBeTold).Select(m => (Member: m, Percent: (int)Math.Round(volume * balance.GetValueOrDefault(m, 1))))
            .Select(m => _view.DeviceOfEcho(m.Member) is not null ? outputs.HasEchoVolume(m.Member, m.Percent) : outputs.HasVolume(m.Member, m.Percent)).ToList();
        if (told.Contains(false)) return false;
        return told.Count == 0 || told.Contains(true) ? true : null;
    }

    /// <summary>Consent first: the microphone is off unless the configuration names one.</summary>
    public void Calibrate(Command command, GroupRun run)
    {
        CommandValues.Press(command);
        if (!_playback.HasMicrophone)
            throw new RefusedException($"{run.Group.Name} cannot be measured: the microphone is off. Name one with audio.microphone in tutti.yaml; it listens only while a calibration runs, and nothing is stored.");
        RefuseUnlessPlaying(run);
        if (_view.Playback.Groups.Values.Any(g => g.Calibrating is not null)) throw new RefusedException("A calibration is running already. Wait half a minute.");
        var text = "";
        _operations.Begin(command, async token => text = await _playback.CalibrateAsync(run.Group.Id, token), null, null, () => text);
    }

    public void UndoCalibration(Command command, GroupRun run)
    {
        CommandValues.Press(command);
        RefuseUnlessPlaying(run);
        var text = "";
        _operations.Begin(command, async _ => text = await _playback.UndoCalibrationAsync(run.Group.Id), null, null, () => text);
    }

    private void RefuseUnlessPlaying(GroupRun run)
    {
        if (!run.IsActive) throw new RefusedException($"{run.Group.Name} does not play. Switch it on first.");
        if (!_view.Playback.Groups.ContainsKey(run.Group.Id))
            throw new RefusedException($"{run.Group.Name} plays by the route {(run.Plan is { } plan ? RouteNames.Of(plan.Route) : "unknown")}, whose sound does not pass through the gateway: only a fan-out can be brought into time.");
    }

    public static void RefuseAnnouncement(Command command)
    {
        var isMedia = command.Value.Contains("://", StringComparison.Ordinal) || command.Value.StartsWith('/');
        throw new RefusedException(isMedia
            ? Abilities.ThisVersion.WhyNot(Feature.Announcements)!
            : "An announcement takes the URL or path of a sound file; there is no speech synthesis here. Let Home Assistant's text-to-speech make the file.");
    }

    private void RefuseWhereAlexaPlays(GroupRun run)
    {
        if (_desired.Group(run.Group.Id).Active && run.Plan is { } plan && AlexaGroups.Plays(plan))
            throw new RefusedException($"{run.Group.Name} is played by Alexa, and its sound does not pass through the gateway: it cannot be muted here. Say \"Alexa, mute\" to {alexa.NamesOf(run)}.", "G7");
    }
}
