using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Playback.TestSound;

namespace Gateway.Reconciler;

/// <summary>Commands to speakers, and keeping those linked that shall be.</summary>
internal sealed partial class Reconciler
{
    /// <summary>A speaker at whose answers bluetoothd dies again and again (bluez/bluez#166) must not take everybody's sound away each time.</summary>
    private static readonly TimeSpan s_missingPause = TimeSpan.FromMinutes(1);

    private void HandleSpeaker(Command command)
    {
        var id = command.Id;
        var desired = _desired.Speaker(id);
        switch (command.Property)
        {
            case "connected" when CommandValues.OnOff(command): ConnectSpeaker(command); break;
            case "connected": DisconnectSpeaker(command); break;
            case "pair": PairSpeaker(command); break;
            case "forget": ForgetSpeaker(command); break;
            case "test": TestSpeaker(command); break;
            case "volume":
                ChangeSpeakerVolume(command, CommandValues.Percent(command));
                break;
            case "trim_ms":
                _desired.Set(id, desired with { TrimMs = CommandValues.TrimMs(command) });
                End(command, CommandResult.Done, Later(id), []);
                break;
            default:
                _desired.Set(id, desired with { KeepAwake = CommandValues.OnOff(command) });
                End(command, CommandResult.Done, OutputRefusalOf(id) is { } refusal ? NotFed(id, refusal) : Later(id), []);
                break;
        }
    }

