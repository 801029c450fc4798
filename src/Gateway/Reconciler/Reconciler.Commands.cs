using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Storage;

namespace Gateway.Reconciler;

/// <summary>Judges commands, and answers each: at most one <c>accepted</c>, then exactly one end.</summary>
internal sealed partial class Reconciler
{
    private static readonly Dictionary<string, string[]> s_properties = new(StringComparer.Ordinal)
    {
        ["echo"] = ["bluetooth", "volume", "audio_output", "pair", "forget"],
        ["speaker"] = ["connected", "pair", "forget", "test", "volume", "trim_ms", "keep_awake"],
        ["adapter"] = ["powered", "discovering"],
        ["transmitter"] = [],
        ["group"] = ["active", "source", "volume", "mute", "calibrate", "calibrate_undo", "announce"],
        ["gateway"] = ["pairing_mode", "rescan", "pairing_answer"],
    };

    /// <summary>The longest that any one device may take.</summary>
    private static readonly TimeSpan s_deviceTime = TimeSpan.FromSeconds(60);

    /// <summary>Connects and pairings wait for their turn on the adapter: how long the device itself takes is the port's to limit.</summary>
    private static readonly TimeSpan s_portsTime = Timeout.InfiniteTimeSpan;

    /// <summary>Signals and clouds tell a little later than they answer.</summary>
    private static readonly TimeSpan s_effectTime = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Command, Action<CommandResponse>> _waitingForEnd = new(ReferenceEqualityComparer.Instance);

    /// <summary>Commands that are carried out although they are not on the disk: their answers say so.</summary>
    private readonly Dictionary<Command, string> _unstored = new(ReferenceEqualityComparer.Instance);

    private void Handle(Command command)
    {
        try
        {
            if (command.Kind == "voice")
            {
                RunRoutine(command);
                return;
            }

            CheckTarget(command);
            switch (command.Kind)
            {
                case "group": HandleGroup(command, _groups[command.Id]); break;
                case "speaker": HandleSpeaker(command); break;
                case "echo": HandleEcho(command); break;
                case "adapter": HandleAdapter(command); break;
                default: HandleGateway(command); break;
            }
        }
        catch (RefusedException refused)
        {
            End(command, CommandResult.Refused, refused.Message, refused.Rules);
        }
        catch (StorageException no)
        {
            End(command, CommandResult.Failed, $"It could not be stored, and so was not done: {no.Message}", []);
        }
    }

    private void CheckTarget(Command command)
    {
        if (!s_properties.TryGetValue(command.Kind, out var properties))
        {
            throw new RefusedException($"There is no kind of device called {CommandValues.Shown(command.Kind)}.{NearestNames.DidYouMean(command.Kind, s_properties.Keys)} There are {string.Join(", ", s_properties.Keys)}, and voice for routines.");
        }

        IReadOnlyList<(string Id, string Name)> known = command.Kind switch
        {
            "group" => [.. _groups.Values.Select(g => (g.Group.Id, g.Group.Name))],
            "speaker" => [.. _registry.Effective.Speakers.Select(s => (s.Id, s.Name))],
            "echo" => [.. _registry.Effective.Echoes.Select(e => (e.Id, e.Name))],
            "adapter" => [.. _registry.Adapters.Values.Select(a => (Ids.OfAddress(a.Address)!, a.Name))],
            "transmitter" => [.. _registry.Effective.Transmitters.Select(t => (t.Id, t.Name))],
            _ => [(_identity.Id, _identity.Name)],
        };
        if (known.All(k => k.Id != command.Id))
        {
            throw new RefusedException($"No {command.Kind} has the id {CommandValues.Shown(command.Id)}.{Known(command, known)}");
        }

        if (!properties.Contains(command.Property, StringComparer.Ordinal))
        {
            // What is not built yet is refused with its own sentence, and offered to nobody.
            var offered = properties.Where(p => p != "announce" || Abilities.ThisVersion.Has(Feature.Announcements));
            var all = properties.Length == 0 ? "It takes no commands." : $"It takes {string.Join(", ", offered)}.";
            throw new RefusedException($"A {command.Kind} has no command {CommandValues.Shown(command.Property)}. {all}");
        }
    }

