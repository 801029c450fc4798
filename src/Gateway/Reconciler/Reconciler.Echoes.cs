using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>Commands to Echos: one link each (L1), and nothing is cut before it was said (L2, L5).</summary>
internal sealed partial class Reconciler
{
    private const string Disconnected = "Disconnected";

    private void HandleEcho(Command command)
    {
        var device = DeviceOfEcho(command.Id);
        switch (command.Property)
        {
            case "pair": PairEcho(command); break;
            case "forget": ForgetEcho(command); break;
            case "bluetooth" when device is not null: ChangeLink(command, device); break;
            case "bluetooth": ChangeLinkByRadio(command); break;
            case "volume" when device is not null:
                var percent = CommandValues.Percent(command);
                Begin(command, token => _echoPort.SetVolumeAsync(device.Serial, percent, token), seen: () => HasEchoVolume(command.Id, percent));
                break;
            case "volume": ChangeVolumeByRadio(command); break;
            case "audio_output" when device is not null: ChangeOutput(command, device); break;
            default: throw new RefusedException(NoControl(command.Id, "its audio output"));
        }
    }

    /// <summary>What only Alexa could do, where nothing here reaches it.</summary>
    private string NoControl(string id, string what) =>
        _echo.Problem ?? $"{NameOf(id)} is known here by its Bluetooth only, and {what} is Alexa's to change. Use the Alexa app, or its voice.";

    /// <summary>Without a control path our own radio can do one thing: link it with the gateway, as the source that it is, and let it go.</summary>
    private void ChangeLinkByRadio(Command command)
    {
        var (id, name) = (command.Id, NameOf(command.Id));
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem);
        var current = ConnectedRadioOf(id);
        var peer = current is null ? null : Ids.OfAddress(current.Adapter);
        var run = EchoRunOf(id);
        if (command.Value.Equals(Disconnected, StringComparison.OrdinalIgnoreCase))
        {
            if (current is null)
            {
                Accept(command, null);
                End(command, CommandResult.Done, $"{name} has no link with the gateway. What else it may be linked with, only Alexa knows.", []);
                return;
            }

            run.DisconnectExpected = true;
            Begin(command, token => _bluetoothPort.DisconnectAsync(current.Adapter, current.Address, token), LinkPlan(id, null, peer, []), _ => run.DisconnectExpected = false, limit: s_portsTime);
            return;
        }

        var adapter = AdapterFor(command);
        var address = _registry.AddressOf(id)!;
        if (current is { LinkedAs: RadioRole.Source } && current.Adapter == adapter)
        {
            Accept(command, null);
            End(command, CommandResult.Done, $"{name} is connected already.", []);
            return;
        }

