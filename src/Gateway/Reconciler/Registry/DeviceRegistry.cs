using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Storage;

namespace Gateway.Reconciler.Registry;

/// <summary>
/// Which device is which: ties what the radios and the Echo side show (addresses, serials) to ids, and keeps devices
/// that nobody configured from the first sight on, so that a sound server or bluetoothd that is away for a minute
/// takes no entity out of Home Assistant. Owned by the reconciler's loop.
/// </summary>
internal sealed class DeviceRegistry
{
    private readonly HouseConfiguration _configured;
    private readonly SpeakerRegistry _speakers;
    private readonly EchoRegistry _echoes;
    private readonly Dictionary<BluetoothAddress, RadioAdapter> _adapters = [];
    private Dictionary<string, ConfiguredSpeaker> _effectiveSpeakers = new(StringComparer.Ordinal);

    public DeviceRegistry(HouseConfiguration configured, Store store)
    {
        _configured = configured;
        _speakers = new SpeakerRegistry(configured.Speakers, store);
        _echoes = new EchoRegistry(configured.Echoes, store);
    }

    /// <summary>The configuration with the devices that were found, for the planner and the documents.</summary>
    public HouseConfiguration Effective { get; private set; } = new();

    /// <summary>Every adapter seen so far that may be used, by address.</summary>
    public IReadOnlyDictionary<BluetoothAddress, RadioAdapter> Adapters => _adapters;

    /// <summary>One of <see cref="Effective"/>'s speakers; null: none has this id.</summary>
    public ConfiguredSpeaker? Speaker(string id) => _effectiveSpeakers.GetValueOrDefault(id);

    /// <summary>A speaker's or an Echo's Bluetooth address; null: not known yet.</summary>
    public BluetoothAddress? AddressOf(string id) => _speakers.AddressOf(id) ?? _echoes.AddressOf(id);

    public string? SpeakerAt(BluetoothAddress address) => _speakers.At(address);

    /// <inheritdoc cref="SpeakerRegistry.IsConfigured"/>
    public bool IsConfiguredSpeaker(BluetoothAddress address) => _speakers.IsConfigured(address);

    public bool IsEcho(string id) => Effective.Echoes.Any(e => e.Id == id);

    public string? SerialOf(string echoId) => _echoes.SerialOf(echoId);

    public string? EchoAt(BluetoothAddress address) => _echoes.At(address);

    /// <inheritdoc cref="EchoRegistry.StatedAddressOf"/>
    public BluetoothAddress? StatedAddressOf(string echoId) => _echoes.StatedAddressOf(echoId);

    /// <inheritdoc cref="EchoRegistry.IsFoundOnAir"/>
    public bool IsFoundOnAir(string echoId) => _echoes.IsFoundOnAir(echoId);

    /// <inheritdoc cref="SpeakerRegistry.RivalsOf"/>
    public IReadOnlyList<BluetoothAddress> RivalsOf(string speakerId) => _speakers.RivalsOf(speakerId);

    public string? EchoOf(string serial) => _echoes.WithSerial(serial);

    /// <summary>The allow-list's entry for an adapter; null: not listed (and not to be touched where there is a list).</summary>
    public ConfiguredAdapter? Configured(RadioAdapter adapter) =>
        _configured.Adapters?.FirstOrDefault(a => a.Address is { } address ? address == adapter.Address : string.Equals(a.Name, adapter.Name, StringComparison.OrdinalIgnoreCase));

    public bool MayUse(RadioAdapter adapter) => _configured.Adapters is null || Configured(adapter) is not null;

    /// <summary>Takes in what is seen now. Nothing is removed while a side has a problem.</summary>
    /// <param name="isUndecided">The address is that of an Echo that has just paired and still has to get its name.</param>
    public void Update(BluetoothSnapshot bluetooth, EchoSnapshot echo, Func<BluetoothAddress, bool> isUndecided)
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

        _echoes.Update(bluetooth, echo, _speakers.IsConfigured, isUndecided);
        _speakers.Update(bluetooth, address => _echoes.At(address) is not null);
        Effective = _configured with { Speakers = _speakers.Speakers, Echoes = _echoes.Echoes };
        _effectiveSpeakers = Effective.Speakers.DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
    }

    /// <inheritdoc cref="SpeakerRegistry.Forget"/>
    public bool Forget(string speakerId) => _speakers.Forget(speakerId);

    /// <inheritdoc cref="EchoRegistry.Forget"/>
    public void ForgetEcho(string echoId) => _echoes.Forget(echoId);

    /// <inheritdoc cref="EchoRegistry.Learn"/>
    public void LearnEcho(string echoId, BluetoothAddress address) => _echoes.Learn(echoId, address);
}
