using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>Takes in what the ports show, and turns differences into events.</summary>
internal sealed partial class Reconciler
{
    private void OnBluetooth(BluetoothSnapshot snapshot)
    {
        if (snapshot.Problem is { } problem && problem != _bluetooth.Problem) Happened("problem", problem);
        if (snapshot.AudioProblem is { } missing && missing != _bluetooth.AudioProblem) Happened("problem", missing);
        var soundIsBack = snapshot.AudioProblem is null && _bluetooth.AudioProblem is not null;
        foreach (var adapter in snapshot.Adapters)
        {
            if (adapter.Advice is { } advice && _bluetooth.Adapters.FirstOrDefault(a => a.Address == adapter.Address)?.Advice != advice) Happened("problem", $"{adapter.Name}: {advice}");
        }

        NoteNewcomers(_bluetooth, snapshot);
        _bluetooth = snapshot;
        TakeIn();
        ForgetStrangers();
        WatchSpeakers();
        WatchEchoes();
        NameNewcomers();
        if (!soundIsBack) return;
        foreach (var (id, _) in _speakers.Where(s => s.Value.PartsMissing > 0)) GiveAnotherTry(id);
    }

    /// <summary>Whoever was in reach of a search and left again leaves nothing behind.</summary>
    private void ForgetStrangers()
    {
        var known = _registry.Effective.Speakers.Select(s => s.Id).Concat(_registry.Effective.Echoes.Select(e => e.Id))
            .Concat(_groups.Values.Select(g => SourceOf(g)?.Argument).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        foreach (var id in _speakers.Keys.Where(id => !known.Contains(id) && !_operations.Keys.Any(k => k.StartsWith($"speaker/{id}/", StringComparison.Ordinal))).ToList()) _speakers.Remove(id);
        foreach (var id in _models.Keys.Where(id => !known.Contains(id)).ToList()) _models.Remove(id);
        _history.Keep(known);
    }

    /// <summary>Ends the text of a <c>pairing_question</c>.</summary>
    internal static string HowToAnswer(int question) =>
        $"Answer with pairing_answer: ON lets it in, OFF does not (\"ON {question}\" and \"OFF {question}\" answer this question and no other).";

    private void OnPairingQuestion(PairingQuestion question)
    {
        var text = $"{question.Text} {HowToAnswer(question.Id)}";
        _events.Add(new HouseEvent("pairing_question", WallNow, _registry.SpeakerAt(question.Device) ?? question.Device, null, null, text, []) { Question = question.Id });
        ReconcilerLog.Happened(_log, "pairing_question", text);
    }

    private void OnEcho(EchoSnapshot snapshot)
    {
        if (snapshot.Problem is { } problem && problem != _echo.Problem) Happened("problem", problem);
        _echo = snapshot;
        TakeIn();
        WatchSpeakers();
        WatchEchoes();
    }

    /// <summary>The world looks different: what was made of the old view goes.</summary>
    private void TakeIn()
    {
        _registry.Update(_bluetooth, _echo, IsUndecided);
        _radios = _bluetooth.Devices.Where(d => _registry.Adapters.ContainsKey(d.Adapter)).ToLookup(d => d.Address, StringComparer.OrdinalIgnoreCase);
        _outputs = _playbackEngine.Outputs;
        _echoDocuments.Clear();
        _echoSources = null;
        _house = null;
    }

    private IEnumerable<RadioDevice> RadioOf(string? address) => address is null ? [] : _radios[address];

    /// <summary>The link with us of a speaker or an Echo, in either role.</summary>
    private RadioDevice? ConnectedRadioOf(string id) => RadioOf(_registry.AddressOf(id)).FirstOrDefault(d => d.Link == RadioLink.Connected);

    /// <summary>The same, where we play to it.</summary>
    private RadioDevice? SinkOf(string id) => ConnectedRadioOf(id) is { LinkedAs: not RadioRole.Source } radio ? radio : null;

    /// <summary>The way to its loudspeaker, by the word of whoever provides that; null: it cannot sound now.</summary>
    private OutputRef? OutputOf(string id) => _outputs.Find(id, _registry.AddressOf(id));

    /// <summary>Why nothing can be played on it although it may be there, by the same word; null: nothing stands in the way.</summary>
    private string? OutputRefusalOf(string id) => _outputs.RefusalOf(id, _registry.AddressOf(id));

    private EchoDevice? DeviceOfEcho(string echoId) =>
        _registry.SerialOf(echoId) is { } serial ? _echo.Echoes.FirstOrDefault(e => e.Serial.Equals(serial, StringComparison.OrdinalIgnoreCase)) : null;

    private SpeakerModel? CatalogueOf(string speakerId)
    {
        if (_registry.Speaker(speakerId) is not { } speaker) return null;
        var modalias = RadioOf(speaker.Address).Select(d => d.Modalias).FirstOrDefault(m => m is not null);
        if (_models.TryGetValue(speakerId, out var known) && known.Modalias == modalias && known.Speaker == speaker) return known.Model;
        var model = CatalogueMatch.Speaker(_catalogue, speaker.Model, speaker.Name, speaker.Vendor, modalias);
        _models[speakerId] = (speaker, modalias, model);
        return model;
    }

    private void WatchSpeakers()
    {
        // At most a handful of Echos play to speakers of ours at a time.
        var holders = House.Observed.Echoes.Where(e => e.Link is { IsKnown: true, Value.Role: LinkRole.PlaysTo }).ToLookup(e => e.Link.Value!.Peer, e => e.Id, StringComparer.Ordinal);
        foreach (var speaker in _registry.Effective.Speakers) WatchSpeaker(speaker, holders[speaker.Id].FirstOrDefault());
    }

    private void WatchSpeaker(ConfiguredSpeaker speaker, string? echo)
    {
        var run = SpeakerRunOf(speaker.Id);
        var radio = ConnectedRadioOf(speaker.Id);
        var held = radio is null && (echo is not null || (!run.RefusalForgotten && RadioOf(speaker.Address).Any(d => d.HeldElsewhere)));
        if (run.WasConnected && radio is null) Lost(speaker, run);
        if (!run.WasConnected && radio is not null) Linked(speaker, run);
        if (held && !run.HeldElsewhere) TellHeld(speaker, echo);
        run.WasConnected = radio is not null;
        run.Adapter = radio?.Adapter ?? run.Adapter;
        run.HeldElsewhere = held;
    }

    private void TellHeld(ConfiguredSpeaker speaker, string? echo)
    {
        if (echo is null) Happened("held_elsewhere", $"{speaker.Name} is connected to another phone or computer. Disconnect it there, and it comes back by itself.", speaker.Id);
        else Happened("held_elsewhere", $"{speaker.Name} is connected to {NameOf(echo)}. Set that Echo's Bluetooth to {Disconnected} to have it here.", speaker.Id, echo, null, "L2");
    }

    private void Lost(ConfiguredSpeaker speaker, SpeakerRun run)
    {
        run.VolumeApplied = false;
        if (run.DisconnectExpected)
        {
            run.DisconnectExpected = false;
            return;
        }

        run.Dropouts++;
        run.LostAt = Now;
        if (OurOwnFault(run) is { } ours)
        {
            // That says nothing about the speaker, and it may come back as soon as we can have it.
            Happened("link_lost", $"{speaker.Name} lost its link: {ours}", speaker.Id);
            return;
        }

        _history.Add(speaker.Id, WallNow, LinkEventKind.Dropout);
        // Who ended the link itself was switched off, or went to somebody else: it comes back by itself, or is looked for later. To page a
        // speaker that is not there takes the radio from the others for 5 s each time. Who fell silent may only have passed behind a wall.
        run.RetryAt = Now + BackoffOf(speaker.Id).Failed(RadioOf(speaker.Address).Any(r => r.FellSilent) ? default : s_afterGoodbye);
        Happened("link_lost", $"{speaker.Name} lost its link without being asked to. Is it off, out of reach, or taken by a phone?", speaker.Id);
    }

    private string? OurOwnFault(SpeakerRun run) =>
        _bluetooth.Problem is { } problem ? problem
        : run.Adapter is { } adapter && _bluetooth.Adapters.FirstOrDefault(a => a.Address == adapter) is not { Powered: true } ? "its adapter was unplugged or switched off."
        : null;

    private void Linked(ConfiguredSpeaker speaker, SpeakerRun run)
    {
        run.LinkedAt = Now;
        BackoffOf(speaker.Id).Succeeded();
        (run.AwaySince, run.PartsMissing) = (null, 0);
        _history.Add(speaker.Id, WallNow, LinkEventKind.Connected);
        run.RetryAt = null;
        run.LastError = null;
        run.DisconnectExpected = false;
        if (run.LostAt is not { } lostAt) return;
        run.ReconnectS = Math.Round((Now - lostAt).TotalSeconds, 1);
        run.LostAt = null;
        Happened("link_restored", $"{speaker.Name} is linked again after {run.ReconnectS:0.#} s.", speaker.Id);
    }

    private void WatchEchoes()
    {
        foreach (var echo in House.Observed.Echoes)
        {
            // Where only our radio tells of it, the end of its link with us is known all the same.
            if (!echo.Link.IsKnown && !(_bluetooth.Problem is null && IsOurAdapter(_echoes.GetValueOrDefault(echo.Id)?.Peer))) continue;
            var run = EchoRunOf(echo.Id);
            var peer = echo.Link.Or(null)?.Peer;
            if (run.Known) WatchLink(echo.Id, run, run.Peer, peer);
            if (run.Peer != peer || run.LinkedAt is null) run.LinkedAt = Now;
            run.Known = true;
            run.Peer = peer;
        }
    }

    private EchoRun EchoRunOf(string id) => _echoes.TryGetValue(id, out var run) ? run : _echoes[id] = new EchoRun();

    private bool IsOurAdapter(string? peer) => peer is not null && _registry.Adapters.Values.Any(a => Engine.Text.Ids.OfAddress(a.Address) == peer);

    private void WatchLink(string echoId, EchoRun run, string? before, string? now)
    {
        if (before == now) return;
        if (now is not null && (before ?? run.Replacing) is { } replaced)
        {
            run.Replacing = null;
            run.DisconnectExpected = false;
            if (replaced != now) Happened("link_replaced", $"{NameOf(echoId)} now has its one link with {NameOf(now)}; the link with {NameOf(replaced)} was dropped.", echoId, now, null, "L1", "L2");
        }
        else if (now is null && run.DisconnectExpected)
        {
            run.DisconnectExpected = false;
        }
        else if (now is null && run.Replacing is null)
        {
            Happened("link_lost", $"{NameOf(echoId)} lost its link with {NameOf(before!)}.", echoId, before);
        }
    }
}
