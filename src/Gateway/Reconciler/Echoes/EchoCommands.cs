using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Echoes;

/// <summary>Commands to Echos: one link each (L1), and nothing is cut before it was said (L2, L5).</summary>
internal sealed class EchoCommands(LoopContext loop, EchoRuns echoes, EchoOptions options, MemberOutputs outputs, Roles roles)
{
    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;
    private readonly IEchoControl _echo = loop.Ports.Echo;

    /// <summary>Which device the Echo's one link is with. While its control path has a problem, our own radio does what it can: sound depends on no cloud.</summary>
    public void ChangeLink(Command command)
    {
        if (_view.DeviceOfEcho(command.Id) is { } device && (_view.Echo.Problem is null || !CanByRadio(command, device))) ChangeLinkByControl(command, device);
        else ChangeLinkByRadio(command);
    }

    private bool CanByRadio(Command command, EchoDevice device)
    {
        if (_view.Bluetooth.Problem is not null) return false;
        if (NameFolding.Same(command.Value, EchoOptions.Disconnected)) return _view.ConnectedRadioOf(command.Id) is not null;
        return OursAt(command.Id, PeerAddress(command, device)) is not null;
    }

    /// <summary>The adapter of ours at that address, where it has a key of the Echo.</summary>
    private BluetoothAddress? OursAt(string id, BluetoothAddress address) => options.Links(id, null).Skip(1).Any(o => o.Value == address.Text) ? address : null;

