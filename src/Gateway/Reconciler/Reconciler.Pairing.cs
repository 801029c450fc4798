using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>The way in for Echos and phones, told step by step: open, seen, paired, named, tested with a sound.</summary>
internal sealed partial class Reconciler
{
    /// <summary>An Echo that has paired mostly makes its link by itself; after that it is called.</summary>
    private static readonly TimeSpan s_callsByItself = TimeSpan.FromSeconds(10);

    /// <summary>Somebody walks to the Echo and asks for music.</summary>
    private static readonly TimeSpan s_patienceForSound = TimeSpan.FromSeconds(60);
    private static readonly string[] s_testEnds = ["Heard: ", "Not heard: ", "Not tested: "];

    /// <summary>Begins the events that tell of the mode itself.</summary>
    internal const string ModeIs = "Pairing mode is ";
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    // Touched by the loop only.
    private readonly Dictionary<string, string?> _newcomers = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _unnamed = new(StringComparer.OrdinalIgnoreCase);
    private PairingMode? _pairingMode;
    private string? _pairingModeFor;

    /// <summary>Pairing mode as long as it lasts.</summary>
    /// <param name="known">Addresses of devices with the adapters on which they were paired when it began.</param>
    /// <param name="seen">Addresses of devices that were known, or have been told of.</param>
    private sealed class PairingMode(HashSet<(string, string)> known, HashSet<string> seen)
    {
        public HashSet<(string Address, string Adapter)> Known { get; } = known;
        public HashSet<string> Seen { get; } = seen;

        /// <summary>The Echo that it was opened for; null: whoever comes.</summary>
        public string? Echo { get; set; }

        /// <summary>The one it was opened for has come: its end is no news.</summary>
        public bool IsServed { get; set; }
    }

    private bool IsUndecided(string address) => _newcomers.ContainsKey(address) || _unnamed.ContainsKey(address);

