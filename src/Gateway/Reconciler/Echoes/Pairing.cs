using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Reconciler.Registry;
using Gateway.Reconciler.Speakers;

namespace Gateway.Reconciler.Echoes;

/// <summary>The way in for Echos and phones, told step by step: open, seen, paired, named; <see cref="SourceTest"/> then tests it with a sound.</summary>
internal sealed class Pairing(LoopContext loop, SpeakerLinks speakerLinks, EchoLinks echoLinks, SourceTest test)
{
    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;

    // Touched by the loop only.
    private readonly Dictionary<BluetoothAddress, string?> _newcomers = [];
    private readonly Dictionary<BluetoothAddress, string> _unnamed = [];
    private PairingMode? _pairingMode;
    private string? _pairingModeFor;

    /// <summary>Pairing mode as long as it lasts.</summary>
    /// <param name="known">Addresses of devices with the adapters on which they were paired when it began.</param>
    /// <param name="seen">Addresses of devices that were known, or have been told of.</param>
    private sealed class PairingMode(HashSet<(BluetoothAddress, BluetoothAddress)> known, HashSet<BluetoothAddress> seen)
    {
        public HashSet<(BluetoothAddress Address, BluetoothAddress Adapter)> Known { get; } = known;
        public HashSet<BluetoothAddress> Seen { get; } = seen;

        /// <summary>The Echo that it was opened for; null: whoever comes.</summary>
        public string? Echo { get; set; }

        /// <summary>The one it was opened for has come: its end is no news.</summary>
        public bool IsServed { get; set; }
    }

    public bool IsUndecided(BluetoothAddress address) => _newcomers.ContainsKey(address) || _unnamed.ContainsKey(address);

    public void Open(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, _view.NameOf(command.Id));
        if (_view.Bluetooth.Problem is { } problem) throw new RefusedException(problem);
        if (_unnamed.Count == 1 && MayBe(id))
        {
            // It has paired and waits for its name: this is the answer.
            var text = TakeEcho(id, _unnamed.Keys.First());
            _journal.Accept(command, null);
            _journal.End(command, CommandResult.Done, text, []);
            return;
        }

