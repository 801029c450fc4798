using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Playback.TestSound;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Speakers;

/// <summary>Commands to speakers.</summary>
internal sealed class SpeakerCommands(LoopContext loop, SpeakerRuns speakers, SpeakerLinks links, SpeakerControl control, MemberOutputs outputs)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;
    private readonly PlaybackEngine _playback = loop.Ports.Playback;

    /// <summary>The user has just switched this speaker off: a group that is connecting it has something else to do.</summary>
    public event Action<string>? SwitchedOff;

    public void Connect(Command command)
    {
        RefuseWired(command.Id);
        if (CommandValues.OnOff(command)) SwitchOn(command);
        else SwitchOff(command);
    }

    public void ChangeTrim(Command command)
    {
        _desired.Set(command.Id, _desired.Speaker(command.Id) with { TrimMs = CommandValues.TrimMs(command) });
        _journal.End(command, CommandResult.Done, Later(command.Id), []);
    }

    public void KeepAwake(Command command)
    {
        _desired.Set(command.Id, _desired.Speaker(command.Id) with { KeepAwake = CommandValues.OnOff(command) });
        _journal.End(command, CommandResult.Done, _view.OutputRefusalOf(command.Id) is { } refusal ? NotFed(command.Id, refusal) : Later(command.Id), []);
    }

    public void ChangeVolume(Command command)
    {
        var (id, percent) = (command.Id, CommandValues.Percent(command));
        var run = speakers.Of(id);
        _desired.Set(id, _desired.Speaker(id) with { Volume = percent });
        run.VolumeApplied = false;
        if (outputs.HasNoVolume(id) || _view.ConnectedRadioOf(id) is not { } radio)
        {
            _operations.Supersede($"{command.Device}/volume");
            _journal.End(command, CommandResult.Done, Later(id), []);
            return;
        }

        run.VolumeApplied = true;
        _operations.Begin(command, token => _bluetooth.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), seen: () => outputs.HasVolume(id, percent));
    }

    /// <summary>Said with a setting of a speaker that is off or away: stored, and applied at the next connect.</summary>
    private string? Later(string id) =>
        _view.IsWired(id) ? _view.OutputOf(id) is null ? $"{_view.NameOf(id)} is not there now: it is stored, and applied when it is." : null
        : _view.ConnectedRadioOf(id) is null ? $"{_view.NameOf(id)} is not connected: it is stored, and applied when it connects." : null;

    /// <summary>What is about a link with a radio is nothing for an output of the sound server.</summary>
    private void RefuseWired(string id)
    {
        if (_view.IsWired(id)) throw new RefusedException($"{_view.NameOf(id)} is an output of the sound server: there is no link to make or end. It plays whenever its group does, as long as the output is there.");
    }

    private string NotFed(string id, string refusal) =>
        $"It is stored, but nothing feeds {_view.NameOf(id)}: {refusal}. {_view.OutputRemedyOf(id) ?? "Set bluetooth.audio: own."}";

    private void SwitchOn(Command command)
    {
        var id = command.Id;
        RefuseIfAmbiguous(id);
        var run = speakers.Of(id);
        var plan = control.PlanOf(id);
        if (!plan.Feasible) throw new RefusedException(PlanNotices.Sentence(plan.Blockers), [.. PlanNotices.RulesOf(plan.Blockers)]);
        if (!PlanNotices.IsAutomatic(plan))
        {
            throw new RefusedException($"{_view.NameOf(id)} needs you first: {string.Join(" ", plan.Steps.OfType<AskUserStep>().Select(s => s.Why))}", [.. PlanNotices.RulesOf(plan.Warnings)]);
        }

        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem);
        _desired.Set(id, _desired.Speaker(id) with { Connected = true });
        speakers.GiveAnotherTry(id);
        run.LastError = null;
        run.DisconnectExpected = false;
        _operations.Supersede($"{command.Device}/connected");
        if (plan.Steps.Any(PlanNotices.IsOurs))
        {
            control.StartConnecting(id, plan, command);
            return;
        }

        _journal.Accept(command, plan);
        _journal.End(command, CommandResult.Done, $"{_view.NameOf(id)} is connected already.", []);
    }

    private void RefuseIfAmbiguous(string id)
    {
        if (_view.Registry.RivalsOf(id) is not { Count: > 0 } rivals) return;
        throw new RefusedException($"{_view.NameOf(id)} has no address in the configuration, and {rivals.Count} devices have its name: {string.Join(", ", rivals)}. Give its address, or see to it that only the right one is paired here (each is shown on its own): that one is then taken for it.");
    }

    private void SwitchOff(Command command)
    {
        var id = command.Id;
        _journal.NoteUnstored(command, _desired.SetAnyway(id, _desired.Speaker(id) with { Connected = false }));
        links.NobodyWaitsFor(id);
        _operations.Supersede($"{command.Device}/connected");
        SwitchedOff?.Invoke(id);
        var linked = _view.ConnectedRadioOf(id);
        // One that another host holds is not linked, but is no longer waited for.
        if ((linked ?? _view.RadioOf(_view.Registry.AddressOf(id)).FirstOrDefault(d => d.HeldElsewhere)) is not { } radio)
        {
            _journal.Accept(command, null);
            _journal.End(command, CommandResult.Done, $"{_view.NameOf(id)} was not connected.", []);
            return;
        }

        speakers.Of(id).DisconnectExpected = linked is not null;
        _operations.Begin(command, token => _bluetooth.DisconnectAsync(radio.Adapter, radio.Address, token), null, _ => speakers.Of(id).DisconnectExpected = false, seen: () => _view.ConnectedRadioOf(id) is null);
    }

    public void Pair(Command command)
    {
        CommandValues.Press(command);
        var id = command.Id;
        RefuseWired(id);
        RefuseIfAmbiguous(id);
        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem);
        var run = speakers.Of(id);
        var plan = control.PlanOf(id);
        if (plan.Steps.OfType<PairStep>().FirstOrDefault() is not { } step)
        {
            EndPaired(command, plan);
            return;
        }

        var target = control.TargetOf(step);
        _operations.Begin(command, token => _bluetooth.PairAsync(NeedAdapter(target), NeedAddress(target), token), plan with { Steps = [step] }, failure =>
        {
            if (failure is null) run.LastError = null;
            else run.LastError = new ErrorDocument(failure.IsPorts ? failure.Text : $"{_view.NameOf(id)} could not be paired.", _view.CatalogueOf(id)?.Rule);
        }, limit: Operations.PortsTime, seen: () => _view.RadioOf(target.Address).Any(d => d.Paired));
    }

    /// <summary>No adapter is to be paired with: a key on one that is off is of no use now (T4), one on another is enough.</summary>
    private void EndPaired(Command command, Plan plan)
    {
        var id = command.Id;
        var usable = _view.RadioOf(_view.Registry.AddressOf(id)).Any(d => d.Paired && _view.Registry.Adapters[d.Adapter].Powered);
        if (!usable && !plan.Feasible) throw new RefusedException(PlanNotices.Sentence(plan.Blockers), [.. PlanNotices.RulesOf(plan.Blockers)]);
        if (!usable) throw new RefusedException($"No adapter can pair {_view.NameOf(id)} now. Switch an adapter's Powered on, or plug one in, and pair again.");
        _journal.Accept(command, null);
        _journal.End(command, CommandResult.Done, $"{_view.NameOf(id)} is paired already (paired is not connected: use its Connected switch).", ["L3"]);
    }

    public void Forget(Command command)
    {
        CommandValues.Press(command);
        var id = command.Id;
        RefuseWired(command.Id);
        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem); // it would be back with bluetoothd
        var radios = _view.RadioOf(_view.Registry.AddressOf(id)).ToList();
        _journal.NoteUnstored(command, _desired.SetAnyway(id, _desired.Speaker(id) with { Connected = false }));
        speakers.Of(id).DisconnectExpected = true;
        var lookedForAnew = false;
        _operations.Begin(command, async token =>
        {
            foreach (var radio in radios) await _bluetooth.ForgetAsync(radio.Adapter, radio.Address, token);
        }, null, failure =>
        {
            speakers.Of(id).DisconnectExpected = false;
            if (failure is not null) return;
            lookedForAnew = _view.Registry.Forget(id);
            loop.LookAgain();
        }, () => lookedForAnew ? $"{_view.NameOf(id)} has no address any more: the next device of its name that is paired is taken for it." : null);
    }

    /// <summary>A short sound on this speaker alone. That its device took it is known; that somebody heard it is not.</summary>
    public void Test(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, _view.NameOf(command.Id));
        if (!_view.IsWired(id) && _view.Bluetooth.Problem is { } problem) throw new RefusedException(problem);
        if (_view.OutputRefusalOf(id) is { } refusal)
        {
            throw new RefusedException($"The gateway cannot play on {name}: {refusal}. {_view.OutputRemedyOf(id) ?? "Set bluetooth.audio: own."}");
        }

        if (_playback.Current.Groups.Values.FirstOrDefault(g => g.Request.Members.Any(m => m.Speaker == id))?.Request.Name is { } group)
        {
            throw new RefusedException($"{name} belongs to {group}, which is on: what {group} plays is its test. Switch {group} off to hear the test sound.");
        }

        if (outputs.Of(id) is not { } place) throw new RefusedException(_view.WhyNoOutput(id) ?? $"{name} is not connected for sound. Switch its Connected on, then press Test sound.");
        var adapter = _view.SinkOf(id) is { } radio ? _view.Registry.Adapters[radio.Adapter].Name : "the sound server";
        string? sent = null;
        _operations.Begin(command, token => _playback.TestAsync(place, token), ended: failure =>
        {
            if (failure is null) sent = $"A test sound went out to {name} over {adapter} ({TestChime.Seconds} s); did you hear it?{(outputs.VolumeOf(id) == 0 ? " Its volume is 0: raise it, then press Test sound again." : "")}";
            if ((sent ?? (failure is { IsPorts: true } ? failure.Text : null)) is { } text) _journal.Happened(HouseEventType.Pairing, text, id);
        }, report: () => sent);
    }

    private static BluetoothAddress NeedAdapter(StepTarget target) => target.Adapter ?? throw new PortException(PortError.NotPowered, $"No adapter is there for {target.Name}.");

    private static BluetoothAddress NeedAddress(StepTarget target) =>
        target.Address ?? throw new PortException(PortError.UnknownDevice, $"The Bluetooth address of {target.Name} is not known.", "Put it in pairing mode and press Rescan, or give its address in the configuration.");
}
