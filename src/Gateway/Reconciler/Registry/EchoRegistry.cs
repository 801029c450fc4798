using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Storage;

namespace Gateway.Reconciler.Registry;

/// <summary>
/// Which Echo is which: by its serial, where a control path shows it, and by its Bluetooth address, which the configuration states (and that wins), a control
/// path tells, or a pairing taught. Echos that nobody configured are kept from the first sight (control path) or from their pairing (radio) on. Owned by
/// the reconciler's loop.
/// </summary>
internal sealed class EchoRegistry
{
    private const string FoundScope = "found_echo";
    private const string FoundOnAirScope = "found_echo_on_air";
    private const string LearnedScope = "echo_address";
    private readonly IReadOnlyList<ConfiguredEcho> _configured;
    private readonly Store _store;
    private readonly Dictionary<string, ConfiguredEcho> _found = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _serialOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BluetoothAddress> _toldAddressOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BluetoothAddress> _learnedAddressOf = new(StringComparer.Ordinal);
    private readonly Dictionary<BluetoothAddress, string> _at = [];

    public EchoRegistry(IReadOnlyList<ConfiguredEcho> configured, Store store)
    {
        (_configured, _store) = (configured, store);
        foreach (var (id, text) in store.All(FoundScope))
        {
            var (serial, name) = Split(text);
            if (configured.All(e => e.Id != id && !Same(e.Serial, serial))) AddFoundBySerial(id, name, serial, keep: false);
        }

        foreach (var (id, text) in store.All(LearnedScope))
        {
            if (BluetoothAddress.Read(text) is { } address) _learnedAddressOf[id] = address;
            else store.TellUnreadable(LearnedScope, id);
        }

        ForgetLearnedWhere(p => configured.Any(e => e.Id != p.Key && e.Address == p.Value));
        Index();
        foreach (var (id, text) in store.All(FoundOnAirScope))
        {
            var (at, name) = Split(text);
            if (BluetoothAddress.Read(at) is not { } address) store.TellUnreadable(FoundOnAirScope, id);
            else if (configured.All(e => e.Id != id) && !_at.ContainsKey(address)) _found[id] = new ConfiguredEcho { Id = id, Name = name, Address = address };
        }

        Index();
    }

    /// <summary>All of them, each with its serial and its address as far as they are known.</summary>
    public IReadOnlyList<ConfiguredEcho> Echoes =>
        [.. _configured.Concat(_found.Values).Select(e => e with { Serial = SerialOf(e.Id) ?? e.Serial, Address = AddressOf(e.Id) })];

    public string? SerialOf(string id) => _serialOf.GetValueOrDefault(id);

    public string? WithSerial(string serial) => _serialOf.FirstOrDefault(p => Same(p.Value, serial)).Key;

    public BluetoothAddress? AddressOf(string id) => StatedAddressOf(id) ?? _toldAddressOf.GetValueOrDefault(id) ?? _learnedAddressOf.GetValueOrDefault(id) ?? _found.GetValueOrDefault(id)?.Address;

    /// <summary>The configuration's word, which no pairing changes; null: it has none.</summary>
    public BluetoothAddress? StatedAddressOf(string id) => _configured.FirstOrDefault(e => e.Id == id)?.Address;

    public string? At(BluetoothAddress address) => _at.GetValueOrDefault(address);

    /// <summary>Nobody declared it and no control path knows it: its pairing made it an Echo of its own.</summary>
    public bool IsFoundOnAir(string id) => _found.GetValueOrDefault(id) is { Serial: null };

    /// <summary>Takes in what is seen now. Nothing is removed while a side has a problem.</summary>
    /// <param name="isSpeaker">The address is that of a configured speaker: what the user calls it counts.</param>
    /// <param name="isUndecided">The address is that of an Echo that has just paired and still has to get its name.</param>
    public void Update(BluetoothSnapshot bluetooth, EchoSnapshot echo, Func<BluetoothAddress, bool> isSpeaker, Func<BluetoothAddress, bool> isUndecided)
    {
        UpdateBySerial(echo);
        ForgetLearnedWhere(p => isSpeaker(p.Value));
        foreach (var found in _found.Values.Where(f => f.Serial is null && isSpeaker(f.Address!)).ToList()) RemoveFoundOnAir(found.Id);
        Index();
        foreach (var device in bluetooth.Devices)
        {
            if (device is not { Kind: RadioKind.Echo, Paired: true } || isSpeaker(device.Address) || isUndecided(device.Address)) continue;
            if (At(device.Address) is not { } id) AddFoundOnAir(device.Address.Id, device);
            else if (_found.GetValueOrDefault(id) is { Serial: null } found && BluetoothAddress.Read(found.Name) is not null && found.Name != device.Name) AddFoundOnAir(id, device); // its name came after its address
        }
    }