    public void ChangeVolume(Command command)
    {
        var (id, device) = (command.Id, _view.DeviceOfEcho(command.Id));
        var percent = CommandValues.Percent(command);
        if (device is not null) _operations.Begin(command, token => _echo.SetVolumeAsync(device.Serial, percent, token), seen: () => outputs.HasEchoVolume(id, percent));
        else if (_view.SinkOf(id) is { } radio) _operations.Begin(command, token => _bluetooth.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), seen: () => outputs.HasVolume(id, percent));
        else throw new RefusedException(NoControl(id, "its volume"));
    }

    /// <summary>What only Alexa could do, where nothing here reaches it.</summary>
    private string NoControl(string id, string what) =>
        _view.Echo.Problem ?? $"{_view.NameOf(id)} is known here by its Bluetooth only, and {what} is Alexa's to change. Use the Alexa app, or its voice.";

    /// <summary>Without a control path our own radio can do one thing: link it with the gateway, as the source that it is, and let it go.</summary>
    private void ChangeLinkByRadio(Command command)
    {
        var (id, name) = (command.Id, _view.NameOf(command.Id));
        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem);
        var current = _view.ConnectedRadioOf(id);
        var peer = current is null ? null : current.Adapter.Id;
        var run = echoes.Of(id);
        if (command.Value.Equals(EchoOptions.Disconnected, StringComparison.OrdinalIgnoreCase))
        {
            if (current is null)
            {
                _journal.Accept(command, null);
                _journal.End(command, CommandResult.Done, $"{name} has no link with the gateway. What else it may be linked with, only Alexa knows.", []);
                return;
            }

            run.DisconnectExpected = true;
            _operations.Begin(command, token => _bluetooth.DisconnectAsync(current.Adapter, current.Address, token), LinkPlan(id, null, peer, []), _ => run.DisconnectExpected = false, limit: Operations.PortsTime);
            return;
        }

        var adapter = AdapterFor(command);
        var address = _view.Registry.AddressOf(id)!;
        if (current is { LinkedAs: RadioRole.Source } && current.Adapter == adapter)
        {
            _journal.Accept(command, null);
            _journal.End(command, CommandResult.Done, $"{name} is connected already.", []);
            return;
        }

        if (roles.IsPlayedTo(id)) throw new RefusedException($"{name} is a member of a group that is on, which plays to it, and it cannot play to the gateway meanwhile. Switch that group off first.", "L1", "L4");
        if (current is not null) (run.Replacing, run.DisconnectExpected) = (peer, true);
        _operations.Begin(command, async token =>
        {
            if (current is not null) await _bluetooth.DisconnectAsync(current.Adapter, address, token);
            await _bluetooth.ConnectAsync(adapter, address, RadioRole.Source, token);
        }, LinkPlan(id, adapter.Id, peer, peer is null ? [] : [new PlanDrop(id, peer)]), _ => (run.Replacing, run.DisconnectExpected) = (null, false), limit: Operations.PortsTime);
    }

    /// <summary>The adapter of ours that the value names.</summary>
    private BluetoothAddress AdapterFor(Command command)
    {
        var (id, name) = (command.Id, _view.NameOf(command.Id));
        var links = options.Links(id, null);
        if (links.Count == 1) throw new RefusedException($"{name} is not paired with the gateway. Press its Pair (tutti pair --open --echo {id}), and say to it \"Alexa, pair\".", "L3");
        if (_view.DeviceOfEcho(id) is { } device) return OursAt(id, PeerAddress(command, device))!; // else its control path would do it
        var ours = links.Skip(1).ToList();
        if ((EchoOptions.Named(command.Value, ours) ?? ours.Find(o => o.Value.Equals(command.Value, StringComparison.OrdinalIgnoreCase))) is { } option) return BluetoothAddress.Parse(option.Value);
        if (command.Value == "gateway") return BluetoothAddress.Parse(ours[0].Value);
        throw new RefusedException(
            $"{name} can be linked with this gateway from here, and with nothing else: say to it \"Alexa, connect to {CommandValues.Shown(command.Value).Trim('"')}\". From here it takes {string.Join(" or ", links.Select(o => o.Text))}.", "L3");
    }

    private void ChangeLinkByControl(Command command, EchoDevice device)
    {
        var current = echoes.Known(command.Id)?.Peer;
        if (NameFolding.Same(command.Value, EchoOptions.Disconnected))
        {
            var run = echoes.Known(command.Id);
            if (run is not null) run.DisconnectExpected = current is not null;
            _operations.Begin(command, token => _echo.DisconnectAsync(device.Serial, token), LinkPlan(command.Id, null, current, []), _ =>
            {
                if (run is not null) run.DisconnectExpected = false;
            }, seen: () => _view.LinkPeer(command.Id) is { IsKnown: true } now ? now.Value is null : null);
            return;
        }

        var address = PeerAddress(command, device);
        var peer = Observer.NameOf(address, _view.Registry, command.Value);
        var drops = current is null || current == peer ? [] : new List<PlanDrop> { new(command.Id, current) };
        var policy = _view.Registry.Effective.Echoes.First(e => e.Id == command.Id).OnSecondLink ?? _view.Registry.Effective.Limits.OnSecondLink;
        if (drops.Count > 0 && policy == SecondLinkPolicy.Refuse)
        {
            throw new RefusedException(
                $"{_view.NameOf(command.Id)} has its one Bluetooth link with {_view.NameOf(current!)}, and its on_second_link is refuse. Disconnect it first, or set on_second_link: replace.", "L1", "L2");
        }

        var echo = echoes.Known(command.Id);
        if (drops.Count > 0 && echo is not null) echo.Replacing = current;
        _operations.Begin(command, token => _echo.ConnectAsync(device.Serial, address, token), LinkPlan(command.Id, peer, current, drops), failure =>
        {
            // A later command's replacement is its own.
            if (failure is not null && echo is not null && !_operations.IsUnderWay($"{command.Device}/bluetooth")) echo.Replacing = null;
        }, seen: () => IsLinkedTo(command.Id, address, peer));
    }

    private bool? IsLinkedTo(string echoId, BluetoothAddress address, string peer)
    {
        if (_view.LinkPeer(echoId) is not { IsKnown: true } now) return null;
        return now.Value == peer || address == _view.DeviceOfEcho(echoId)?.Link.Or(null)?.Address;
    }

    /// <summary>L5: a <c>plays_to</c> link keeps the sockets silent, so choosing one lets the link go first.</summary>
    public void ChangeOutput(Command command)
    {
        if (_view.DeviceOfEcho(command.Id) is not { } device) throw new RefusedException(NoControl(command.Id, "its audio output"));
        if (!Documents.TryReadOutput(command.Value, out var output) || output == AudioOutput.Bluetooth)
        {
            throw new RefusedException($"audio_output takes {string.Join(", ", options.AudioOutputs(command.Id).Select(Words.Of))}, not {CommandValues.Shown(command.Value)}.");
        }

        if (!options.AudioOutputs(command.Id).Contains(output))
        {
            throw new RefusedException($"{_view.NameOf(command.Id)} has no {Words.Of(output)}. If it has, say so with outputs: [{Words.Of(output)}] in the configuration.", "T2");
        }

        var link = _view.House.Observed.Echoes.FirstOrDefault(e => e.Id == command.Id)?.Link ?? default;
        var playsTo = output != AudioOutput.Speaker && link.IsKnown && link.Value is { Role: LinkRole.PlaysTo } ? link.Value.Peer : null;
        if (playsTo is not null && echoes.Known(command.Id) is { } run) run.DisconnectExpected = true;
        var drops = playsTo is null ? [] : new List<PlanDrop> { new(command.Id, playsTo) };
        var plan = LinkPlan(command.Id, null, playsTo, drops) with
        {
            Warnings = playsTo is null ? [] : [new PlanNotice("L5", [command.Id], $"A Bluetooth link silences {_view.NameOf(command.Id)}'s {Words.Of(output)}: the link with {_view.NameOf(playsTo)} is let go.", "Connect it again after switching back to the speaker.")],
        };
        _operations.Begin(command, async token =>
        {
            if (playsTo is not null) await _echo.DisconnectAsync(device.Serial, token);
            await _echo.SetAudioOutputAsync(device.Serial, output, token);
        }, plan, _ =>
        {
            if (echoes.Known(command.Id) is { } ended) ended.DisconnectExpected = false;
        }, seen: () => _view.DeviceOfEcho(command.Id)?.AudioOutput is { } now ? now == output : null);
    }

    /// <summary>A single link as a plan, so that its drops are announced like any other's.</summary>
    private Plan LinkPlan(string echoId, string? peer, string? current, IReadOnlyList<PlanDrop> drops) => new()
    {
        Feasible = true,
        Automatic = Automation.Yes,
        Members = [echoId],
        Route = Route.FanOut,
        Steps = peer is not null
            ? [new ConnectStep(echoId, peer, null, $"{_view.NameOf(echoId)} shall play to {_view.NameOf(peer)}.")]
            : current is not null ? [new DisconnectStep(echoId, current, null, $"{_view.NameOf(echoId)} shall have no link.")] : [],
        Drops = drops,
        Warnings = [.. drops.Select(d => new PlanNotice("L2", [echoId], $"{_view.NameOf(echoId)} has one Bluetooth link: its link with {_view.NameOf(d.Peer)} is dropped.", "Use a group with this gateway as the Echo's one speaker to play on several."))],
    };

    private BluetoothAddress PeerAddress(Command command, EchoDevice device)
    {
        var links = options.Links(command.Id, device);
        if (BluetoothAddress.Read(EchoOptions.Named(command.Value, links)?.Value) is { } named) return named;
        if (_view.Registry.Speaker(command.Value)?.Address is { } address) return address;
        if (command.Value == "gateway" && _view.ReceivingAdapter() is { } adapter) return adapter.Address;
        if (BluetoothAddress.Read(command.Value) is { } written) return written;
        throw new RefusedException(
            $"{_view.NameOf(command.Id)} has no pairing with {CommandValues.Shown(command.Value)}.{NearestNames.DidYouMean(command.Value, links.Select(o => o.Text))} Pair it in the Alexa app first (paired is not connected).", "L3");
    }

    public void Forget(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, _view.NameOf(command.Id));
        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem); // it would be back with bluetoothd
        var radios = _view.RadioOf(_view.Registry.AddressOf(id)).ToList();
        var device = _view.DeviceOfEcho(id);
        List<BluetoothAddress> theirs = [.. (device?.Paired ?? []).Select(p => p.Address).Where(_view.Registry.Adapters.ContainsKey)]; // or it would call again
        var (isFound, isStated) = (_view.Registry.IsFoundOnAir(id), _view.Registry.StatedAddressOf(id) is not null);
        echoes.Of(id).DisconnectExpected = true;
        _operations.Begin(command, async token =>
        {
            foreach (var radio in radios) await _bluetooth.ForgetAsync(radio.Adapter, radio.Address, token);
            foreach (var adapter in theirs) await _echo.ForgetAsync(device!.Serial, adapter, token);
        }, null, failure =>
        {
            echoes.Of(id).DisconnectExpected = false;
            if (failure is not null) return;
            _view.Registry.ForgetEcho(id);
            loop.LookAgain();
        }, () => isFound ? $"{name} is forgotten." : isStated ? $"{name}'s pairing is removed. Its address stays, because the configuration states it: pair it again to use it." : $"{name} is forgotten: the next Echo that pairs may become it.");
    }
}
