using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Playback;

namespace Gateway.Reconciler;

/// <summary>The house as it is published.</summary>
internal sealed partial class Reconciler
{
    private HouseSnapshot BuildSnapshot()
    {
        var house = House;
        return new HouseSnapshot
        {
            Gateway = new GatewayDocument
            {
                Id = _identity.Id,
                Name = _identity.Name,
                Version = _identity.Version,
                ActiveGroups = [.. _groups.Values.Where(IsActive).Select(g => g.Group.Id)],
                PairingMode = _bluetooth.Adapters.Any(a => a.Discoverable && _registry.Adapters.ContainsKey(a.Address)),
                BluetoothAudio = _bluetooth.OwnsAudio switch { true => "own", false => "pulse", null => _configuration.BluetoothAudio == Configuration.BluetoothAudio.Pulse ? "pulse" : "own" },
                LastProblem = _lastProblem,
                Problem = _bluetooth.Problem ?? _bluetooth.AudioProblem ?? _echo.Problem ?? _store.Problem ?? AdvisedAdapter(),
                Bluez = _bluetooth.Service is { } service ? new BluezDocument(service.Version, service.Faults) : null,
                A2dpSources = [.. A2dpSources()],
            },
            Echoes = [.. house.Configured.Echoes.Select(e => EchoDocumentOf(e, house))],
            Speakers = [.. house.Configured.Speakers.Select(SpeakerDocumentOf)],
            Adapters = [.. _registry.Adapters.Values.OrderBy(a => a.Address, StringComparer.Ordinal).Select(AdapterDocumentOf)],
            Transmitters = [.. house.Configured.Transmitters.Select(TransmitterDocumentOf)],
            Groups = [.. _groups.Values.Select(GroupDocumentOf)],
            Routines = [.. house.Configured.Routines.Select(r => new RoutineDocument(r.Id, r.Name))],
        };
    }

    private string? AdvisedAdapter() => _bluetooth.Adapters.FirstOrDefault(a => a.Advice is not null && _registry.Adapters.ContainsKey(a.Address)) is { } adapter ? $"{adapter.Name}: {adapter.Advice}" : null;

    private IEnumerable<A2dpSourceDocument> A2dpSources() => _bluetooth.Devices
        .Where(d => d.Paired && _registry.Adapters.ContainsKey(d.Adapter) && (d.IsSource || _registry.EchoAt(d.Address) is not null))
        .OrderBy(d => d.Address, StringComparer.Ordinal).ThenBy(d => d.Adapter, StringComparer.Ordinal)
        .Select(d => new A2dpSourceDocument(d.Name, d.Address, Ids.OfAddress(d.Adapter)!, d.Link == RadioLink.Connected));

    private static bool IsActive(GroupRun run) => run.Phase is "playing" or "degraded";

    private EchoDocument EchoDocumentOf(ConfiguredEcho echo, Engine.House house)
    {
        if (!_echoDocuments.TryGetValue(echo.Id, out var document)) _echoDocuments[echo.Id] = document = ObservedEcho(echo, house);
        return _operations.ContainsKey($"echo/{echo.Id}/bluetooth") ? document with { Bluetooth = document.Bluetooth with { State = "connecting" } } : document;
    }

    /// <summary>An Echo as the ports show it: the checklist and the options make it the dearest part of a snapshot.</summary>
    private EchoDocument ObservedEcho(ConfiguredEcho echo, Engine.House house)
    {
        var device = DeviceOfEcho(echo.Id);
        var observed = house.Observed.Echoes.First(e => e.Id == echo.Id);
        var link = observed.Link.IsKnown ? observed.Link.Value : null;
        var group = device?.WifiGroup.Or(null) is { } id ? _echo.WifiGroups?.FirstOrDefault(g => g.Id == id) : null;
        return new EchoDocument
        {
            Id = echo.Id,
            Name = echo.Name,
            Model = echo.Model ?? ModelOf(echo)?.Model,
            Address = echo.Address,
            Control = device?.Control switch { EchoControlKind.HomeAssistant => "home_assistant", EchoControlKind.AlexaApi => "alexa_api", _ => "declared" },
            Online = observed.Online.IsKnown ? observed.Online.Value : null,
            Firmware = device?.Firmware,
            FirmwareOk = Firmware.IsAtLeast(device?.Firmware, house.Configured.Limits.MinFirmware),
            Volume = device?.VolumePercent,
            Bluetooth = new EchoBluetoothDocument(
                !observed.Link.IsKnown ? null : link is null ? "disconnected" : "connected",
                link is null ? null : PeerOf(link.Peer, device), link?.Role,
                [.. (device?.Paired ?? []).Select(p => new PairedDocument(p.Name, p.Address, p.Role))]),
            WifiGroup = group is null ? null : new WifiGroupDocument(group.Id, group.Name),
            InWifiGroup = device is { WifiGroup.IsKnown: true } ? device.WifiGroup.Value is not null : null,
            AudioOutput = device?.AudioOutput,
            Readiness = ReadinessOf(echo.Id, house),
            BluetoothOptions = [.. BluetoothOptions(echo.Id, device)],
            AudioOutputOptions = [.. AudioOutputOptions(echo.Id)],
            // With the radio it can be paired, linked and let go.
            Available = _bluetooth.Problem is null || (device is not null && _echo.Problem is null),
        };
    }

