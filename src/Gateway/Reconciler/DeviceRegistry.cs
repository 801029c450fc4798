using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Storage;

namespace Gateway.Reconciler;

/// <summary>
/// Which device is which: ties what the radios and the Echo side show (addresses, serials) to ids, and keeps devices
/// that nobody configured from the first sight on, so that a sound server or bluetoothd that is away for a minute
/// takes no entity out of Home Assistant. Owned by the reconciler's loop.
/// </summary>
internal sealed class DeviceRegistry
{
    private const string EchoScope = "found_echo";
    private readonly HouseConfiguration _configured;
    private readonly Store _store;
    private readonly SpeakerRegistry _speakers;
    private readonly Dictionary<string, ConfiguredEcho> _foundEchoes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _echoSerial = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RadioAdapter> _adapters = new(StringComparer.Ordinal);
    private Dictionary<string, ConfiguredSpeaker> _effectiveSpeakers = new(StringComparer.Ordinal);

    public DeviceRegistry(HouseConfiguration configured, Store store)
    {
        _configured = configured;
        _store = store;
        _speakers = new SpeakerRegistry(configured.Speakers, store);
        foreach (var (id, text) in store.All(EchoScope))
        {
            var (serial, name) = Split(text);
            if (configured.Echoes.All(e => e.Id != id && !Same(e.Serial, serial))) AddFoundEcho(id, name, serial, keep: false);
        }
    }

    /// <summary>The configuration with the devices that were found, for the planner and the documents.</summary>
    public HouseConfiguration Effective { get; private set; } = new();

    /// <summary>Every adapter seen so far that may be used, by address.</summary>
    public IReadOnlyDictionary<string, RadioAdapter> Adapters => _adapters;

    /// <summary>One of <see cref="Effective"/>'s speakers; null: none has this id.</summary>
    public ConfiguredSpeaker? Speaker(string id) => _effectiveSpeakers.GetValueOrDefault(id);

    public string? AddressOf(string speakerId) => _speakers.AddressOf(speakerId);

    public string? SerialOf(string echoId) => _echoSerial.GetValueOrDefault(echoId);

    public string? SpeakerAt(string address) => _speakers.At(address);

    /// <inheritdoc cref="SpeakerRegistry.RivalsOf"/>
    public IReadOnlyList<string> RivalsOf(string speakerId) => _speakers.RivalsOf(speakerId);

    public string? EchoOf(string serial) => _echoSerial.FirstOrDefault(p => Same(p.Value, serial)).Key;

    /// <summary>The allow-list's entry for an adapter; null: not listed (and not to be touched where there is a list).</summary>
    public ConfiguredAdapter? Configured(RadioAdapter adapter) =>
        _configured.Adapters?.FirstOrDefault(a => a.Address is { } address ? Same(address, adapter.Address) : Same(a.Name, adapter.Name));

    public bool MayUse(RadioAdapter adapter) => _configured.Adapters is null || Configured(adapter) is not null;

    /// <summary>Takes in what is seen now. Nothing is removed while a side has a problem.</summary>
    public void Update(BluetoothSnapshot bluetooth, EchoSnapshot echo)
    {
        foreach (var adapter in bluetooth.Adapters)
        {
            if (MayUse(adapter)) _adapters[adapter.Address] = adapter;
        }

        // A bluetoothd that has just come back lists no adapter for an instant.
        if (bluetooth.Problem is null && bluetooth.Adapters.Count > 0)
        {
            foreach (var gone in _adapters.Keys.Where(a => bluetooth.Adapters.All(b => b.Address != a)).ToList()) _adapters.Remove(gone);
        }

        _speakers.Update(bluetooth, d => IsEcho(d, echo));
        UpdateEchoes(echo);
        Effective = _configured with
        {
            Speakers = _speakers.Speakers,
            Echoes = [.. _configured.Echoes.Select(e => e with { Serial = SerialOf(e.Id) ?? e.Serial }), .. _foundEchoes.Values],
        };
        _effectiveSpeakers = Effective.Speakers.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
    }

    /// <inheritdoc cref="SpeakerRegistry.Forget"/>
    public bool Forget(string speakerId) => _speakers.Forget(speakerId);

    private void UpdateEchoes(EchoSnapshot echo)
    {
        foreach (var device in echo.Echoes)
        {
            if (EchoOf(device.Serial) is not null) continue;
            var configured = _configured.Echoes.FirstOrDefault(e => Same(e.Serial, device.Serial))
                ?? _configured.Echoes.FirstOrDefault(e => e.Serial is null && !_echoSerial.ContainsKey(e.Id) && NameFolding.Same(e.Name, device.Name));
            if (configured is not null) _echoSerial[configured.Id] = device.Serial;
            else AddFoundEcho(IdOfSerial(device.Serial), device.Name, device.Serial, keep: true);
        }

        if (echo.Problem is not null || echo.Echoes.Count == 0) return;
        foreach (var (id, found) in _foundEchoes.ToList())
        {
            if (echo.Echoes.Any(e => Same(e.Serial, found.Serial))) continue;
            _foundEchoes.Remove(id);
            _echoSerial.Remove(id);
            _store.Put(EchoScope, id, null);
        }
    }

    private void AddFoundEcho(string id, string name, string serial, bool keep)
    {
        _foundEchoes[id] = new ConfiguredEcho { Id = id, Name = name, Serial = serial };
        _echoSerial[id] = serial;
        if (keep) _store.Put(EchoScope, id, $"{serial} {name}");
    }

    private static bool IsEcho(RadioDevice device, EchoSnapshot echo) => echo.Echoes.Any(e => Same(e.BluetoothAddress, device.Address));

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
