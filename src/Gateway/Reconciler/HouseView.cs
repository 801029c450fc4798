using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Reconciler.Registry;

namespace Gateway.Reconciler;

/// <summary>
/// The house as it looks now: what the ports show, tied to ids and names. A new look replaces the former one whole (<see cref="Version"/> counts them);
/// between two of them it answers alike. Owned by the loop.
/// </summary>
internal sealed class HouseView(DeviceRegistry registry, Catalogue catalogue)
{
    private readonly Dictionary<string, (ConfiguredSpeaker Speaker, string? Modalias, SpeakerModel? Model)> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EchoModel?> _echoModels = new(StringComparer.OrdinalIgnoreCase);
    private ILookup<BluetoothAddress, RadioDevice> _radios = Array.Empty<RadioDevice>().ToLookup(d => d.Address);
    private OutputLook _outputs = OutputLook.Nothing;
    private Engine.House? _house;

    public DeviceRegistry Registry => registry;

    public BluetoothSnapshot Bluetooth { get; private set; } = BluetoothSnapshot.Empty;

    public EchoSnapshot Echo { get; private set; } = EchoSnapshot.Empty;

    public PlaybackSnapshot Playback { get; private set; } = PlaybackSnapshot.Empty;

    /// <summary>Another number, another look at radios and Echos.</summary>
    public int Version { get; private set; }

    /// <summary>An address whose device has just paired and still has to get its name.</summary>
    public Func<BluetoothAddress, bool> IsUndecided { get; set; } = _ => false;

    /// <summary>What the planner sees; made when it is asked for.</summary>
    public Engine.House House => _house ??= new Engine.House(registry.Effective, Observer.Observe(registry, Bluetooth, Echo, id => OutputOf(id) is not null), catalogue);

    /// <summary>Speakers whose model is kept in memory.</summary>
    public int ModelsRemembered => _models.Count;

    /// <param name="outputs">What can sound, by the word of whoever provides it; read before <paramref name="bluetooth"/> was, so that it never knows of a link that is not shown yet.</param>
    public void Show(BluetoothSnapshot bluetooth, OutputLook outputs)
    {
        (Bluetooth, _outputs) = (bluetooth, outputs);
        TakeIn();
    }

    public void Show(EchoSnapshot echo)
    {
        Echo = echo;
        TakeIn();
    }

    public void Show(PlaybackSnapshot playback) => Playback = playback;

    /// <summary>The same look at other names: something was learned or forgotten.</summary>
    public void TakeIn()
    {
        registry.Update(Bluetooth, Echo, IsUndecided);
        _radios = Bluetooth.Devices.Where(d => registry.Adapters.ContainsKey(d.Adapter)).ToLookup(d => d.Address);
        _house = null;
        Version++;
    }

    /// <summary>Whoever was in reach of a search and left again leaves nothing behind.</summary>
    public void Keep(IReadOnlySet<string> ids)
    {
        foreach (var id in _models.Keys.Where(id => !ids.Contains(id)).ToList()) _models.Remove(id);
    }

    public string NameOf(string id) =>
        registry.Speaker(id)?.Name
        ?? registry.Effective.Echoes.FirstOrDefault(e => e.Id == id)?.Name
        ?? registry.Effective.Transmitters.FirstOrDefault(t => t.Id == id)?.Name
        ?? registry.Effective.Groups.FirstOrDefault(g => g.Id == id)?.Name
        ?? registry.Adapters.Values.Where(a => a.Address.Id == id).Select(a => $"the gateway ({a.Name})").FirstOrDefault()
        ?? id;

    /// <summary>A source as people know it.</summary>
    public string Shown(SourceRef source) => source.Kind == SourceKind.Echo ? NameOf(source.Argument ?? "") : SourceOffers.FirstOrDefault(o => o.Source == source)?.Name ?? source.ToString();

    /// <summary>Sources that are there and are none of the house's devices.</summary>
    public IReadOnlyList<SourceOffer> SourceOffers => _outputs.Sources;

    public IEnumerable<RadioDevice> RadioOf(BluetoothAddress? address) => address is null ? [] : _radios[address];

    /// <summary>The link with us of a speaker or an Echo, in either role.</summary>
    public RadioDevice? ConnectedRadioOf(string id) => RadioOf(registry.AddressOf(id)).FirstOrDefault(d => d.Link == RadioLink.Connected);

    /// <summary>The same, where we play to it.</summary>
    public RadioDevice? SinkOf(string id) => ConnectedRadioOf(id) is { LinkedAs: not RadioRole.Source } radio ? radio : null;