    private static ReadinessDocument ReadinessOf(string echoId, Engine.House house)
    {
        var checks = Checklist.ForEcho(house, echoId);
        return new ReadinessDocument(Count(CheckResult.Pass), Count(CheckResult.Warn), Count(CheckResult.Fail), Count(CheckResult.Unknown));

        int Count(CheckResult result) => checks.Count(c => c.Result == result);
    }

    private PeerDocument PeerOf(string peer, EchoDevice? device)
    {
        if (_registry.AddressOf(peer) is { } speaker) return new PeerDocument(peer, NameOf(peer), speaker);
        if (_registry.Adapters.Values.FirstOrDefault(a => Ids.OfAddress(a.Address) == peer) is { } adapter) return new PeerDocument(peer, NameOf(peer), adapter.Address);
        return new PeerDocument(null, peer, device?.Link.Or(null)?.Address);
    }

    private SpeakerDocument SpeakerDocumentOf(ConfiguredSpeaker speaker)
    {
        var run = SpeakerRunOf(speaker.Id);
        var desired = _desired.Speaker(speaker.Id);
        var radios = RadioOf(speaker.Address).ToList();
        var connected = radios.FirstOrDefault(r => r.Link == RadioLink.Connected);
        var model = CatalogueOf(speaker.Id);
        var signal = connected is null && radios.Count > 0 ? radios.Where(r => r.RssiDbm is not null).MaxBy(r => r.RssiAt) : null;
        var playing = SoundOf(speaker.Id);
        return new SpeakerDocument
        {
            Id = speaker.Id,
            Name = speaker.Name,
            Model = speaker.Model,
            Address = speaker.Address,
            Paired = _bluetooth.Problem is null ? radios.Any(r => r.Paired) : null,
            PairedOn = radios.Count == 0 ? [] : [.. radios.Where(r => r.Paired).Select(r => Ids.OfAddress(r.Adapter)!).Order(StringComparer.Ordinal)],
            Link = LinkOf(run, radios, connected),
            Connected = connected is not null,
            Adapter = connected is null ? null : Ids.OfAddress(connected.Adapter),
            Codec = connected?.Codec,
            ReportedLatencyMs = connected?.ReportedLatencyMs,
            Volume = VolumeOf(speaker.Id),
            TrimMs = desired.TrimMs,
            DelayMs = playing?.DelayMs,
            Calibration = PlaybackDocuments.CalibrationOf(playing),
            Sync = PlaybackDocuments.SyncOf(playing),
            Battery = connected?.BatteryPercent,
            RssiDbm = signal?.RssiDbm,
            RssiAt = signal?.RssiAt,
            Stability = _history.Of(speaker.Id).Score(WallNow, model) is { } score ? new StabilityDocument(score.Value, score.Evidence) : null,
            ReconnectS = run.ReconnectS,
            Dropouts = run.Dropouts,
            KeepAwake = desired.KeepAwake,
            Advice = AdviceOf(speaker, model),
            LastError = run.LastError,
            Available = _bluetooth.Problem is null,
        };
    }

    private SpeakerPlayback? SoundOf(string speakerId)
    {
        foreach (var group in _playback.Groups.Values)
        {
            if (group.Sounding.TryGetValue(speakerId, out var sound)) return sound;
        }

        return null;
    }

    private static string LinkOf(SpeakerRun run, List<RadioDevice> radios, RadioDevice? connected) =>
        connected is not null ? "connected"
        : run.Connecting || radios.Any(r => r.Link == RadioLink.Connecting) ? "connecting"
        : run.HeldElsewhere ? "held_elsewhere"
        : run.LastError is not null ? "failed"
        : "disconnected";

    private static string? AdviceOf(ConfiguredSpeaker speaker, SpeakerModel? model) => model?.Limitation is null
        ? null
        : $"{speaker.Name}: {model.Limitation.TrimEnd('.')}.{(model.Remedy is null ? "" : $" Remedy: {model.Remedy.TrimEnd('.')}.")}";