        if (IsPlayedTo(id)) throw new RefusedException($"{name} is a member of a group that is on, which plays to it, and it cannot play to the gateway meanwhile. Switch that group off first.", "L1", "L4");
        if (current is not null) (run.Replacing, run.DisconnectExpected) = (peer, true);
        Begin(command, async token =>
        {
            if (current is not null) await _bluetoothPort.DisconnectAsync(current.Adapter, address, token);
            await _bluetoothPort.ConnectAsync(adapter, address, RadioRole.Source, token);
        }, LinkPlan(id, Ids.OfAddress(adapter), peer, peer is null ? [] : [new PlanDrop(id, peer)]), _ => (run.Replacing, run.DisconnectExpected) = (null, false), limit: s_portsTime);
    }

    /// <summary>The adapter of ours that the value names.</summary>
    private string AdapterFor(Command command)
    {
        var (id, name) = (command.Id, NameOf(command.Id));
        var options = BluetoothOptions(id, null);
        if (options.Count == 1) throw new RefusedException($"{name} is not paired with the gateway. Press its Pair (tutti pair --open --echo {id}), and say to it \"Alexa, pair\".", "L3");
        var ours = options.Skip(1).ToList();
        if ((OptionNamed(command.Value, ours) ?? ours.Find(o => o.Value.Equals(command.Value, StringComparison.OrdinalIgnoreCase))) is { } option) return option.Value;
        if (command.Value == "gateway") return ours[0].Value;
        throw new RefusedException(
            $"{name} can be linked with this gateway from here, and with nothing else: say to it \"Alexa, connect to {CommandValues.Shown(command.Value).Trim('"')}\". From here it takes {string.Join(" or ", options.Select(o => o.Text))}.", "L3");
    }

    private void ChangeVolumeByRadio(Command command)
    {
        var percent = CommandValues.Percent(command);
        if (SinkOf(command.Id) is not { } radio) throw new RefusedException(NoControl(command.Id, "its volume"));
        Begin(command, token => _bluetoothPort.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), seen: () => HasVolume(command.Id, percent));
    }

    private void ChangeLink(Command command, EchoDevice device)
    {
        var current = _echoes.GetValueOrDefault(command.Id)?.Peer;
        if (NameFolding.Same(command.Value, Disconnected))
        {
            var run = _echoes.GetValueOrDefault(command.Id);
            if (run is not null) run.DisconnectExpected = current is not null;
            Begin(command, token => _echoPort.DisconnectAsync(device.Serial, token), LinkPlan(command.Id, null, current, []), _ =>
            {
                if (run is not null) run.DisconnectExpected = false;
            }, seen: () => LinkPeer(command.Id) is { IsKnown: true } now ? now.Value is null : null);
            return;
        }

        var address = PeerAddress(command, device);
        var peer = Observer.NameOf(address, _registry, command.Value);
        var drops = current is null || current == peer ? [] : new List<PlanDrop> { new(command.Id, current) };
        var policy = _registry.Effective.Echoes.First(e => e.Id == command.Id).OnSecondLink ?? _registry.Effective.Limits.OnSecondLink;
        if (drops.Count > 0 && policy == SecondLinkPolicy.Refuse)
        {
            throw new RefusedException(
                $"{NameOf(command.Id)} has its one Bluetooth link with {NameOf(current!)}, and its on_second_link is refuse. Disconnect it first, or set on_second_link: replace.", "L1", "L2");
        }

        var echo = _echoes.GetValueOrDefault(command.Id);
        if (drops.Count > 0 && echo is not null) echo.Replacing = current;
        Begin(command, token => _echoPort.ConnectAsync(device.Serial, address, token), LinkPlan(command.Id, peer, current, drops), worked =>
        {
            // A later command's replacement is its own.
            if (!worked && echo is not null && !_operations.ContainsKey($"{command.Device}/bluetooth")) echo.Replacing = null;
        }, seen: () => IsLinkedTo(command.Id, address, peer));
    }

    /// <summary>The id or name at the other end of an Echo's one link; known null: it has none.</summary>
    private Fact<string?> LinkPeer(string echoId) =>
        House.Observed.Echoes.FirstOrDefault(e => e.Id == echoId)?.Link is { IsKnown: true } link ? Fact.Of<string?>(link.Value?.Peer) : default;

    private bool? IsLinkedTo(string echoId, string address, string peer)
    {
        if (LinkPeer(echoId) is not { IsKnown: true } now) return null;
        return now.Value == peer || address.Equals(DeviceOfEcho(echoId)?.Link.Or(null)?.Address, StringComparison.OrdinalIgnoreCase);
    }

    private bool? HasEchoVolume(string echoId, int percent) => DeviceOfEcho(echoId)?.VolumePercent is { } live ? live == percent : null;

    /// <summary>L5: a <c>plays_to</c> link keeps the sockets silent, so choosing one lets the link go first.</summary>
    private void ChangeOutput(Command command, EchoDevice device)
    {
        if (!Documents.TryReadOutput(command.Value, out var output) || output == AudioOutput.Bluetooth)
        {
            throw new RefusedException($"audio_output takes {string.Join(", ", AudioOutputOptions(command.Id).Select(Documents.NameOf))}, not {CommandValues.Shown(command.Value)}.");
        }

        if (!AudioOutputOptions(command.Id).Contains(output))
        {
            throw new RefusedException($"{NameOf(command.Id)} has no {Documents.NameOf(output)}. If it has, say so with outputs: [{Documents.NameOf(output)}] in the configuration.", "T2");
        }

        var link = House.Observed.Echoes.FirstOrDefault(e => e.Id == command.Id)?.Link ?? default;
        var playsTo = output != AudioOutput.Speaker && link.IsKnown && link.Value is { Role: LinkRole.PlaysTo } ? link.Value.Peer : null;
        if (playsTo is not null && _echoes.TryGetValue(command.Id, out var run)) run.DisconnectExpected = true;
        var drops = playsTo is null ? [] : new List<PlanDrop> { new(command.Id, playsTo) };
        var plan = LinkPlan(command.Id, null, playsTo, drops) with
        {
            Warnings = playsTo is null ? [] : [new PlanNotice("L5", [command.Id], $"A Bluetooth link silences {NameOf(command.Id)}'s {Documents.NameOf(output)}: the link with {NameOf(playsTo)} is let go.", "Connect it again after switching back to the speaker.")],
        };
        Begin(command, async token =>
        {
            if (playsTo is not null) await _echoPort.DisconnectAsync(device.Serial, token);
            await _echoPort.SetAudioOutputAsync(device.Serial, output, token);
        }, plan, _ =>
        {
            if (_echoes.TryGetValue(command.Id, out var ended)) ended.DisconnectExpected = false;
        }, seen: () => DeviceOfEcho(command.Id)?.AudioOutput is { } now ? now == output : null);
    }

    /// <summary>A single link as a plan, so that its drops are announced like any other's.</summary>
    private Plan LinkPlan(string echoId, string? peer, string? current, IReadOnlyList<PlanDrop> drops) => new()
    {
        Feasible = true,
        Automatic = Automation.Yes,
        Members = [echoId],
        Route = Route.FanOut,
        Steps = peer is not null
            ? [new PlanStep(StepKind.Connect, echoId, peer, null, $"{NameOf(echoId)} shall play to {NameOf(peer)}.")]
            : current is not null ? [new PlanStep(StepKind.Disconnect, echoId, current, null, $"{NameOf(echoId)} shall have no link.")] : [],
        Drops = drops,
        Warnings = [.. drops.Select(d => new PlanNotice("L2", [echoId], $"{NameOf(echoId)} has one Bluetooth link: its link with {NameOf(d.Peer)} is dropped.", "Use a group with this gateway as the Echo's one speaker to play on several."))],
    };

    private string PeerAddress(Command command, EchoDevice device)
    {
        var options = BluetoothOptions(command.Id, device);
        if (OptionNamed(command.Value, options) is { } option) return option.Value;
        if (_registry.Speaker(command.Value)?.Address is { } address) return address;
        if (command.Value == "gateway" && ReceivingAdapter() is { } adapter) return adapter.Address;
        if (Ids.OfAddress(command.Value) is not null) return command.Value.ToUpperInvariant().Replace('-', ':');
        throw new RefusedException(
            $"{NameOf(command.Id)} has no pairing with {CommandValues.Shown(command.Value)}.{NearestNames.DidYouMean(command.Value, options.Select(o => o.Text))} Pair it in the Alexa app first (paired is not connected).", "L3");
    }

    /// <summary>The adapter that an Echo or phone shall play to: one that only receives first (L4).</summary>
    private RadioAdapter? ReceivingAdapter() => _registry.Adapters.Values
        .Where(a => a.Powered && _registry.Configured(a)?.Role != AdapterRole.Send)
        .OrderByDescending(a => _registry.Configured(a)?.Role == AdapterRole.Receive).ThenBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault();

    private void SetEchoVolume(string echoId, int percent)
    {
        if (DeviceOfEcho(echoId) is { } device) Operate($"echo/{echoId}/volume", null, null, token => _echoPort.SetVolumeAsync(device.Serial, percent, token), null);
        else if (SinkOf(echoId) is { } radio) Operate($"echo/{echoId}/volume", null, null, token => _bluetoothPort.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), null);
    }

    private List<OptionDocument> BluetoothOptions(string echoId, EchoDevice? device)
    {
        var options = new List<OptionDocument> { new(Disconnected, "") };
        if (device is null) return [.. options, .. OurOptions(echoId)];
        var peers = device.Paired.Select(p => (Name: _registry.SpeakerAt(p.Address) is { } id ? NameOf(id) : p.Name, p.Address)).ToList();
        var alike = peers.CountBy(p => p.Name, NameFolding.Comparer).ToDictionary(NameFolding.Comparer);
        foreach (var (name, address) in peers.DistinctBy(p => p.Address))
        {
            var clash = alike[name] > 1 || NameFolding.Same(name, Disconnected) || NameFolding.Same(name, "None");
            options.Add(new OptionDocument(clash ? Documents.WithAddress(name, address) : name, address));
        }

        return options;
    }

    /// <summary>The gateway, once for each adapter that has a key of the Echo and may receive; that which only receives first.</summary>
    private IEnumerable<OptionDocument> OurOptions(string echoId)
    {
        var adapters = RadioOf(_registry.AddressOf(echoId)).Where(d => d.Paired).Select(d => _registry.Adapters[d.Adapter]).Where(a => _registry.Configured(a)?.Role != AdapterRole.Send)
            .OrderByDescending(a => _registry.Configured(a)?.Role == AdapterRole.Receive).ThenBy(a => a.Name, StringComparer.Ordinal).ToList();
        return adapters.Select(a => new OptionDocument(adapters.Count == 1 ? _identity.Name : $"{_identity.Name} ({a.Name})", a.Address));
    }

    /// <summary>No key of it is on any adapter here, and no control path could have it make one.</summary>
    private bool IsUnpairedEcho(string id) => _registry.IsEcho(id) && House.Observed.Echoes.FirstOrDefault(e => e.Id == id)?.PairedOn is { IsKnown: true, Value.Count: 0 };

    /// <summary>The speaker, and the sockets that the user, or the catalogue, or nobody's certainty speaks against (T2: unknown is asked, not refused).</summary>
    private List<AudioOutput> AudioOutputOptions(string echoId)
    {
        var echo = _registry.Effective.Echoes.First(e => e.Id == echoId);
        if (echo.Outputs is { } stated) return [AudioOutput.Speaker, .. stated.Where(o => o != AudioOutput.Speaker)];
        var model = ModelOf(echo);
        var options = new List<AudioOutput> { AudioOutput.Speaker };
        if (MayPlayOut(model?.Jack, model)) options.Add(AudioOutput.LineOut);
        if (MayPlayOut(model?.Optical, model)) options.Add(AudioOutput.Optical);
        return options;
    }

    private EchoModel? ModelOf(ConfiguredEcho echo) => ModelNamed(DeviceOfEcho(echo.Id)?.DeviceType) ?? ModelNamed(echo.Model);

    private EchoModel? ModelNamed(string? typeOrModel)
    {
        if (typeOrModel is null) return null;
        if (_echoModels.TryGetValue(typeOrModel, out var known)) return known;
        return _echoModels[typeOrModel] = CatalogueMatch.Echo(_catalogue, typeOrModel)?.Model;
    }

    private static bool MayPlayOut(Socket? socket, EchoModel? model) =>
        socket is Socket.Out or Socket.InOut or Socket.Unknown or null || (socket == Socket.None && model?.JackSource == Certainty.Unknown);
}