    /// <summary>What to write instead. Topics hold ids: who wrote a name gets the id behind it.</summary>
    private static string Known(Command command, IReadOnlyList<(string Id, string Name)> known) =>
        known.Where(k => NameFolding.Same(k.Name, command.Id)).Select(k => k.Id).ToList() is { Count: > 0 and <= 3 } named ? $" That is a name; write the id: {string.Join(" or ", named)}."
        : NearestNames.DidYouMean(command.Id, known.Select(k => k.Id)) is { Length: > 0 } near ? near
        : NearestNames.Find(command.Id, known.Select(k => k.Name)) is { Count: > 0 } names ? $" Did you mean {string.Join(" or ", known.Where(k => names.Contains(k.Name)).Take(3).Select(k => $"{k.Id} ({CommandValues.Shown(k.Name)})"))}?"
        : known.Count == 0 ? $" There is no {command.Kind} in this house yet."
        : known.Count <= 12 ? $" Known are {string.Join(", ", known.Select(k => k.Id))}."
        : $" The ids stand in the topics {command.Kind}/<id>/state.";

    private void HandleAdapter(Command command)
    {
        var adapter = _registry.Adapters.Values.First(a => Ids.OfAddress(a.Address) == command.Id);
        var on = CommandValues.OnOff(command);
        Begin(command, command.Property == "powered"
            ? token => _bluetoothPort.SetPoweredAsync(adapter.Address, on, token)
            : token => _bluetoothPort.SetDiscoveringAsync(adapter.Address, on, token));
    }

    private void HandleGateway(Command command)
    {
        if (command.Property == "pairing_answer")
        {
            AnswerPairing(command);
            return;
        }

        if (command.Property == "rescan") CommandValues.Press(command);
        var mode = command.Property == "pairing_mode";
        var on = !mode || CommandValues.OnOff(command);
        if (mode && on) _pairingModeFor = null; // whoever comes
        if (mode && on && _pairingMode is { } open) (open.Echo, open.IsServed) = (null, false);
        var adapters = mode ? PairingAdapters(on) : [.. _registry.Adapters.Values.Where(a => a.Powered)];
        if (adapters.Count == 0)
        {
            throw new RefusedException(_bluetooth.Problem ?? "No adapter is there and powered. Plug one in, switch its Powered on, or list it in bluetooth.adapters.");
        }

        Begin(command, token => OnEachAsync(adapters, adapter => mode ? _bluetoothPort.SetPairingModeAsync(adapter.Address, on, token) : _bluetoothPort.SetDiscoveringAsync(adapter.Address, true, token)), report: () => mode && on ? HowToPair(null, OpenAdapters()) : null);
    }

    /// <summary>Each is tried: one that fails must not leave the next one open for pairing. The first error is told.</summary>
    private static async Task OnEachAsync(IReadOnlyList<RadioAdapter> adapters, Func<RadioAdapter, Task> action)
    {
        PortException? first = null;
        foreach (var adapter in adapters)
        {
            try
            {
                await action(adapter);
            }
            catch (PortException error)
            {
                first ??= error;
            }
        }

        if (first is not null) throw first;
    }

    /// <summary>A bare answer goes to the one question there is; one that comes too late must not let in whoever asks next, and so may name its question.</summary>
    private void AnswerPairing(Command command)
    {
        if (NameByAnswer(command)) return;
        var (accept, id) = CommandValues.PairingAnswer(command);
        var open = _pairingQuestions?.Open ?? [];
        if (open.Count == 0) throw new RefusedException("No pairing is waiting for an answer. Answer when the event pairing_question asks, while its device still waits; or pair again.");
        var asked = string.Join(" ", open.Select(q => $"{q.Id}: {q.Text}"));
        if (id is null && open.Count > 1) throw new RefusedException($"{open.Count} pairings are waiting for an answer, and this one does not say which it means. Add the number: ON {open[0].Id}. Open are {asked}");
        if (!_pairingQuestions!.Answer(id ?? open[0].Id, accept)) throw new RefusedException($"Question {id ?? open[0].Id} does not wait for an answer (any more): it was answered, its device gave up, or its 30 s are over. Open: {asked}");
        End(command, CommandResult.Done, null, []);
    }

    /// <summary>Carries out a command to one device beside the loop; a later one to the same property overtakes it.</summary>
    /// <param name="seen">Looks whether it is so; null: the port's own answer says so.</param>
    private void Begin(
        Command command, Func<CancellationToken, Task> work, Plan? plan = null, Action<bool>? ended = null, Func<string?>? report = null, TimeSpan? limit = null, Func<bool?>? seen = null) =>
        Operate($"{command.Device}/{command.Property}", command, plan, work, ended, report, limit, seen);

    /// <summary>The same without a command where the loop itself wants it.</summary>
    /// <param name="limit">Null: <see cref="s_deviceTime"/>; <see cref="s_portsTime"/> for what waits for its turn.</param>
    private void Operate(
        string key, Command? command, Plan? plan, Func<CancellationToken, Task> work, Action<bool>? ended, Func<string?>? report = null, TimeSpan? limit = null, Func<bool?>? seen = null)
    {
        Supersede(key);
        if (command is not null) Accept(command, plan);
        var operation = new DeviceOperation(command, CancellationTokenSource.CreateLinkedTokenSource(_stopping));
        _operations[key] = operation;
        _starts.Add(() => _ = RunAsync(key, operation, work, ended, report, limit ?? s_deviceTime, seen));
    }

