namespace Gateway.Engine;

/// <summary>One request and the house it is about, indexed once: everything the routes look things up in. Never changes.</summary>
internal sealed class PlanContext
{
    private readonly Dictionary<string, EchoView> _echoes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpeakerView> _speakers = new(StringComparer.Ordinal);
    private readonly Dictionary<BluetoothAddress, string> _speakerByAddress = [];
    private readonly Dictionary<string, ConfiguredTransmitter> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<EchoView>> _playsTo = new(StringComparer.Ordinal);

    public PlanContext(House house, PlanRequest request)
    {
        House = house;
        Request = request;
        Adapters = new AdapterList(house);
        IndexEchoes();
        IndexSpeakers();
        foreach (var box in house.Configured.Transmitters) foreach (var id in box.Speakers) _slots.TryAdd(id, box);
        Members = [.. request.Members.Where(m => m is not null).Distinct(StringComparer.Ordinal)];
        MemberSet = Members.ToHashSet(StringComparer.Ordinal);
        foreach (var echo in Echoes)
        {
            if (Link(echo) is not { Role: LinkRole.PlaysTo } link) continue;
            var peer = PeerId(link);
            if (!_playsTo.TryGetValue(peer, out var holders)) _playsTo[peer] = holders = [];
            holders.Add(echo);
        }
    }

    public House House { get; }
    public PlanRequest Request { get; }
    public Limits Limits => House.Configured.Limits;
    public Abilities Abilities => House.Abilities;
    public AdapterList Adapters { get; }

    /// <summary>Each member once, in the order asked for.</summary>
    public IReadOnlyList<string> Members { get; }
    public IReadOnlySet<string> MemberSet { get; }
    public IReadOnlyCollection<EchoView> Echoes => _echoes.Values;
    public IReadOnlyCollection<SpeakerView> Speakers => _speakers.Values;

    /// <summary>What <c>start</c> starts: the group, else the first member.</summary>
    public string StartDevice => Request.Group ?? (Members.Count > 0 ? Members[0] : "");

    public EchoView? Echo(string? id) => id is null ? null : _echoes.GetValueOrDefault(id);

    public SpeakerView? Speaker(string? id) => id is null ? null : _speakers.GetValueOrDefault(id);

    /// <summary>A speaker that is an output of the sound server.</summary>
    public bool IsWired(string id) => Speaker(id) is { NeedsRadio: false };

    public bool IsBluetoothSpeaker(string id) => Speaker(id) is { NeedsRadio: true };

    /// <summary>The speaker whose Bluetooth address a <c>phone:</c> names, or null.</summary>
    public SpeakerView? SpeakerAt(string? phone) => BluetoothAddress.Read(phone) is { } address ? Speaker(_speakerByAddress.GetValueOrDefault(address)) : null;

    /// <summary>What is known of the device that a <c>phone:</c> names; null: nothing, or no radio was asked.</summary>
    public ObservedPhone? Phone(string? phone) => BluetoothAddress.Read(phone) is { } address ? House.Observed.Phones?.FirstOrDefault(p => p.Address == address) : null;

    public static EchoLink? Link(EchoView echo) => echo.Link.Or(null);

    /// <summary>The Echos whose one link plays to that speaker now.</summary>
    public IReadOnlyList<EchoView> PlayingTo(string speaker) => _playsTo.TryGetValue(speaker, out var holders) ? holders : [];

    /// <summary>The id of a link's other end where we know the device (or the adapter, of ours or not), else its text.</summary>
    public string PeerId(EchoLink link)
    {
        if (_speakers.ContainsKey(link.Peer) || _echoes.ContainsKey(link.Peer)) return link.Peer;
        if (BluetoothAddress.Read(link.Peer) is { } address && _speakerByAddress.TryGetValue(address, out var speaker)) return speaker;
        return Adapters.Find(link.Peer) is >= 0 and var index ? Adapters.All[index].Id : link.Peer;
    }

    /// <summary>The adapter of ours at the other end of an Echo's known link, or -1.</summary>
    public int AdapterOf(EchoView echo, LinkRole role)
    {
        if (Link(echo) is not { } link || link.Role != role || _speakers.ContainsKey(link.Peer)) return -1;
        var index = Adapters.Find(link.Peer);
        return index >= 0 && Adapters.All[index].IsUsable ? index : -1;
    }

    /// <summary>The link's other end is an adapter of ours.</summary>
    public bool IsOurs(EchoLink link) => !_speakers.ContainsKey(link.Peer) && Adapters.Find(link.Peer) is >= 0 and var index && Adapters.All[index].Allowed;

    /// <summary>The usable adapter on which a speaker is known to be connected, or -1. A link on a radio that is off or gone is none.</summary>
    public int AdapterOf(SpeakerView speaker)
    {
        var index = Adapters.Find(speaker.ConnectedOn.Or(null));
        return index >= 0 && Adapters.All[index].IsUsable ? index : -1;
    }

    /// <summary>The usable adapter that the device of our choice plays to now, or -1.</summary>
    public int ReceivesAt(string id)
    {
        if (Echo(id) is { } echo) return AdapterOf(echo, LinkRole.PlaysTo);
        var index = Adapters.Find(Phone(id)?.PlaysOn);
        return index >= 0 && Adapters.All[index].IsUsable ? index : -1;
    }

    public string Name(string id) =>
        Echo(id)?.Name ?? Speaker(id)?.Name
        ?? House.Configured.Transmitters.FirstOrDefault(t => t.Id == id)?.Name
        ?? AdapterName(id) ?? Names.Cut(id);

    private string? AdapterName(string id) => Adapters.Find(id) is >= 0 and var index ? Adapters.All[index].Name : null;

    /// <summary>The transmitter in whose slot the speaker is (T3), or null.</summary>
    public ConfiguredTransmitter? TransmitterOf(string speaker) => _slots.GetValueOrDefault(speaker);

    public string NamesOf(IReadOnlyList<string> ids) => Names.Join(ids, Name);

    private void IndexEchoes()
    {
        var observed = new Dictionary<string, ObservedEcho>(StringComparer.Ordinal);
        foreach (var echo in House.Observed.Echoes) observed.TryAdd(echo.Id, echo);
        foreach (var echo in House.Configured.Echoes) _echoes.TryAdd(echo.Id, new EchoView(echo.Id, echo, observed.GetValueOrDefault(echo.Id), House.Catalogue));
        foreach (var echo in observed.Values) _echoes.TryAdd(echo.Id, new EchoView(echo.Id, null, echo, House.Catalogue));
    }

    private void IndexSpeakers()
    {
        var observed = new Dictionary<string, ObservedSpeaker>(StringComparer.Ordinal);
        foreach (var speaker in House.Observed.Speakers) observed.TryAdd(speaker.Id, speaker);
        foreach (var speaker in House.Configured.Speakers)
        {
            if (_echoes.ContainsKey(speaker.Id)) continue;
            _speakers.TryAdd(speaker.Id, new SpeakerView(speaker.Id, speaker, observed.GetValueOrDefault(speaker.Id), House.Catalogue));
            if (speaker.Address is not null) _speakerByAddress.TryAdd(speaker.Address, speaker.Id);
        }

        foreach (var speaker in observed.Values)
        {
            if (!_echoes.ContainsKey(speaker.Id)) _speakers.TryAdd(speaker.Id, new SpeakerView(speaker.Id, null, speaker, House.Catalogue));
        }
    }
}
