using Gateway.House;
using Gateway.Reconciler.Echoes;
using Gateway.Reconciler.Groups;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;
using Gateway.Storage;

namespace Gateway.Reconciler;

/// <summary>The parts of the loop, each with what it owns, put together so that each uses only those made before it; what runs the other way is a notice, wired here.</summary>
internal sealed class HouseOwners
{
    private readonly LoopContext _loop;
    private readonly GroupRuns _groups;
    private readonly LinkHistory _history;
    private readonly SpeakerLinks _speakerLinks;
    private readonly EchoLinks _echoLinks;
    private readonly SpeakerControl _speakerControl;
    private readonly GroupControl _groupControl;
    private readonly Roles _roles;

    public HouseOwners(LoopContext loop, ReconcilerOptions options, HouseHub hub, Store store)
    {
        _loop = loop;
        var runner = new StepRunner(loop.Ports.Bluetooth, loop.Ports.Echo, loop.Journal, loop.Time);
        var echoes = new EchoRuns();
        _history = new LinkHistory(store);
        _groups = new GroupRuns(options.House.Groups, loop.Time);
        Speakers = new SpeakerRuns(loop.View, loop.Time);
        var outputs = new MemberOutputs(loop, Speakers, echoes);
        _roles = new Roles(loop, _groups);

        _speakerLinks = new SpeakerLinks(loop, Speakers, _history);
        _speakerControl = new SpeakerControl(loop, Speakers, _speakerLinks, outputs, runner);
        var speakerCommands = new SpeakerCommands(loop, Speakers, _speakerLinks, _speakerControl, outputs);

        _echoLinks = new EchoLinks(loop, echoes);
        var test = new SourceTest(loop, _roles);
        Pairing = new Pairing(loop, _speakerLinks, _echoLinks, test);
        var echoOptions = new EchoOptions(loop.View, options.Identity.Name);
        var echoCommands = new EchoCommands(loop, echoes, echoOptions, outputs, _roles);

        var alexa = new AlexaGroups(loop.View);
        var plans = new GroupPlans(loop.View, loop.Desired);
        var problems = new GroupProblems(loop.View, loop.Desired, alexa);
        var sources = new GroupSources(loop.View, loop.Desired);
        var pending = new PendingCommands(loop, problems);
        var steps = new GroupSteps(loop, _groups, Speakers, echoes, _speakerLinks);
        var sound = new GroupSound(loop, plans, problems, pending, alexa, outputs);
        var work = new GroupWork(loop, runner, Speakers, echoes, _speakerLinks, _speakerControl);
        var release = new GroupRelease(loop, steps, work, pending, alexa);
        var approach = new GroupApproach(loop, plans, problems, steps, sound, work);
        _groupControl = new GroupControl(loop, _groups, steps, pending, release, approach);
        var groupCommands = new GroupCommands(loop, _groups, Speakers, plans, pending, sources);
        var groupSoundCommands = new GroupSoundCommands(loop, Speakers, outputs, alexa);

        loop.View.IsUndecided = Pairing.IsUndecided;
        speakerCommands.SwitchedOff += _groupControl.GiveUpOn;
        sound.TakesSourceFrom += test.EndFor;
        foreach (var run in _groups.All) pending.RememberAnnounced(run);

        var gatewayCommands = new GatewayCommands(loop, Pairing);
        var routines = new Routines(loop, hub, command => Commands!.Handle(command));
        Commands = new CommandDispatch(loop, _groups, options.Identity, routines.Run, new Dictionary<(string, string), Action<Command>>
        {
            [("echo", "bluetooth")] = echoCommands.ChangeLink,
            [("echo", "volume")] = echoCommands.ChangeVolume,
            [("echo", "audio_output")] = echoCommands.ChangeOutput,
            [("echo", "pair")] = Pairing.Open,
            [("echo", "forget")] = echoCommands.Forget,
            [("speaker", "connected")] = speakerCommands.Connect,
            [("speaker", "pair")] = speakerCommands.Pair,
            [("speaker", "forget")] = speakerCommands.Forget,
            [("speaker", "test")] = speakerCommands.Test,
            [("speaker", "volume")] = speakerCommands.ChangeVolume,
            [("speaker", "trim_ms")] = speakerCommands.ChangeTrim,
            [("speaker", "keep_awake")] = speakerCommands.KeepAwake,
            [("adapter", "powered")] = gatewayCommands.SetPowered,
            [("adapter", "discovering")] = gatewayCommands.SetDiscovering,
            [("group", "active")] = command => groupCommands.Switch(command, _groups[command.Id]),
            [("group", "source")] = command => groupCommands.ChangeSource(command, _groups[command.Id]),
            [("group", "volume")] = command => groupSoundCommands.ChangeVolume(command, _groups[command.Id]),
            [("group", "mute")] = command => groupSoundCommands.Mute(command, _groups[command.Id]),
            [("group", "calibrate")] = command => groupSoundCommands.Calibrate(command, _groups[command.Id]),
            [("group", "calibrate_undo")] = command => groupSoundCommands.UndoCalibration(command, _groups[command.Id]),
            [("group", "announce")] = GroupSoundCommands.RefuseAnnouncement,
            [("gateway", "pairing_mode")] = gatewayCommands.SetPairingMode,
            [("gateway", "rescan")] = gatewayCommands.Rescan,
            [("gateway", "pairing_answer")] = gatewayCommands.AnswerPairing,
        });
        Snapshots = new SnapshotBuilder(
            loop, options, _groups, new EchoDocuments(loop.View, loop.Operations, echoOptions), new SpeakerDocuments(loop, Speakers, _history, outputs),
            new GroupDocuments(loop, Speakers, outputs, sources, plans, alexa));
    }

    /// <summary>When something that waits is due again.</summary>
    public IEnumerable<TimeSpan> Due => _groups.All.Where(g => g.Operation is null && _loop.Desired.Group(g.Group.Id).Active)
        .SelectMany(g => new[] { g.RetryAt, g.SourceRetryAt, g.PrimingSince + GroupSound.LongestPriming }).OfType<TimeSpan>().Concat(Speakers.Due);

    public SpeakerRuns Speakers { get; }

    public Pairing Pairing { get; }

    public CommandDispatch Commands { get; }

    public SnapshotBuilder Snapshots { get; }

    /// <param name="guard">Runs each part so that the fault of one does not keep the others.</param>
    public void Converge(Action<Action> guard)
    {
        _loop.Operations.LookForEffects();
        foreach (var run in _groups.All) guard(() => _groupControl.Converge(run));
        guard(_speakerControl.Converge);
        guard(_roles.Tell);
    }

    public void WatchLinks()
    {
        _speakerLinks.Watch();
        _echoLinks.Watch();
    }

    /// <summary>Whoever was in reach of a search and left again leaves nothing behind.</summary>
    public void ForgetStrangers()
    {
        var house = _loop.View.Registry.Effective;
        var known = house.Speakers.Select(s => s.Id).Concat(house.Echoes.Select(e => e.Id)).Concat(_groups.All.Select(g => _loop.Desired.SourceOf(g.Group)?.Argument).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        Speakers.Keep(id => known.Contains(id) || _loop.Operations.Keys.Any(k => k.StartsWith($"speaker/{id}/", StringComparison.Ordinal)));
        _loop.View.Keep(known);
        _history.Keep(known);
    }
}