    /// <summary>Operations whose other side has said yes: over when the world shows it, or when it had its time to.</summary>
    private void LookForEffects()
    {
        foreach (var awaited in _operations.Values.Select(o => o.Awaited).OfType<AwaitedEffect>().ToList())
        {
            var seen = awaited.Seen();
            if (seen == true) awaited.End(null, null);
            else if (Now >= awaited.Until && seen is null) awaited.End(null, "It was taken; whether it was done is not reported back.");
            else if (Now >= awaited.Until) awaited.End($"It was taken, and {s_effectTime.TotalSeconds:0} s later nothing shows that it was done. Try again, and look at the device.", null);
        }
    }

    private void Supersede(string key)
    {
        if (!_operations.Remove(key, out var earlier)) return;
        earlier.Cancel.Cancel();
        earlier.Awaited?.End("It was overtaken.", null);
        if (earlier.Command is { } command) End(command, CommandResult.Superseded, "A later command to the same property took its place.", []);
    }

    private async Task RunAsync(string key, DeviceOperation operation, Func<CancellationToken, Task> work, Action<bool>? ended, Func<string?>? report, TimeSpan limit, Func<bool?>? seen)
    {
        string? failure = null;
        try
        {
            await work(operation.Cancel.Token).WaitAsync(limit, _time, operation.Cancel.Token);
        }
        catch (OperationCanceledException)
        {
            failure = "It was overtaken or the gateway is stopping.";
        }
        catch (TimeoutException)
        {
            failure = $"There was no answer within {limit.TotalSeconds:0} s. Is the device on and within reach?";
        }
        catch (Engine.Ports.PortException no)
        {
            failure = no.Remedy is null ? no.Message : $"{no.Message} {no.Remedy}";
        }
        catch (Exception fault)
        {
            failure = fault.Message;
        }

        Post(() =>
        {
            // What it brought about is read now, so that the state is out before the answer.
            OnBluetooth(_bluetoothPort.Current);
            OnEcho(_echoPort.Current);
            if (failure is not null || seen is null || !IsCurrent() || seen() == true) Finish(failure, null);
            else operation.Awaited = new AwaitedEffect(seen, Now + s_effectTime, Finish);
        });

        bool IsCurrent() => _operations.TryGetValue(key, out var now) && ReferenceEquals(now, operation);

        void Finish(string? why, string? note)
        {
            var current = IsCurrent();
            if (current) _operations.Remove(key);
            operation.Awaited = null;
            operation.Cancel.Dispose();
            ended?.Invoke(why is null);
            if (current && operation.Command is { } command) End(command, why is null ? CommandResult.Done : CommandResult.Failed, why ?? note ?? report?.Invoke(), []);
        }
    }

    /// <param name="why">Null: it is stored.</param>
    private void NoteUnstored(Command command, string? why)
    {
        if (why is not null) _unstored[command] = $"It could not be stored, because {why}: a restart before that is mended undoes it.";
    }

    private void Accept(Command command, Plan? plan, string? reason = null) =>
        Answer(command, CommandResult.Accepted, reason, plan?.Warnings.Select(w => w.Rule).Distinct().ToList() ?? [], plan);

    private void End(Command command, CommandResult result, string? reason, IReadOnlyList<string> rules)
    {
        Answer(command, result, reason, rules, null);
        _unstored.Remove(command);
        if (_waitingForEnd.Remove(command, out var waiting)) waiting(_answers[^1].Response);
    }

    private void Answer(Command command, CommandResult result, string? reason, IReadOnlyList<string> rules, Plan? plan)
    {
        if (_unstored.TryGetValue(command, out var unstored) && result is CommandResult.Accepted or CommandResult.Done) reason = $"{reason} {unstored}".TrimStart();
        var value = command.Value.Length > 100 ? command.Value[..100] : command.Value;
        var response = new CommandResponse(WallNow, command.Topic, command.Device, command.Property, value, command.Correlation, result, reason, rules, plan?.Drops ?? [], plan);
        _answers.Add(new Answer(response, command.ReplyTo));
        if (result != CommandResult.Refused || _refusals.Passes()) ReconcilerLog.Answered(_log, command.Topic, result, reason ?? "");
    }

    private static string Sentence(IEnumerable<PlanNotice> notices) => string.Join(" ", notices.Select(n => $"{n.Text} {n.Remedy}".Trim()).Distinct());

    private static List<string> RulesOf(IEnumerable<PlanNotice> notices) => [.. notices.Select(n => n.Rule).Distinct()];
}