    /// <summary>The way to its loudspeaker, by the word of whoever provides that; null: it cannot sound now.</summary>
    public OutputRef? OutputOf(string id) => _outputs.Find(id, registry.AddressOf(id));

    /// <summary>Why nothing can be played on it although it may be there, by the same word; null: nothing stands in the way.</summary>
    public string? OutputRefusalOf(string id) => _outputs.RefusalOf(id, registry.AddressOf(id));

    /// <summary>What helps against that, in sentences; null: nothing is known to.</summary>
    public string? OutputRemedyOf(string id) => _outputs.RemedyOf(id, registry.AddressOf(id));

    /// <summary>A speaker that is an output of the sound server: it has no link.</summary>
    public bool IsWired(string id) => registry.Speaker(id) is { Sink: not null };

    /// <summary>Why it has no output although it should, and the remedy, in sentences; null: it has one, or nobody knows.</summary>
    public string? WhyNoOutput(string id) => _outputs.WhyMissing(id, registry.AddressOf(id));

    /// <summary>Its output is about to come.</summary>
    public bool IsOutputComing(string id) => _outputs.IsComing(id, registry.AddressOf(id));

    /// <summary>Where the link of an Echo or a phone that is the source ends with us.</summary>
    public RadioDevice? SourceLinkOf(SourceRef? source) => RadioOf(AddressOf(source)).FirstOrDefault(d => d.LinkedAs == RadioRole.Source);

    /// <summary>The address of an Echo or a phone that is a source; null: it is none, or not known.</summary>
    public BluetoothAddress? AddressOf(SourceRef? source) => source switch
    {
        { Kind: SourceKind.Echo, Argument: { } echo } => registry.AddressOf(echo),
        { Kind: SourceKind.Phone, Argument: { } phone } => BluetoothAddress.Read(phone),
        _ => null,
    };

    /// <summary>As its control path shows it; one that is linked with us is there, whatever that says. Null: none does.</summary>
    public EchoDevice? DeviceOfEcho(string echoId)
    {
        var device = registry.SerialOf(echoId) is { } serial ? Echo.Echoes.FirstOrDefault(e => e.Serial.Equals(serial, StringComparison.OrdinalIgnoreCase)) : null;
        return device is { Online: false } && ConnectedRadioOf(echoId) is not null ? device with { Online = true } : device;
    }

    /// <summary>The id or name at the other end of an Echo's one link; known null: it has none.</summary>
    public Fact<string?> LinkPeer(string echoId) =>
        House.Observed.Echoes.FirstOrDefault(e => e.Id == echoId)?.Link is { IsKnown: true } link ? Fact.Of<string?>(link.Value?.Peer) : default;

    /// <summary>No key of it is on any adapter here, and no control path could have it make one.</summary>
    public bool IsUnpairedEcho(string id) => registry.IsEcho(id) && House.Observed.Echoes.FirstOrDefault(e => e.Id == id)?.PairedOn is { IsKnown: true, Value.Count: 0 };

    public bool IsOurAdapter(string? peer) => peer is not null && registry.Adapters.Values.Any(a => a.Address.Id == peer);

    /// <summary>The adapter that an Echo or phone shall play to: one that only receives first (L4).</summary>
    public RadioAdapter? ReceivingAdapter() => registry.Adapters.Values
        .Where(a => a.Powered && registry.Configured(a)?.Role != AdapterRole.Send)
        .OrderByDescending(a => registry.Configured(a)?.Role == AdapterRole.Receive).ThenBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>What the catalogue knows of a speaker; null: nothing.</summary>
    public SpeakerModel? CatalogueOf(string speakerId)
    {
        if (registry.Speaker(speakerId) is not { } speaker) return null;
        var modalias = RadioOf(speaker.Address).Select(d => d.Modalias).FirstOrDefault(m => m is not null);
        if (_models.TryGetValue(speakerId, out var known) && known.Modalias == modalias && known.Speaker == speaker) return known.Model;
        var model = CatalogueMatch.Speaker(catalogue, speaker.Model, speaker.Name, speaker.Vendor, modalias);
        _models[speakerId] = (speaker, modalias, model);
        return model;
    }

    /// <summary>What the catalogue knows of an Echo: by what its control path calls it, else by what the configuration does.</summary>
    public EchoModel? ModelOf(ConfiguredEcho echo) => ModelNamed(DeviceOfEcho(echo.Id)?.DeviceType) ?? ModelNamed(echo.Model);

    private EchoModel? ModelNamed(string? typeOrModel)
    {
        if (typeOrModel is null) return null;
        if (_echoModels.TryGetValue(typeOrModel, out var known)) return known;
        return _echoModels[typeOrModel] = CatalogueMatch.Echo(catalogue, typeOrModel)?.Model;
    }
}