    private AdapterDocument AdapterDocumentOf(RadioAdapter adapter)
    {
        var configured = _registry.Configured(adapter);
        return new AdapterDocument
        {
            Id = Ids.OfAddress(adapter.Address)!,
            Name = adapter.Name,
            Address = adapter.Address,
            Product = adapter.Product,
            Powered = adapter.Powered,
            Discovering = adapter.Discovering,
            StreamsUsed = _bluetooth.Devices.Count(d => d.Adapter == adapter.Address && d.Link == RadioLink.Connected),
            StreamsMax = _configuration.House.Limits.StreamsOf(adapter.Address, configured?.MaxStreams, adapter.LearnedStreams),
            Role = configured?.Role ?? AdapterRole.Both,
            Available = _bluetooth.Problem is null,
        };
    }

    private TransmitterDocument TransmitterDocumentOf(ConfiguredTransmitter transmitter) => new()
    {
        Id = transmitter.Id,
        Name = transmitter.Name,
        Model = transmitter.Model,
        FedBy = transmitter.FedBy,
        Output = transmitter.Output,
        Slots = [.. Enumerable.Range(0, transmitter.Slots).Select(i => transmitter.Speakers.ElementAtOrDefault(i))],
        T1Pass = _knownGoodTransmitters.Contains(transmitter.Id) ? true : null,
    };

    private GroupDocument GroupDocumentOf(GroupRun run)
    {
        var desired = _desired.Group(run.Group.Id);
        return new GroupDocument
        {
            Id = run.Group.Id,
            Name = run.Group.Name,
            Desired = desired.Active,
            Active = IsActive(run),
            Phase = run.Phase,
            Route = run.Phase == "off" ? null : run.Plan?.Route,
            Source = SourceOf(run)?.ToString(),
            Volume = desired.Volume ?? run.Group.Members.Select(VolumeOf).Max(),
            Muted = desired.Muted,
            Sync = PlaybackDocuments.SyncOf(_playback.Groups.GetValueOrDefault(run.Group.Id), run.Missing.Order(StringComparer.Ordinal)),
            Members = [.. run.Group.Members.Select(m => new MemberDocument(m, MemberState(run, m, desired)))],
            Problem = run.Problem ?? CalibrationProgress(run),
            SourceOptions = [.. SourceOptions(run)],
        };
    }

    /// <summary>Half a minute without music wants a reason.</summary>
    private ProblemDocument? CalibrationProgress(GroupRun run) => _playback.Groups.GetValueOrDefault(run.Group.Id)?.Calibrating is { } phase
        ? new ProblemDocument($"{run.Group.Name} is being calibrated: {phase}.", [], "The music is back in about 20 s; keep the room quiet until then.")
        : null;

    private string? MemberState(GroupRun run, string member, DesiredGroup desired)
    {
        if (run.Phase == "off") return null;
        if (run.Missing.Contains(member)) return "missing";
        if (run.Plan is { } alexas && PlaysByAlexa(alexas)) return IsPlayedByAlexa(run) ? "playing" : null;
        if (run.Plan is null || !IsPresent(member, run.Plan)) return run.Phase == "failed" || _speakers.GetValueOrDefault(member)?.RetryAt > Now ? "missing" : "connecting";
        var takesSound = _playback.Groups.GetValueOrDefault(run.Group.Id)?.Sounding.GetValueOrDefault(member)?.IsRunning == true;
        return !takesSound ? "connecting" : desired.Muted ? "muted" : IsActive(run) ? "playing" : "connecting";
    }

    private List<OptionDocument> SourceOptions(GroupRun run)
    {
        var echoes = _registry.Effective.Echoes;
        List<OptionDocument> options = [.. _echoSources ??= EchoSources(echoes)];
        if (run.Group.Members.Any(m => echoes.Any(e => e.Id == m))) options.Add(new OptionDocument("Alexa", "alexa"));
        if (Abilities.ThisVersion.Has(Feature.LineIn)) options.Add(new OptionDocument("Line in", "line-in"));
        if (SourceOf(run) is { } source && options.All(o => o.Value != source.ToString())) options.Add(new OptionDocument(source.ToString(), source.ToString()));
        return options;
    }

    private static List<OptionDocument> EchoSources(IReadOnlyList<ConfiguredEcho> echoes)
    {
        var names = echoes.CountBy(e => e.Name, Engine.Text.NameFolding.Comparer).ToDictionary(Engine.Text.NameFolding.Comparer);
        return [.. echoes.Select(e => new OptionDocument(names[e.Name] > 1 ? Documents.WithAddress(e.Name, e.Serial ?? e.Id) : e.Name, $"echo:{e.Id}"))];
    }
}