        if (_view.Registry.IsFoundOnAir(id)) throw new RefusedException($"{name} is paired already. To pair it anew, press its Forget, then switch Pairing mode on.", "L3");
        var adapters = AdaptersFor(on: true);
        if (_pairingMode is { } open) (open.Echo, open.IsServed) = (id, false);
        else _pairingModeFor = id;
        _operations.Begin(command, token => Operations.OnEachAsync(adapters, adapter => _bluetooth.SetPairingModeAsync(adapter.Address, true, token)), null, failure =>
        {
            if (failure is not null) _pairingModeFor = null;
        }, () => HowToPair(id, OpenAdapters()));
    }

    /// <summary>Pairing mode is being opened, or kept open, for nobody in particular.</summary>
    public void ForWhoeverComes()
    {
        _pairingModeFor = null;
        if (_pairingMode is { } open) (open.Echo, open.IsServed) = (null, false);
    }

    public List<RadioAdapter> OpenAdapters() => [.. _view.Registry.Adapters.Values.Where(a => a.Discoverable)];

    /// <summary>Those that pairing mode is for: an adapter that only sends lets nobody in.</summary>
    public List<RadioAdapter> AdaptersFor(bool on)
    {
        var adapters = _view.Registry.Adapters.Values.Where(a => (a.Powered || !on) && _view.Registry.Configured(a)?.Role != AdapterRole.Send).ToList();
        return adapters.Count > 0 ? adapters : throw new RefusedException(_view.Bluetooth.Problem ?? "No adapter is there and powered that may receive. Plug one in, switch its Powered on, or list it in bluetooth.adapters.");
    }

    /// <summary>What to say or tap, in plain words.</summary>
    /// <param name="open">The adapters that are in pairing mode; at least one.</param>
    public string HowToPair(string? echoId, IEnumerable<RadioAdapter> open)
    {
        var names = open.Select(a => (Air: a.Alias ?? a.Name, a.Name)).ToList();
        var air = string.Join(" or ", names.Select(n => n.Air).Distinct());
        var echo = echoId is null ? "the Echo" : _view.NameOf(echoId);
        return $"{PairingTexts.ModeIs}open on {string.Join(" and ", names.Select(n => n.Name).Distinct())} for up to 3 minutes; on the air the gateway is called {air}. "
            + $"Say to {echo} \"Alexa, pair\", then \"Alexa, connect to {names[0].Air}\"; or in the Alexa app: Devices, {echo}, Bluetooth, Pair a new device, {air}."
            + (echoId is null ? " At a phone: Bluetooth settings, the same name." : "");
    }

    /// <summary>Before the world is taken in: whoever has just paired gets a name first.</summary>
    public void NoteNewcomers(BluetoothSnapshot before, BluetoothSnapshot now)
    {
        var isOpen = now.Adapters.Any(a => a.Discoverable && _view.Registry.MayUse(a));
        if (isOpen && _pairingMode is null)
        {
            _pairingMode = new PairingMode([.. before.Devices.Where(d => d.Paired).Select(d => (d.Address, d.Adapter))], [.. before.Devices.Select(d => d.Address)]) { Echo = _pairingModeFor };
            _pairingModeFor = null;
            _journal.Happened(HouseEventType.Pairing, HowToPair(_pairingMode.Echo, now.Adapters.Where(a => a.Discoverable && _view.Registry.MayUse(a))), _pairingMode.Echo);
        }

        if (_pairingMode is not { } mode) return;
        foreach (var gone in _unnamed.Keys.Where(address => !now.Devices.Any(d => d.Paired && d.Address == address)).ToList()) _unnamed.Remove(gone);
        foreach (var device in now.Devices.Where(d => now.Adapters.Any(a => a.Address == d.Adapter && _view.Registry.MayUse(a))))
        {
            if (before.Adapters.Any(a => a.Address == device.Adapter)) NoteNewcomer(device, mode, before, now);
            else NoteOldFriend(device, mode);
        }

        if (!isOpen) EndPairingMode(mode);
    }

    /// <summary>It came with its adapter, or with the Bluetooth service: whatever it is paired for, it was before.</summary>
    private static void NoteOldFriend(RadioDevice device, PairingMode mode)
    {
        mode.Seen.Add(device.Address);
        if (device.Paired) mode.Known.Add((device.Address, device.Adapter));
    }

    private void NoteNewcomer(RadioDevice device, PairingMode mode, BluetoothSnapshot before, BluetoothSnapshot now)
    {
        if (!device.Paired)
        {
            mode.Known.Remove((device.Address, device.Adapter)); // it may pair anew
            // A search finds whoever is in reach; who shows up without one has called.
            var searches = now.Adapters.Any(a => a.Address == device.Adapter && a.Discovering);
            if (device.Kind is RadioKind.Echo or RadioKind.Phone && mode.Seen.Add(device.Address) && !searches) _journal.Happened(HouseEventType.Pairing, $"{device.Name} ({device.Address}) is there and begins to pair.", device.Address);
        }
        else if (mode.Known.Add((device.Address, device.Adapter)))
        {
            _newcomers[device.Address] = mode.IsServed ? null : mode.Echo;
        }
        else if (mode is { Echo: not null, IsServed: false } && device.LinkedAs == RadioRole.Source && _view.Registry.EchoAt(device.Address) is { } id && _view.Registry.IsFoundOnAir(id)
            && before.Devices.All(d => d.Address != device.Address || d.LinkedAs != RadioRole.Source))
        {
            // Paired long ago, and now it calls while somebody says which Echo is meant.
            _newcomers[device.Address] = mode.Echo;
        }
    }

    private void EndPairingMode(PairingMode mode)
    {
        _pairingMode = null;
        if (!mode.IsServed) _journal.Happened(HouseEventType.Pairing, $"{PairingTexts.ModeIs}off.");
        foreach (var (address, name) in _unnamed)
        {
            _journal.Happened(HouseEventType.Pairing, $"Nobody has said which Echo {name} is, so it is one of its own from now on. pairing_answer with the id of the right one and {address} still names it.", address);
        }

        _unnamed.Clear();
    }

    /// <summary>Once the world is taken in: what they say they are may come a moment after their pairing.</summary>
    public void NameNewcomers()
    {
        foreach (var address in _newcomers.Keys.ToList())
        {
            var device = _view.RadioOf(address).FirstOrDefault(d => d.Paired);
            var isSilent = device is { Kind: RadioKind.Unknown, OffersSource: false, OffersSink: false };
            if (isSilent && _pairingMode is not null) continue;
            _newcomers.Remove(address, out var wanted);
            if (device is not null) Welcome(device, wanted);
        }
    }

    private void Welcome(RadioDevice device, string? wanted)
    {
        var paired = $"{device.Name} ({device.Address}) has paired{(device.Trusted ? " and is trusted" : "")}";
        var known = _view.Registry.EchoAt(device.Address);
        if (known is not null && !_view.Registry.IsFoundOnAir(known))
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}: it is {_view.NameOf(known)}.", known);
            Serve(known);
        }
        else if (_view.Registry.SpeakerAt(device.Address) is { } speaker && _view.Registry.IsConfiguredSpeaker(device.Address))
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}: it is the speaker {_view.NameOf(speaker)}.", speaker);
        }
        else if (wanted is not null && (device.Kind == RadioKind.Echo || (device.OffersSource && device.Kind != RadioKind.Phone)))
        {
            TakeWanted(device, wanted, paired);
        }
        else if (device.Kind == RadioKind.Echo)
        {
            NameByItself(device, paired);
        }
        else if (device.IsSource || device.Kind == RadioKind.Phone)
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}. As the source of a group it is phone:{device.Address}.", device.Address);
        }
        else if (device is { Kind: RadioKind.Unknown, OffersSink: false })
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}, and has not told what it is. If it is an Echo or a phone, it is shown here as soon as it says so; if nothing comes, let it forget the gateway and pair again.", device.Address);
        }
        else
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}. It plays what is sent to it: it is a speaker, and no Echo.", device.Address);
        }
    }

    private void TakeWanted(RadioDevice device, string wanted, string paired)
    {
        try
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}.", device.Address);
            TakeEcho(wanted, device.Address);
        }
        catch (RefusedException no)
        {
            _journal.Happened(HouseEventType.Problem, no.Message, wanted);
        }

        OnNamed();
    }

    private void NameByItself(RadioDevice device, string paired)
    {
        var fitting = EchoNames.Fitting(device.Name, [.. _view.Registry.Effective.Echoes.Where(e => MayBe(e.Id))]);
        if (fitting.Count == 1)
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}.", device.Address);
            TakeEcho(fitting[0].Id, device.Address);
        }
        else if (fitting.Count > 1)
        {
            _unnamed[device.Address] = device.Name;
            var names = string.Join(" and ", fitting.Select(e => e.Name));
            _journal.Happened(HouseEventType.PairingQuestion,
                $"{paired}. Which Echo is it? {names} have no address yet. Answer with pairing_answer: {string.Join(" or ", fitting.Select(e => e.Id))}; or press Pair of the right one.", device.Address);
        }
        else
        {
            _journal.Happened(HouseEventType.Pairing, $"{paired}. No Echo in the configuration is without an address, so it is an Echo of its own: as a source it is echo:{device.Address.Id}.", device.Address);
        }

        OnNamed();
        if (fitting.Count == 0 && _view.Registry.EchoAt(device.Address) is { } found) Serve(found);
    }

    /// <summary>An Echo whose address nobody knows yet.</summary>
    private bool MayBe(string echoId) => _view.Registry.AddressOf(echoId) is null && !_view.Registry.IsFoundOnAir(echoId);

    /// <summary>From now on this address is that Echo's; the sentence that says so.</summary>
    private string TakeEcho(string id, BluetoothAddress address)
    {
        var name = _view.NameOf(id);
        if (_view.Registry.StatedAddressOf(id) is { } stated && stated != address)
        {
            throw new RefusedException($"{address} was not taken for {name}: the configuration states another address for it, {stated}. Correct it there, or pair the right Echo.");
        }

        _unnamed.Remove(address);
        foreach (var other in _newcomers.Where(n => n.Value == id).Select(n => n.Key).ToList()) _newcomers[other] = null; // one Echo is one device
        _view.Registry.LearnEcho(id, address);
        var text = $"{address} is {name} from now on. If that is wrong, forget {name} and pair again.";
        _journal.Happened(HouseEventType.Pairing, text, id);
        OnNamed();
        Serve(id);
        return text;
    }

    private void OnNamed()
    {
        _view.TakeIn();
        speakerLinks.Watch();
        echoLinks.Watch();
    }

    /// <summary>It has its name: what pairing mode was opened for is done, and sound is the test.</summary>
    private void Serve(string echoId)
    {
        if (_pairingMode is { IsServed: false } mode && mode.Echo == echoId)
        {
            mode.IsServed = true;
            var adapters = OpenAdapters();
            _operations.Start("gateway/pairing_mode/end", null, null, token => Operations.OnEachAsync(adapters, a => _bluetooth.SetPairingModeAsync(a.Address, false, token)), null);
        }

        test.Begin(echoId);
    }

    /// <summary>An answer that is an Echo's id or name, with the address where several wait: that is who has paired. False: it is another kind of answer.</summary>
    public bool NameByAnswer(Command command)
    {
        var (text, address) = (command.Value.Trim(), (BluetoothAddress?)null);
        if (text.LastIndexOf(' ') is > 0 and var blank && BluetoothAddress.Read(text[(blank + 1)..]) is { } written) (text, address) = (text[..blank].TrimEnd(), written);
        var named = _view.Registry.Effective.Echoes.Where(e => !_view.Registry.IsFoundOnAir(e.Id) && (e.Id == text || NameFolding.Same(e.Name, text))).ToList();
        if (named.Count != 1)
        {
            var near = _unnamed.Count == 0 ? "" : NearestNames.DidYouMean(text, _view.Registry.Effective.Echoes.Where(e => MayBe(e.Id)).Select(e => e.Name));
            return near.Length == 0 ? false : throw new RefusedException($"No Echo is called {CommandValues.Shown(text)}.{near}");
        }

        var waiting = _unnamed.Keys.Concat(_view.Registry.Effective.Echoes.Where(e => _view.Registry.IsFoundOnAir(e.Id)).Select(e => e.Address!)).ToList();
        if (address is null && _unnamed.Count == 1) address = _unnamed.Keys.First();
        if (address is null && waiting.Count == 1) address = waiting[0];
        if (waiting.Count == 0) throw new RefusedException("No Echo that has paired waits for its name.");
        if (address is null || !waiting.Contains(address))
        {
            throw new RefusedException($"{(address is null ? "Several Echos wait" : $"{address} does not wait")} for a name. Add the address of one of these: {string.Join(", ", waiting)} (such as {named[0].Id} {waiting[0]}).");
        }

        var said = TakeEcho(named[0].Id, address);
        _journal.End(command, CommandResult.Done, said, []);
        return true;
    }
}