    private void ChangeSpeakerVolume(Command command, int percent)
    {
        var id = command.Id;
        var run = SpeakerRunOf(id);
        _desired.Set(id, _desired.Speaker(id) with { Volume = percent });
        run.VolumeApplied = false;
        if (ConnectedRadioOf(id) is not { } radio)
        {
            Supersede($"{command.Device}/volume");
            End(command, CommandResult.Done, Later(id), []);
            return;
        }

        run.VolumeApplied = true;
        Begin(command, token => _bluetoothPort.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), seen: () => HasVolume(id, percent));
    }

    /// <summary>A speaker's own scale may be coarser than ours. Null: it does not tell, or is gone.</summary>
    private bool? HasVolume(string id, int percent) => ConnectedRadioOf(id)?.VolumePercent is { } live ? Math.Abs(live - percent) <= 1 : null;

    /// <summary>Said with a setting of a speaker that is off or away: stored, and applied at the next connect.</summary>
    private string? Later(string id) => ConnectedRadioOf(id) is null ? $"{NameOf(id)} is not connected: it is stored, and applied when it connects." : null;

    private string NotFed(string id, string refusal) =>
        $"It is stored, but nothing feeds {NameOf(id)}: {refusal}. Set bluetooth.audio: own, or let the sound server play something faint.";

    private void ConnectSpeaker(Command command)
    {
        var id = command.Id;
        RefuseIfAmbiguous(id);
        var run = SpeakerRunOf(id);
        var plan = Planner.Plan(House, new PlanRequest { Members = [id], ForcedRoute = Route.FanOut });
        if (!plan.Feasible) throw new RefusedException(Sentence(plan.Blockers), [.. RulesOf(plan.Blockers)]);
        if (!IsAutomatic(plan))
        {
            throw new RefusedException($"{NameOf(id)} needs you first: {string.Join(" ", plan.Steps.Where(s => s.Do == StepKind.AskUser).Select(s => s.Why))}", [.. RulesOf(plan.Warnings)]);
        }

        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem);
        _desired.Set(id, _desired.Speaker(id) with { Connected = true });
        GiveAnotherTry(id);
        run.LastError = null;
        run.DisconnectExpected = false;
        Supersede($"{command.Device}/connected");
        if (plan.Steps.Any(IsOurs))
        {
            StartConnecting(id, plan, command);
            return;
        }

        Accept(command, plan);
        End(command, CommandResult.Done, $"{NameOf(id)} is connected already.", []);
    }

    private void RefuseIfAmbiguous(string id)
    {
        if (_registry.RivalsOf(id) is not { Count: > 0 } rivals) return;
        throw new RefusedException($"{NameOf(id)} has no address in the configuration, and {rivals.Count} devices have its name: {string.Join(", ", rivals)}. Give its address, or see to it that only the right one is paired here (each is shown on its own): that one is then taken for it.");
    }

    private void StartConnecting(string id, Plan plan, Command? command)
    {
        var run = SpeakerRunOf(id);
        var steps = plan.Steps.Where(IsOurs).Select(TargetOfSpeaker).ToList();
        run.Connecting = true;
        IReadOnlyList<StepFailure> failures = [];
        Operate($"speaker/{id}/connected", command, plan, async token =>
        {
            failures = await _steps.RunAsync(steps, token);
            if (failures.Count > 0) throw new PortException(failures[0].Error, failures[0].Text);
        }, _ =>
        {
            run.Connecting = false;
            foreach (var failure in failures) NoteFailure(failure);
            if (_desired.Speaker(id).Connected == false && ConnectedRadioOf(id) is { } radio && !_operations.ContainsKey($"speaker/{id}/connected")) LetGo(id, radio);
        }, limit: s_portsTime, seen: () => ConnectedRadioOf(id) is not null);
    }

    private void DisconnectSpeaker(Command command)
    {
        var id = command.Id;
        NoteUnstored(command, _desired.SetAnyway(id, _desired.Speaker(id) with { Connected = false }));
        NobodyWaitsFor(id);
        Supersede($"{command.Device}/connected");
        foreach (var run in _groups.Values.Where(g => g.Group.Members.Contains(id) && SpeakerRunOf(id).Connecting)) run.Operation?.Cancel();
        var linked = ConnectedRadioOf(id);
        // One that another host holds is not linked, but is no longer waited for.
        if ((linked ?? RadioOf(_registry.AddressOf(id)).FirstOrDefault(d => d.HeldElsewhere)) is not { } radio)
        {
            Accept(command, null);
            End(command, CommandResult.Done, $"{NameOf(id)} was not connected.", []);
            return;
        }

        SpeakerRunOf(id).DisconnectExpected = linked is not null;
        Begin(command, token => _bluetoothPort.DisconnectAsync(radio.Adapter, radio.Address, token), null, _ => SpeakerRunOf(id).DisconnectExpected = false, seen: () => ConnectedRadioOf(id) is null);
    }

    /// <summary>What the last try met is old news from here on: another phone may have let it go long since, and nobody will find out.</summary>
    private void NobodyWaitsFor(string id)
    {
        var run = SpeakerRunOf(id);
        run.LastError = null;
        run.RefusalForgotten = true;
        WatchSpeakers();
    }

    /// <summary>Ends a link that nobody wants any more.</summary>
    private void LetGo(string id, RadioDevice radio)
    {
        SpeakerRunOf(id).DisconnectExpected = true;
        Operate($"speaker/{id}/connected", null, null, token => _bluetoothPort.DisconnectAsync(radio.Adapter, radio.Address, token), _ => SpeakerRunOf(id).DisconnectExpected = false);
    }

    private void PairSpeaker(Command command)
    {
        CommandValues.Press(command);
        var id = command.Id;
        RefuseIfAmbiguous(id);
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem);
        var run = SpeakerRunOf(id);
        var plan = Planner.Plan(House, new PlanRequest { Members = [id], ForcedRoute = Route.FanOut });
        if (plan.Steps.FirstOrDefault(s => s.Do == StepKind.Pair) is not { } step)
        {
            EndPaired(command, plan);
            return;
        }

        var target = TargetOfSpeaker(step);
        PortException? failure = null;
        Begin(command, async token =>
        {
            try
            {
                await _bluetoothPort.PairAsync(NeedAdapter(target), NeedAddress(target), token);
            }
            catch (PortException no)
            {
                failure = no;
                throw;
            }
        }, plan with { Steps = [step] }, worked =>
        {
            if (worked) run.LastError = null;
            else run.LastError = new ErrorDocument(failure is null ? $"{NameOf(id)} could not be paired." : $"{failure.Message} {failure.Remedy}".TrimEnd(), CatalogueOf(id)?.Rule);
        }, limit: s_portsTime, seen: () => RadioOf(target.Address).Any(d => d.Paired));
    }

    /// <summary>No adapter is to be paired with: a key on one that is off is of no use now (T4), one on another is enough.</summary>
    private void EndPaired(Command command, Plan plan)
    {
        var id = command.Id;
        var usable = RadioOf(_registry.AddressOf(id)).Any(d => d.Paired && _registry.Adapters[d.Adapter].Powered);
        if (!usable && !plan.Feasible) throw new RefusedException(Sentence(plan.Blockers), [.. RulesOf(plan.Blockers)]);
        if (!usable) throw new RefusedException($"No adapter can pair {NameOf(id)} now. Switch an adapter's Powered on, or plug one in, and pair again.");
        Accept(command, null);
        End(command, CommandResult.Done, $"{NameOf(id)} is paired already (paired is not connected: use its Connected switch).", ["L3"]);
    }

    private void ForgetSpeaker(Command command)
    {
        CommandValues.Press(command);
        var id = command.Id;
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem); // it would be back with bluetoothd
        var radios = RadioOf(_registry.AddressOf(id)).ToList();
        NoteUnstored(command, _desired.SetAnyway(id, _desired.Speaker(id) with { Connected = false }));
        SpeakerRunOf(id).DisconnectExpected = true;
        var lookedForAnew = false;
        Begin(command, async token =>
        {
            foreach (var radio in radios) await _bluetoothPort.ForgetAsync(radio.Adapter, radio.Address, token);
        }, null, worked =>
        {
            SpeakerRunOf(id).DisconnectExpected = false;
            if (!worked) return;
            lookedForAnew = _registry.Forget(id);
            OnBluetooth(_bluetoothPort.Current);
        }, () => lookedForAnew ? $"{NameOf(id)} has no address any more: the next device of its name that is paired is taken for it." : null);
    }

    /// <summary>A short sound on this speaker alone. That its device took it is known; that somebody heard it is not.</summary>
    private void TestSpeaker(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, NameOf(command.Id));
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem);
        if (OutputRefusalOf(id) is { } refusal)
        {
            throw new RefusedException($"The gateway cannot play on {name}: {refusal}. Play something from the sound server, or set bluetooth.audio: own.");
        }

        if (_playbackEngine.Current.Groups.Values.FirstOrDefault(g => g.Request.Members.Any(m => m.Speaker == id))?.Request.Name is { } group)
        {
            throw new RefusedException($"{name} belongs to {group}, which is on: what {group} plays is its test. Switch {group} off to hear the test sound.");
        }

        if (PlaybackMemberOf(id) is not { } place) throw new RefusedException($"{name} is not connected for sound. Switch its Connected on, then press Test sound.");
        var adapter = SinkOf(id) is { } radio ? _registry.Adapters[radio.Adapter].Name : place.Output.Scheme;
        string? failure = null;
        string? sent = null;
        Begin(command, async token =>
        {
            try
            {
                await _playbackEngine.TestAsync(place, token);
            }
            catch (PortException no)
            {
                failure = $"{no.Message} {no.Remedy}".TrimEnd();
                throw;
            }
        }, ended: worked =>
        {
            if (worked) sent = $"A test sound went out to {name} over {adapter} ({TestChime.Seconds} s); did you hear it?{(VolumeOf(id) == 0 ? " Its volume is 0: raise it, then press Test sound again." : "")}";
            if ((sent ?? failure) is { } text) Happened("pairing", text, id);
        }, report: () => sent);
    }

    private void ConvergeSpeakers()
    {
        var inGroups = _groups.Values.Where(g => _desired.Group(g.Group.Id).Active).SelectMany(g => g.Group.Members).ToHashSet();
        foreach (var speaker in _registry.Effective.Speakers)
        {
            var run = SpeakerRunOf(speaker.Id);
            if (ConnectedRadioOf(speaker.Id) is { } radio)
            {
                ApplyVolume(speaker, run, radio);
                continue;
            }

            var wanted = _desired.Speaker(speaker.Id).Connected == true && !inGroups.Contains(speaker.Id);
            if (!wanted || run.Connecting || run.RetryAt > Now || _bluetooth.Problem is not null || _operations.ContainsKey($"speaker/{speaker.Id}/connected")) continue;
            var plan = Planner.Plan(House, new PlanRequest { Members = [speaker.Id], ForcedRoute = Route.FanOut });
            if (IsAutomatic(plan) && plan.Drops.Count == 0 && plan.Steps.Any(IsOurs)) StartConnecting(speaker.Id, plan, null);
            else run.RetryAt = Now + BackoffOf(speaker.Id).Failed();
        }

        FeedThoseKeptAwake();
    }

    /// <summary>S1. Those that a group plays on are among them: playback knows best who has which output.</summary>
    private void FeedThoseKeptAwake()
    {
        var kept = _registry.Effective.Speakers.Select(s => s.Id).Where(id => _desired.Speaker(id).KeepAwake && OutputRefusalOf(id) is null).Select(PlaybackMemberOf).OfType<PlaybackMember>().ToList();
        if (kept.SequenceEqual(_keptAwake)) return;
        _keptAwake = kept;
        _playbackEngine.KeepAwake(kept);
    }

    private void ApplyVolume(ConfiguredSpeaker speaker, SpeakerRun run, RadioDevice radio)
    {
        if (run.VolumeApplied) return;
        run.VolumeApplied = true;
        if (_desired.Speaker(speaker.Id).Volume is not { } volume || radio.VolumePercent == volume) return;
        Operate($"speaker/{speaker.Id}/volume", null, null, token => _bluetoothPort.SetVolumeAsync(radio.Adapter, radio.Address, volume, token), worked =>
        {
            if (!worked) run.LastError = new ErrorDocument($"{speaker.Name} did not take the volume {volume}. It is set again at the next connect.", null);
        });
    }

    private void NoteFailure(StepFailure failure)
    {
        // An Echo that receives (L7) is a member like any other: it has its tries and waits too.
        var run = SpeakerRunOf(failure.Target.Step.Device);
        run.LastError = new ErrorDocument(failure.Text, failure.Error == PortError.NoCapacity ? "T4" : CatalogueOf(failure.Target.Step.Device)?.Rule);
        run.AwaySince ??= Now;
        run.PartsMissing = failure.Error == PortError.PartMissing ? run.PartsMissing + 1 : 0;
        run.RetryAt = Now + BackoffOf(failure.Target.Step.Device).Failed(Max(PauseAfter(Now - run.AwaySince.Value), run.PartsMissing >= 3 ? s_missingPause : TimeSpan.Zero));
        // A speaker that is off says nothing of its stability; one that is there and refuses does.
        if (failure.Error == PortError.HeldElsewhere)
        {
            run.RefusalForgotten = false;
            WatchSpeakers();
        }

        if (failure.Error is not (PortError.NotReachable or PortError.TimedOut)) _history.Add(failure.Target.Step.Device, WallNow, LinkEventKind.ConnectFailed);
    }

    /// <summary>Each try pages for 5 s and takes air time from those who play: a speaker that stays off is asked less and less often (most call by themselves when switched on).</summary>
    private static TimeSpan PauseAfter(TimeSpan away) =>
        away > TimeSpan.FromMinutes(30) ? TimeSpan.FromMinutes(2)
        : away > TimeSpan.FromMinutes(3) ? TimeSpan.FromSeconds(30)
        : TimeSpan.Zero;

    private void GiveAnotherTry(string id)
    {
        if (!_speakers.TryGetValue(id, out var run)) return;
        run.RetryAt = null;
        (run.AwaySince, run.PartsMissing) = (null, 0);
        run.Backoff.Reset();
    }

    private StepTarget TargetOfSpeaker(PlanStep step) => new()
    {
        Step = step,
        Name = NameOf(step.Device),
        Adapter = _registry.Adapters.Values.FirstOrDefault(a => a.Name == step.Adapter)?.Address,
        Address = _registry.AddressOf(step.Device),
    };

    /// <summary>Links alone sound nowhere: where a sound server has Bluetooth's sound, the gateway plays nothing, and must not say that it does. Null: it can play.</summary>
    private ProblemDocument? SilentRoute(GroupRun run, Plan plan) => plan.Route is Route.FanOut or Route.Mixed && run.Group.Members.Select(OutputRefusalOf).FirstOrDefault(r => r is not null) is { } refusal
        ? new ProblemDocument(
            $"{run.Group.Name} would stay silent: {refusal}, and the gateway cannot play through one yet.",
            [], "Set bluetooth.audio: own and keep the sound server away from the adapter (docs/bluetooth.md); or switch the speakers' Connected on, and play to them from the sound server.")
        : OutOfReach(run, plan);

    private static string NeedAdapter(StepTarget target) => target.Adapter ?? throw new PortException(PortError.NotPowered, $"No adapter is there for {target.Name}.");

    private static string NeedAddress(StepTarget target) =>
        target.Address ?? throw new PortException(PortError.UnknownDevice, $"The Bluetooth address of {target.Name} is not known.", "Put it in pairing mode and press Rescan, or give its address in the configuration.");

    /// <summary>What a member's volume is: the device's own word, but while ours has not reached it, ours.</summary>
    private int? VolumeOf(string member)
    {
        if (_registry.IsEcho(member)) return DeviceOfEcho(member)?.VolumePercent ?? SinkOf(member)?.VolumePercent;
        var live = ConnectedRadioOf(member)?.VolumePercent;
        var applied = SpeakerRunOf(member).VolumeApplied && !_operations.ContainsKey($"speaker/{member}/volume");
        return applied && live is not null ? live : _desired.Speaker(member).Volume ?? live;
    }
}