    private void PairEcho(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, NameOf(command.Id));
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem);
        if (_unnamed.Count == 1 && MayBe(id))
        {
            // It has paired and waits for its name: this is the answer.
            var text = TakeEcho(id, _unnamed.Keys.First());
            Accept(command, null);
            End(command, CommandResult.Done, text, []);
            return;
        }

        if (_registry.IsFoundOnAir(id)) throw new RefusedException($"{name} is paired already. To pair it anew, press its Forget, then switch Pairing mode on.", "L3");
        var adapters = PairingAdapters(on: true);
        if (_pairingMode is { } open) (open.Echo, open.IsServed) = (id, false);
        else _pairingModeFor = id;
        Begin(command, token => OnEachAsync(adapters, adapter => _bluetoothPort.SetPairingModeAsync(adapter.Address, true, token)), null, worked =>
        {
            if (!worked) _pairingModeFor = null;
        }, () => HowToPair(id, OpenAdapters()));
    }

    private void ForgetEcho(Command command)
    {
        CommandValues.Press(command);
        var (id, name) = (command.Id, NameOf(command.Id));
        if (_bluetooth.Problem is { } problem) throw new RefusedException(problem); // it would be back with bluetoothd
        var radios = RadioOf(_registry.AddressOf(id)).ToList();
        var (isFound, isStated) = (_registry.IsFoundOnAir(id), _registry.StatedAddressOf(id) is not null);
        EchoRunOf(id).DisconnectExpected = true;
        Begin(command, async token =>
        {
            foreach (var radio in radios) await _bluetoothPort.ForgetAsync(radio.Adapter, radio.Address, token);
        }, null, worked =>
        {
            EchoRunOf(id).DisconnectExpected = false;
            if (!worked) return;
            _registry.ForgetEcho(id);
            OnBluetooth(_bluetoothPort.Current);
        }, () => isFound ? $"{name} is forgotten." : isStated ? $"{name}'s pairing is removed. Its address stays, because the configuration states it: pair it again to use it." : $"{name} is forgotten: the next Echo that pairs may become it.");
    }

    private List<RadioAdapter> OpenAdapters() => [.. _registry.Adapters.Values.Where(a => a.Discoverable)];

    /// <summary>Those that pairing mode is for: an adapter that only sends lets nobody in.</summary>
    private List<RadioAdapter> PairingAdapters(bool on)
    {
        var adapters = _registry.Adapters.Values.Where(a => (a.Powered || !on) && _registry.Configured(a)?.Role != AdapterRole.Send).ToList();
        return adapters.Count > 0 ? adapters : throw new RefusedException(_bluetooth.Problem ?? "No adapter is there and powered that may receive. Plug one in, switch its Powered on, or list it in bluetooth.adapters.");
    }

    /// <summary>What to say or tap, in plain words.</summary>
    /// <param name="open">The adapters that are in pairing mode; at least one.</param>
    private string HowToPair(string? echoId, IEnumerable<RadioAdapter> open)
    {
        var names = open.Select(a => (Air: a.Alias ?? a.Name, a.Name)).ToList();
        var air = string.Join(" or ", names.Select(n => n.Air).Distinct());
        var echo = echoId is null ? "the Echo" : NameOf(echoId);
        return $"{ModeIs}open on {string.Join(" and ", names.Select(n => n.Name).Distinct())} for up to 3 minutes; on the air the gateway is called {air}. "
            + $"Say to {echo} \"Alexa, pair\", then \"Alexa, connect to {names[0].Air}\"; or in the Alexa app: Devices, {echo}, Bluetooth, Pair a new device, {air}."
            + (echoId is null ? " At a phone: Bluetooth settings, the same name." : "");
    }

    /// <summary>Before the world is taken in: whoever has just paired gets a name first.</summary>
    private void NoteNewcomers(BluetoothSnapshot before, BluetoothSnapshot now)
    {
        var isOpen = now.Adapters.Any(a => a.Discoverable && _registry.MayUse(a));
        if (isOpen && _pairingMode is null)
        {
            _pairingMode = new PairingMode([.. before.Devices.Where(d => d.Paired).Select(d => (d.Address, d.Adapter))], [.. before.Devices.Select(d => d.Address)]) { Echo = _pairingModeFor };
            _pairingModeFor = null;
            Happened("pairing", HowToPair(_pairingMode.Echo, now.Adapters.Where(a => a.Discoverable && _registry.MayUse(a))), _pairingMode.Echo);
        }

        if (_pairingMode is not { } mode) return;
        foreach (var gone in _unnamed.Keys.Where(address => !now.Devices.Any(d => d.Paired && d.Address == address)).ToList()) _unnamed.Remove(gone);
        foreach (var device in now.Devices.Where(d => now.Adapters.Any(a => a.Address == d.Adapter && _registry.MayUse(a))))
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
            if (device.Kind is RadioKind.Echo or RadioKind.Phone && mode.Seen.Add(device.Address) && !searches) Happened("pairing", $"{device.Name} ({device.Address}) is there and begins to pair.", device.Address);
        }
        else if (mode.Known.Add((device.Address, device.Adapter)))
        {
            _newcomers[device.Address] = mode.IsServed ? null : mode.Echo;
        }
        else if (mode is { Echo: not null, IsServed: false } && device.LinkedAs == RadioRole.Source && _registry.EchoAt(device.Address) is { } id && _registry.IsFoundOnAir(id)
            && before.Devices.All(d => d.Address != device.Address || d.LinkedAs != RadioRole.Source))
        {
            // Paired long ago, and now it calls while somebody says which Echo is meant.
            _newcomers[device.Address] = mode.Echo;
        }
    }

    private void EndPairingMode(PairingMode mode)
    {
        _pairingMode = null;
        if (!mode.IsServed) Happened("pairing", $"{ModeIs}off.");
        foreach (var (address, name) in _unnamed)
        {
            Happened("pairing", $"Nobody has said which Echo {name} is, so it is one of its own from now on. pairing_answer with the id of the right one and {address} still names it.", address);
        }

        _unnamed.Clear();
    }

    /// <summary>Once the world is taken in: what they say they are may come a moment after their pairing.</summary>
    private void NameNewcomers()
    {
        foreach (var address in _newcomers.Keys.ToList())
        {
            var device = RadioOf(address).FirstOrDefault(d => d.Paired);
            var isSilent = device is { Kind: RadioKind.Unknown, OffersSource: false, OffersSink: false };
            if (isSilent && _pairingMode is not null) continue;
            _newcomers.Remove(address, out var wanted);
            if (device is not null) Welcome(device, wanted);
        }
    }

    private void Welcome(RadioDevice device, string? wanted)
    {
        var paired = $"{device.Name} ({device.Address}) has paired{(device.Trusted ? " and is trusted" : "")}";
        var known = _registry.EchoAt(device.Address);
        if (known is not null && !_registry.IsFoundOnAir(known))
        {
            Happened("pairing", $"{paired}: it is {NameOf(known)}.", known);
            Serve(known);
        }
        else if (_registry.SpeakerAt(device.Address) is { } speaker && _registry.IsConfiguredSpeaker(device.Address))
        {
            Happened("pairing", $"{paired}: it is the speaker {NameOf(speaker)}.", speaker);
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
            Happened("pairing", $"{paired}. As the source of a group it is phone:{device.Address}.", device.Address);
        }
        else if (device is { Kind: RadioKind.Unknown, OffersSink: false })
        {
            Happened("pairing", $"{paired}, and has not told what it is. If it is an Echo or a phone, it is shown here as soon as it says so; if nothing comes, let it forget the gateway and pair again.", device.Address);
        }
        else
        {
            Happened("pairing", $"{paired}. It plays what is sent to it: it is a speaker, and no Echo.", device.Address);
        }
    }

    private void TakeWanted(RadioDevice device, string wanted, string paired)
    {
        try
        {
            Happened("pairing", $"{paired}.", device.Address);
            TakeEcho(wanted, device.Address);
        }
        catch (RefusedException no)
        {
            Happened("problem", no.Message, wanted);
        }

        OnNamed();
    }

    private void NameByItself(RadioDevice device, string paired)
    {
        var fitting = EchoNames.Fitting(device.Name, [.. _registry.Effective.Echoes.Where(e => MayBe(e.Id))]);
        if (fitting.Count == 1)
        {
            Happened("pairing", $"{paired}.", device.Address);
            TakeEcho(fitting[0].Id, device.Address);
        }
        else if (fitting.Count > 1)
        {
            _unnamed[device.Address] = device.Name;
            var names = string.Join(" and ", fitting.Select(e => e.Name));
            Happened("pairing_question",
                $"{paired}. Which Echo is it? {names} have no address yet. Answer with pairing_answer: {string.Join(" or ", fitting.Select(e => e.Id))}; or press Pair of the right one.", device.Address);
        }
        else
        {
            Happened("pairing", $"{paired}. No Echo in the configuration is without an address, so it is an Echo of its own: as a source it is echo:{Ids.OfAddress(device.Address)}.", device.Address);
        }

        OnNamed();
        if (fitting.Count == 0 && _registry.EchoAt(device.Address) is { } found) Serve(found);
    }

    /// <summary>An Echo whose address nobody knows yet.</summary>
    private bool MayBe(string echoId) => _registry.AddressOf(echoId) is null && !_registry.IsFoundOnAir(echoId);

    /// <summary>From now on this address is that Echo's; the sentence that says so.</summary>
    private string TakeEcho(string id, string address)
    {
        var name = NameOf(id);
        if (_registry.StatedAddressOf(id) is { } stated && !stated.Equals(address, StringComparison.OrdinalIgnoreCase))
        {
            throw new RefusedException($"{address} was not taken for {name}: the configuration states another address for it, {stated}. Correct it there, or pair the right Echo.");
        }

        _unnamed.Remove(address);
        foreach (var other in _newcomers.Where(n => n.Value == id).Select(n => n.Key).ToList()) _newcomers[other] = null; // one Echo is one device
        _registry.LearnEcho(id, address);
        var text = $"{address} is {name} from now on. If that is wrong, forget {name} and pair again.";
        Happened("pairing", text, id);
        OnNamed();
        Serve(id);
        return text;
    }

    private void OnNamed()
    {
        TakeIn();
        WatchSpeakers();
        WatchEchoes();
    }

    /// <summary>It has its name: what pairing mode was opened for is done, and sound is the test.</summary>
    private void Serve(string echoId)
    {
        if (_pairingMode is { IsServed: false } mode && mode.Echo == echoId)
        {
            mode.IsServed = true;
            var adapters = OpenAdapters();
            Operate("gateway/pairing_mode/end", null, null, token => OnEachAsync(adapters, a => _bluetoothPort.SetPairingModeAsync(a.Address, false, token)), null);
        }

        TestSound(echoId);
    }

    /// <summary>An event <c>pairing</c> with this text is the last one of an Echo's way in.</summary>
    internal static bool EndsTest(string text) => s_testEnds.Any(end => text.StartsWith(end, StringComparison.Ordinal));

    private void TestSound(string echoId)
    {
        if (_registry.AddressOf(echoId) is not { } address) return;
        var name = NameOf(echoId);
        var adapter = RadioOf(address).FirstOrDefault(d => d.Paired)?.Adapter;
        var untestable = adapter is null ? $"{name} is not paired on an adapter that is here"
            : _bluetooth.OwnsAudio == false ? "Bluetooth sound is left to a sound server here"
            : IsPlayedTo(echoId) ? $"{name} is a member of a group that is on, which plays to it"
            : IsSourceOfActive(echoId) ? $"{name} is the source of a group that is on"
            : null;
        if (adapter is null || untestable is not null)
        {
            Happened("pairing", $"Not tested: {untestable}.", echoId);
            return;
        }

        var air = _registry.Adapters[adapter].Alias ?? _registry.Adapters[adapter].Name;
        Operate($"echo/{echoId}/test", null, null, async token =>
        {
            try
            {
                Tell(await LevelOfAsync(adapter, address, () => Tell($"{name} is linked with the gateway. Play something on it now, such as \"Alexa, play music\"."), token) is { } level
                    ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Heard: sound arrives from {name} (level {level:0} dBFS).")
                    : $"Not heard: nothing came from {name} within {s_patienceForSound.TotalSeconds:0} s. Say \"Alexa, play music\" to it; if it plays by its own loudspeaker, say \"Alexa, connect to {air}\".");
            }
            catch (PortException no)
            {
                Tell($"Not heard: {name} is paired, but its link was not made. {no.Message} {no.Remedy} Say \"Alexa, connect to {air}\" to it, then play something.");
            }
        }, null, limit: s_portsTime);

        void Tell(string text) => Post(() => Happened("pairing", text, echoId));
    }

    /// <summary>An Echo's first link often breaks within seconds, and it calls again: until the patience is over, what comes next counts.</summary>
    /// <param name="linked">Called at its first link, from which on the patience counts anew.</param>
    private async Task<double?> LevelOfAsync(string adapter, string address, Action linked, CancellationToken cancellationToken)
    {
        var (until, told) = (Now + s_patienceForSound, false);
        while (true)
        {
            try
            {
                var link = await LinkOfSourceAsync(adapter, address, cancellationToken);
                if (!told)
                {
                    linked();
                    (until, told) = (Now + s_patienceForSound, true);
                }

                if (await _playbackEngine.ListenAsync(new SourceOpening(new SourceRef(SourceKind.Phone, address), BluetoothLinks.KeyOf(link.Adapter, address)), until - Now, cancellationToken) is { } level) return level;
                if (Now >= until) return null;
            }
            catch (PortException) when (Now < until)
            {
                await Task.Delay(s_look, _time, cancellationToken);
            }
        }
    }

    private async Task<RadioDevice> LinkOfSourceAsync(string adapter, string address, CancellationToken cancellationToken)
    {
        var until = Now + s_callsByItself;
        while (Now < until)
        {
            if (Linked() is { } link) return link;
            await Task.Delay(s_look, _time, cancellationToken);
        }

        await _bluetoothPort.ConnectAsync(adapter, address, RadioRole.Source, cancellationToken);
        return Linked() ?? throw new PortException(PortError.NotReachable, "it made no link with the gateway.");

        RadioDevice? Linked() => _bluetoothPort.Current.Devices.FirstOrDefault(d => d.Address.Equals(address, StringComparison.OrdinalIgnoreCase) && d.LinkedAs == RadioRole.Source);
    }

    private bool IsSourceOfActive(string echoId) => _groups.Values.Any(g => _desired.Group(g.Group.Id).Active && SourceOf(g) == new SourceRef(SourceKind.Echo, echoId));

    /// <summary>A group that plays from it needs the one stream for itself.</summary>
    private void EndTestOf(SourceRef? source)
    {
        if (source is not { Kind: SourceKind.Echo, Argument: { } echo } || !_operations.ContainsKey($"echo/{echo}/test")) return;
        Supersede($"echo/{echo}/test");
        Happened("pairing", $"Not tested: {NameOf(echo)} is the source of a group that is on.", echo);
    }

    /// <summary>An answer that is an Echo's id or name, with the address where several wait: that is who has paired. False: it is another kind of answer.</summary>
    private bool NameByAnswer(Command command)
    {
        var (text, address) = (command.Value.Trim(), (string?)null);
        if (text.LastIndexOf(' ') is > 0 and var blank && Ids.OfAddress(text[(blank + 1)..]) is not null) (text, address) = (text[..blank].TrimEnd(), text[(blank + 1)..].ToUpperInvariant().Replace('-', ':'));
        var named = _registry.Effective.Echoes.Where(e => !_registry.IsFoundOnAir(e.Id) && (e.Id == text || NameFolding.Same(e.Name, text))).ToList();
        if (named.Count != 1)
        {
            var near = _unnamed.Count == 0 ? "" : NearestNames.DidYouMean(text, _registry.Effective.Echoes.Where(e => MayBe(e.Id)).Select(e => e.Name));
            return near.Length == 0 ? false : throw new RefusedException($"No Echo is called {CommandValues.Shown(text)}.{near}");
        }

        var waiting = _unnamed.Keys.Concat(_registry.Effective.Echoes.Where(e => _registry.IsFoundOnAir(e.Id)).Select(e => e.Address!)).ToList();
        if (address is null && _unnamed.Count == 1) address = _unnamed.Keys.First();
        if (address is null && waiting.Count == 1) address = waiting[0];
        if (waiting.Count == 0) throw new RefusedException("No Echo that has paired waits for its name.");
        if (address is null || !waiting.Contains(address, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException($"{(address is null ? "Several Echos wait" : $"{address} does not wait")} for a name. Add the address of one of these: {string.Join(", ", waiting)} (such as {named[0].Id} {waiting[0]}).");
        }

        var said = TakeEcho(named[0].Id, address);
        End(command, CommandResult.Done, said, []);
        return true;
    }
}
