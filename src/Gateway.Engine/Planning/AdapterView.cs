namespace Gateway.Engine;

/// <summary>
/// One of our radios as the planner sees it. <see cref="Name"/> is null for the adapter that stands for all of them while nothing is
/// known about the machine's radios.
/// </summary>
internal sealed record AdapterView(string? Name, string Id, Fact<bool> Powered, int Capacity, AdapterRole Role, bool Allowed, bool LeAudio)
{
    /// <summary>When it was learned that it carries no more than <see cref="Capacity"/> streams; null: nothing learned, or that is not what limits it.</summary>
    public DateTimeOffset? LearnedAt { get; init; }

    public bool IsAssumed => Name is null;

    /// <summary>How far a plan should avoid it (<see cref="StreamSlot.Doubt"/>).</summary>
    public int Doubt => IsAssumed ? 2 : Powered.IsKnown ? 0 : 1;
    public bool IsUsable => Allowed && Powered.Or(true);
    public bool CanSend => IsUsable && Role != AdapterRole.Receive;
    public bool CanReceive => IsUsable && Role != AdapterRole.Send;
}

/// <summary>All radios, and how texts name them (kernel name, address, 12 hex digits).</summary>
internal sealed class AdapterList
{
    /// <summary>What a link's other end is called where it is only known to be one of our radios.</summary>
    private const string Ours = "gateway";

    private readonly Dictionary<string, int> _byText = new(StringComparer.OrdinalIgnoreCase);

    public AdapterList(House house)
    {
        var limits = house.Configured.Limits;
        var listed = house.Configured.Adapters;
        var all = new List<AdapterView>();
        if (house.Observed.Adapters is { } observed)
        {
            foreach (var adapter in observed) Add(all, View(adapter, listed, limits), adapter.Address);
        }
        else
        {
            foreach (var entry in listed ?? []) Add(all, View(Stated(entry), listed, limits), entry.Address);
            foreach (var text in Mentioned(house.Observed)) AddMentioned(all, text, listed, limits);
            if (listed is null) all.Add(new AdapterView(null, Ours, default, int.MaxValue, AdapterRole.Both, true, false));
        }

        All = all;
        if (all.FindIndex(a => a.IsUsable) is >= 0 and var first) _byText.TryAdd(Ours, first);
        AreUnknown = house.Observed.Adapters is null;
    }

    public IReadOnlyList<AdapterView> All { get; }

    /// <summary>Nobody has told what radios the machine has.</summary>
    public bool AreUnknown { get; }

    /// <summary>The index of the adapter that a text names, or -1.</summary>
    public int Find(string? text) => text is not null && _byText.TryGetValue(text.Trim(), out var index) ? index : -1;

    private void Add(List<AdapterView> all, AdapterView adapter, BluetoothAddress? address)
    {
        if (!_byText.TryAdd(adapter.Name!, all.Count)) return;
        if (address is not null) _byText.TryAdd(address, all.Count);
        _byText.TryAdd(adapter.Id, all.Count);
        all.Add(adapter);
    }

    /// <summary>Adapters that nobody lists, and that pairings and links speak of all the same. An Echo's peer counts where it has a kernel's name: any other text may be a stranger.</summary>
    private static IEnumerable<string> Mentioned(HouseObservation observed)
    {
        var bySpeakers = observed.Speakers.SelectMany(s => (s.PairedOn.Or([]) ?? []).Append(s.ConnectedOn.Or(null)));
        var byEchoes = observed.Echoes.Select(e => e.Link.Or(null)?.Peer).Where(IsKernelName);
        return bySpeakers.Concat(byEchoes).OfType<string>().Select(t => t.Trim()).Where(t => t.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsKernelName(string? text) =>
        text is { Length: > 3 } && text.StartsWith("hci", StringComparison.OrdinalIgnoreCase) && text.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0;

    private void AddMentioned(List<AdapterView> all, string text, IReadOnlyList<ConfiguredAdapter>? listed, Limits limits)
    {
        var address = BluetoothAddress.Read(text);
        // An entry that has only the other of name and address may be this very radio: it is not shut out.
        for (var i = 0; Find(text) < 0 && i < (listed?.Count ?? 0); i++)
        {
            if (address is null ? listed![i].Name is null : listed![i].Address is null) _byText.TryAdd(text, Find(listed[i].Name ?? listed[i].Address?.Text));
        }

        Add(all, View(new ObservedAdapter { Name = text, Address = address }, listed, limits), address);
    }

    private static ObservedAdapter Stated(ConfiguredAdapter entry) => new() { Name = entry.Name ?? entry.Address?.Text ?? "adapter", Address = entry.Address };

    private static AdapterView View(ObservedAdapter adapter, IReadOnlyList<ConfiguredAdapter>? listed, Limits limits)
    {
        var entry = listed?.FirstOrDefault(e => Names(e, adapter));
        var id = adapter.Address?.Id ?? adapter.Name;
        var capacity = limits.StreamsOf(adapter.Address, entry?.MaxStreams, adapter.LearnedMaxStreams);
        return new AdapterView(adapter.Name, id, adapter.Powered, capacity, entry?.Role ?? AdapterRole.Both, listed is null || entry is not null, adapter.LeAudio.Or(false))
        {
            LearnedAt = capacity < limits.StreamsOf(adapter.Address, entry?.MaxStreams, null) ? adapter.LearnedAt : null,
        };
    }

    private static bool Names(ConfiguredAdapter entry, ObservedAdapter adapter) =>
        entry.Address is not null && adapter.Address is not null
            ? entry.Address == adapter.Address
            : entry.Name is not null && entry.Name.Equals(adapter.Name, StringComparison.OrdinalIgnoreCase);
}