    /// <summary>A pairing taught the address of this Echo. The one of its own that stood for it goes.</summary>
    public void Learn(string id, BluetoothAddress address)
    {
        ForgetLearnedWhere(p => p.Key != id && p.Value == address);
        if (At(address) is { } found && found != id && IsFoundOnAir(found)) RemoveFoundOnAir(found);
        _learnedAddressOf[id] = address;
        _store.Keep(LearnedScope, id, address);
        Index();
    }

    /// <summary>Forgets what was learned of its address; one that only its pairing made an Echo leaves Home Assistant.</summary>
    public void Forget(string id)
    {
        if (IsFoundOnAir(id)) RemoveFoundOnAir(id);
        ForgetLearned(id);
        Index();
    }

    /// <summary>An address is one device's, and what the configuration makes it comes first.</summary>
    private void ForgetLearnedWhere(Func<KeyValuePair<string, BluetoothAddress>, bool> isOthers)
    {
        foreach (var (id, _) in _learnedAddressOf.Where(isOthers).ToList()) ForgetLearned(id);
    }

    private void ForgetLearned(string id)
    {
        if (_learnedAddressOf.Remove(id)) _store.Keep(LearnedScope, id, null);
    }

    private void UpdateBySerial(EchoSnapshot echo)
    {
        foreach (var device in echo.Echoes)
        {
            if (WithSerial(device.Serial) is null) TakeSerial(device);
            if (WithSerial(device.Serial) is { } id && device.BluetoothAddress is { } address) _toldAddressOf[id] = address;
        }

        if (echo.Problem is not null || (echo.Echoes.Count == 0 && !echo.IsDeclared)) return;
        foreach (var (id, found) in _found.Where(f => f.Value.Serial is not null).ToList())
        {
            if (echo.Echoes.Any(e => Same(e.Serial, found.Serial))) continue;
            _found.Remove(id);
            _serialOf.Remove(id);
            _toldAddressOf.Remove(id);
            _store.Keep(FoundScope, id, null);
        }
    }

    private void TakeSerial(EchoDevice device)
    {
        var configured = _configured.FirstOrDefault(e => Same(e.Serial, device.Serial))
            ?? _configured.FirstOrDefault(e => e.Serial is null && !_serialOf.ContainsKey(e.Id) && NameFolding.Same(e.Name, device.Name));
        if (configured is not null) _serialOf[configured.Id] = device.Serial;
        else AddFoundBySerial(IdOfSerial(device.Serial), device.Name, device.Serial, keep: true);
    }

    private void AddFoundBySerial(string id, string name, string serial, bool keep)
    {
        _found[id] = new ConfiguredEcho { Id = id, Name = name, Serial = serial };
        _serialOf[id] = serial;
        if (keep) _store.Keep(FoundScope, id, $"{serial} {name}");
    }

    private void AddFoundOnAir(string id, RadioDevice device)
    {
        if (_configured.Any(e => e.Id == id)) return;
        _found[id] = new ConfiguredEcho { Id = id, Name = device.Name, Address = device.Address };
        _store.Keep(FoundOnAirScope, id, $"{device.Address} {device.Name}");
        Index();
    }

    private void RemoveFoundOnAir(string id)
    {
        _found.Remove(id);
        _store.Keep(FoundOnAirScope, id, null);
    }

    /// <summary>Who is where. What the configuration says comes first; one of its own gives way to the Echo that it turned out to be.</summary>
    private void Index()
    {
        _at.Clear();
        foreach (var echo in _configured) if (echo.Address is { } address) _at.TryAdd(address, echo.Id);
        foreach (var (id, address) in _toldAddressOf.Concat(_learnedAddressOf)) if (AddressOf(id) == address && IsKnown(id)) _at.TryAdd(address, id);
        foreach (var (id, found) in _found.Where(f => f.Value.Serial is null).ToList())
        {
            if (!_at.TryAdd(found.Address!, id)) RemoveFoundOnAir(id);
        }
    }

    private bool IsKnown(string id) => _found.ContainsKey(id) || _configured.Any(e => e.Id == id);

    private static string IdOfSerial(string serial)
    {
        var lower = serial.ToLowerInvariant();
        return Ids.IsValid(lower) ? lower : Ids.Slug(serial);
    }

    private static (string Key, string Name) Split(string text)
    {
        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? (text, text) : (text[..blank], text[(blank + 1)..]);
    }

    private static bool Same(string? a, string? b) => a is not null && b is not null && a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
