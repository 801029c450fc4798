using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;

namespace Gateway.Reconciler.Groups;

/// <summary>A plan's steps as they are carried out: which are due, where their devices are, and what may be cut.</summary>
internal sealed class GroupSteps(LoopContext loop, GroupRuns groups, SpeakerRuns speakers, EchoRuns echoes, SpeakerLinks links)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;

    public bool IsDue(PlanStep step, GroupRun run) =>
        IsForSource(step, run) ? !(run.SourceRetryAt > loop.Now) && !(run.SourceLinked && _desired.SourceOf(run.Group)?.Kind == SourceKind.Phone) // of a phone's link the plan knows nothing
        : !run.Unseen.Contains(GroupRun.KeyOf(step)) && IsDue(step);

    private bool IsDue(PlanStep step) =>
        step is not (ConnectStep or PairStep) || speakers.Known(step.Device)?.RetryAt is not { } at || at <= loop.Now;

    /// <summary>It makes or frees the link of the Echo or phone that is the source.</summary>
    public bool IsForSource(PlanStep step, GroupRun run) =>
        step is ConnectStep or DisconnectStep && _desired.SourceOf(run.Group) is { Kind: SourceKind.Echo or SourceKind.Phone, Argument: { } source } && source == step.Device;

    public StepTarget TargetOf(PlanStep step, GroupRun run)
    {
        var serial = _view.Registry.SerialOf(step.Device);
        var isPhone = _desired.SourceOf(run.Group) == new SourceRef(SourceKind.Phone, step.Device);
        var phone = isPhone ? _view.RadioOf(BluetoothAddress.Read(step.Device)).FirstOrDefault(d => d.Paired) : null; // its key is on one adapter (T4), and no plan knows which
        var isSource = step is ConnectStep && _desired.SourceOf(run.Group) == new SourceRef(SourceKind.Echo, step.Device);
        return new StepTarget
        {
            Step = step,
            Name = step is CreateWifiGroupStep ? run.Group.Name : _view.NameOf(step.Device),
            Adapter = phone is not null ? phone.Adapter : step.Form.Adapter is { } name ? _view.Registry.Adapters.Values.FirstOrDefault(a => a.Name == name)?.Address : _view.ConnectedRadioOf(step.Device)?.Adapter,
            Address = _view.Registry.AddressOf(step.Device) ?? (isPhone ? BluetoothAddress.Read(step.Device) : null),
            Serial = serial,
            EchoIsSource = isSource,
            PlaysToUs = isSource || (isPhone && step is ConnectStep),
            IsForSource = IsForSource(step, run),
            Serials = step is CreateWifiGroupStep group ? [.. group.Devices.Select(_view.Registry.SerialOf).OfType<string>()] : [],
            Output = step is SetAudioOutputStep output ? OutputFor(output) : null,
        };
    }

    /// <summary>The output that the transmitter named in the step hangs on.</summary>
    private AudioOutput OutputFor(SetAudioOutputStep step) =>
        _view.Registry.Effective.Transmitters.FirstOrDefault(t => t.Id == step.Transmitter) is { } transmitter ? TransmitterFeed.OutputOf(_view.House, transmitter) : AudioOutput.LineOut;

    /// <summary>The steps that let a group's members go; those that another group needs, or the user wants linked, stay.</summary>
    public List<StepTarget> LettingGo(GroupRun run)
    {
        var letGo = new List<StepTarget>();
        var needed = groups.All.Where(g => _desired.Group(g.Group.Id).Active).SelectMany(g => g.Group.Members).ToHashSet();
        foreach (var member in run.Group.Members)
        {
            if (needed.Contains(member) || _desired.Speaker(member).Connected == true) continue;
            if (_view.SinkOf(member) is not { } radio)
            {
                if (speakers.Known(member) is not null) links.NobodyWaitsFor(member);
                continue;
            }

            if (echoes.Known(member) is { } receiver) receiver.DisconnectExpected = true;
            else speakers.Of(member).DisconnectExpected = true;
            letGo.Add(new StepTarget { Step = new DisconnectStep(member, null, null, "the group is off"), Name = _view.NameOf(member), Adapter = radio.Adapter, Address = radio.Address, Serial = _view.Registry.SerialOf(member) });
        }

        return letGo;
    }

    /// <summary>The step that lets a source's Echo go, so that it can sound by itself again (L8); null: it has no link with us, or another group needs it.</summary>
    public StepTarget? ReleaseOf(string echoId, GroupRun run)
    {
        var usedElsewhere = groups.All.Any(g => g != run && _desired.Group(g.Group.Id).Active && _desired.SourceOf(g.Group) == new SourceRef(SourceKind.Echo, echoId));
        if (usedElsewhere || echoes.Known(echoId) is not { } echo || !_view.IsOurAdapter(echo.Peer)) return null;
        var radio = _view.ConnectedRadioOf(echoId);
        if (radio is { LinkedAs: not RadioRole.Source }) return null; // it receives, for another group
        echo.DisconnectExpected = true;
        return new StepTarget
        {
            Step = new DisconnectStep(echoId, echo.Peer, null, "no longer the source"), Name = _view.NameOf(echoId),
            Adapter = radio?.Adapter, Address = radio?.Address, Serial = _view.Registry.SerialOf(echoId),
        };
    }

    public bool UsesEcho(GroupRun run, string echoId) =>
        _desired.Group(run.Group.Id).Active && (run.Group.Members.Contains(echoId) || _desired.SourceOf(run.Group) == new SourceRef(SourceKind.Echo, echoId));

    /// <summary>
    /// Announced by an accepted command; or an Echo's link with us that stands the wrong way round, as one that called by itself may, and that no other group uses.
    /// </summary>
    public bool MayCut(PlanDrop drop, GroupRun run) =>
        run.AnnouncedDrops.Contains(drop) || (_view.Registry.IsEcho(drop.Device) && _view.IsOurAdapter(drop.Peer) && !groups.All.Any(g => g != run && UsesEcho(g, drop.Device)));
}
