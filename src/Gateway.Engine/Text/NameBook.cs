namespace Gateway.Engine;

/// <summary>Names for ids, for texts.</summary>
internal sealed class NameBook
{
    private readonly Dictionary<string, string> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _groups = new(StringComparer.Ordinal);

    public NameBook(House house)
    {
        foreach (var echo in house.Configured.Echoes) _devices.TryAdd(echo.Id, Names.Cut(echo.Name));
        foreach (var speaker in house.Configured.Speakers) _devices.TryAdd(speaker.Id, Names.Cut(speaker.Name));
        foreach (var transmitter in house.Configured.Transmitters) _devices.TryAdd(transmitter.Id, Names.Cut(transmitter.Name));
        foreach (var group in house.Configured.Groups) _groups.TryAdd(group.Id, Names.Cut(group.Name));
        foreach (var adapter in house.Observed.Adapters ?? [])
        {
            if (adapter.Address is { } address) _devices.TryAdd(address.Id, adapter.Name);
        }
    }

    public string Device(string id) => _devices.TryGetValue(id, out var name) ? name : Names.Cut(id);

    public string Group(string id) => _groups.TryGetValue(id, out var name) ? name : Device(id);

    public string Source(string written) => SourceRef.TryParse(written, out var source) && source is { Kind: SourceKind.Echo, Argument: { } echo } ? Device(echo) : Names.Cut(written);
}
