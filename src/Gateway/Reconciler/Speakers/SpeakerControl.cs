using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Speakers;

/// <summary>Keeps those speakers linked that shall be, gives them their volume, and feeds those that fall asleep.</summary>
internal sealed class SpeakerControl(LoopContext loop, SpeakerRuns speakers, SpeakerLinks links, MemberOutputs outputs, StepRunner steps)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    private IReadOnlyList<PlaybackMember> _keptAwake = [];

    public void Converge()
    {
        var inGroups = _view.Registry.Effective.Groups.Where(g => _desired.Group(g.Id).Active).SelectMany(g => g.Members).ToHashSet();
        foreach (var speaker in _view.Registry.Effective.Speakers)
        {
            var run = speakers.Of(speaker.Id);
            if (_view.ConnectedRadioOf(speaker.Id) is { } radio)
            {
                ApplyVolume(speaker, run, radio);
                continue;
            }

            var wanted = _desired.Speaker(speaker.Id).Connected == true && !inGroups.Contains(speaker.Id);
            if (!wanted || run.Connecting || run.RetryAt > loop.Now || _view.Bluetooth.Problem is not null || _operations.IsUnderWay($"speaker/{speaker.Id}/connected")) continue;
            var plan = PlanOf(speaker.Id);
            if (PlanNotices.IsAutomatic(plan) && plan.Drops.Count == 0 && plan.Steps.Any(PlanNotices.IsOurs)) StartConnecting(speaker.Id, plan, null);
            else run.RetryAt = loop.Now + speakers.BackoffOf(speaker.Id).Failed();
        }

        FeedThoseKeptAwake();
    }

    /// <summary>How this one speaker is linked.</summary>
    public Plan PlanOf(string id) => Planner.Plan(_view.House, new PlanRequest { Members = [id], ForcedRoute = Route.FanOut });

    public void StartConnecting(string id, Plan plan, Command? command)
    {
        var run = speakers.Of(id);
        var targets = plan.Steps.Where(PlanNotices.IsOurs).Select(TargetOf).ToList();
        run.Connecting = true;
        IReadOnlyList<StepFailure> failures = [];
        _operations.Start($"speaker/{id}/connected", command, plan, async token =>
        {
            failures = await steps.RunAsync(targets, token);
            if (failures.Count > 0) throw new PortException(failures[0].Error, failures[0].Text);
        }, _ =>
        {
            run.Connecting = false;
            foreach (var failure in failures) links.NoteFailure(failure);
            if (_desired.Speaker(id).Connected == false && _view.ConnectedRadioOf(id) is { } radio && !_operations.IsUnderWay($"speaker/{id}/connected")) LetGo(id, radio);
        }, limit: Operations.PortsTime, seen: () => _view.ConnectedRadioOf(id) is not null);
    }

    /// <summary>Ends a link that nobody wants any more.</summary>
    public void LetGo(string id, RadioDevice radio)
    {
        speakers.Of(id).DisconnectExpected = true;
        _operations.Start($"speaker/{id}/connected", null, null, token => _bluetooth.DisconnectAsync(radio.Adapter, radio.Address, token), _ => speakers.Of(id).DisconnectExpected = false);
    }

    /// <summary>S1. Those that a group plays on are among them: playback knows best who has which output.</summary>
    private void FeedThoseKeptAwake()
    {
        var kept = _view.Registry.Effective.Speakers.Select(s => s.Id).Where(id => _desired.Speaker(id).KeepAwake && _view.OutputRefusalOf(id) is null).Select(outputs.Of).OfType<PlaybackMember>().ToList();
        if (kept.SequenceEqual(_keptAwake)) return;
        _keptAwake = kept;
        _playback.KeepAwake(kept);
    }

    private void ApplyVolume(ConfiguredSpeaker speaker, SpeakerRun run, RadioDevice radio)
    {
        if (run.VolumeApplied || outputs.HasNoVolume(speaker.Id)) return;
        run.VolumeApplied = true;
        if (_desired.Speaker(speaker.Id).Volume is not { } volume || radio.VolumePercent == volume) return;
        _operations.Start($"speaker/{speaker.Id}/volume", null, null, token => _bluetooth.SetVolumeAsync(radio.Adapter, radio.Address, volume, token), failure =>
        {
            if (failure is not null) run.LastError = new ErrorDocument($"{speaker.Name} did not take the volume {volume}. It is set again at the next connect.", null);
        });
    }

    public StepTarget TargetOf(PlanStep step) => new()
    {
        Step = step,
        Name = _view.NameOf(step.Device),
        Adapter = _view.Registry.Adapters.Values.FirstOrDefault(a => a.Name == step.Form.Adapter)?.Address,
        Address = _view.Registry.AddressOf(step.Device),
    };
}
