using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Storage;

namespace Gateway.Reconciler.Registry;

/// <summary>
/// Which address is which speaker. A configured speaker without an address is found by its name or model; anybody's device may carry
/// that name, so what is merely in reach is taken provisionally and what is paired with us is kept. Speakers that nobody configured
/// are kept from their pairing on. Owned by the reconciler's loop.
/// </summary>
internal sealed class SpeakerRegistry
{
    private const string FoundScope = "found_speaker";
    private const string LearnedScope = "address";
    private readonly IReadOnlyList<ConfiguredSpeaker> _configured;
    private readonly Store _store;
    private readonly Dictionary<string, BluetoothAddress> _addressOf = new(StringComparer.Ordinal);
    private readonly Dictionary<BluetoothAddress, string> _at = [];
    private readonly Dictionary<string, ConfiguredSpeaker> _found = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);

    /// <summary>Speakers that are still looked for by name. One that is bound meanwhile is bound provisionally.</summary>
    private readonly HashSet<string> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<BluetoothAddress>> _rivals = new(StringComparer.Ordinal);

    public SpeakerRegistry(IReadOnlyList<ConfiguredSpeaker> configured, Store store)
    {
        (_configured, _store) = (configured, store);
        var learned = store.All(LearnedScope);
        foreach (var speaker in configured)
        {
            // An address learned by name belongs to its speaker until the configuration gives one.
            if ((speaker.Address ?? BluetoothAddress.Read(learned.GetValueOrDefault(speaker.Id))) is { } address) Bind(speaker.Id, address);
            else if (speaker.Sink is null) _byName.Add(speaker.Id);
        }

        foreach (var (id, text) in store.All(FoundScope))
        {
            var blank = text.IndexOf(' ', StringComparison.Ordinal);
            var (at, name) = blank < 0 ? (text, text) : (text[..blank], text[(blank + 1)..]);
            if (BluetoothAddress.Read(at) is not { } address)
            {
                store.TellUnreadable(FoundScope, id);
                continue;
            }

            if (_at.ContainsKey(address)) continue;
            _kept.Add(id);
            AddFound(id, name, address);
        }
    }

    /// <summary>All of them, each with its address as far as it is known.</summary>
    public IReadOnlyList<ConfiguredSpeaker> Speakers => [.. _configured.Select(s => s with { Address = AddressOf(s.Id) }), .. _found.Values];

    public BluetoothAddress? AddressOf(string id) => _addressOf.GetValueOrDefault(id);

    public string? At(BluetoothAddress address) => _at.GetValueOrDefault(address);

    /// <summary>The configuration names a speaker by this address, or one of its speakers was found at it by name.</summary>
    public bool IsConfigured(BluetoothAddress address) => At(address) is { } id && !_found.ContainsKey(id);

    /// <summary>The addresses of those among which a speaker cannot be told by its name; empty: there is nothing to tell apart.</summary>
    public IReadOnlyList<BluetoothAddress> RivalsOf(string id) => _rivals.GetValueOrDefault(id) ?? [];

    /// <summary>Takes in what is seen now. Nothing is removed while the radio side has a problem.</summary>
    /// <param name="isEcho">It is an Echo's address: those are listed on their own.</param>
    public void Update(BluetoothSnapshot bluetooth, Func<BluetoothAddress, bool> isEcho)
    {
        var known = bluetooth.Problem is null;
        if (known && _byName.Count > 0) FindByName([.. bluetooth.Devices.Where(d => d.IsSpeaker && !isEcho(d.Address))]);
        // An older version took Echos and phones that also offer to be played to for speakers.
        var isOther = bluetooth.Devices.Where(d => d.Kind is RadioKind.Echo or RadioKind.Phone).Select(d => d.Address).ToHashSet();
        foreach (var found in _found.Values.Where(s => isEcho(s.Address!) || isOther.Contains(s.Address!)).ToList()) RemoveFound(found.Id);
        foreach (var device in bluetooth.Devices)
        {
            if (device.IsSpeaker && !_at.ContainsKey(device.Address) && !isEcho(device.Address)) AddFound(device.Address.Id, device.Name, device.Address);
        }

        if (_found.Count == 0) return;
        var seen = bluetooth.Devices.ToLookup(d => d.Address);
        foreach (var speaker in _found.Values.ToList()) Refresh(speaker, [.. seen[speaker.Address!]], known);
    }

    /// <summary>
    /// Forgets a speaker that nobody configured: it leaves Home Assistant too. Of a configured one, what was learned by its name: true, where it
    /// is looked for anew.
    /// </summary>
    public bool Forget(string id)
    {
        if (_found.ContainsKey(id))
        {
            RemoveFound(id);
            return false;
        }

        if (_configured.FirstOrDefault(s => s.Id == id) is not { Address: null, Sink: null }) return false;
        Unbind(id);
        if (_byName.Add(id)) _store.Keep(LearnedScope, id, null);
        return true;
    }

    /// <summary>BlueZ shows the address, with dashes, until the device has told its name.</summary>
    private static bool IsNamed(string name) => BluetoothAddress.Read(name) is null;

    /// <summary>Paired with us counts before merely in reach; where several are alike, none is taken.</summary>
    private void FindByName(List<RadioDevice> devices)
    {
        foreach (var id in _byName.ToList())
        {
            var candidates = devices.Where(d => MayBe(id, d)).ToList();
            var paired = AddressesOf(candidates.Where(d => d.Paired));
            var alike = paired.Count > 0 ? paired : AddressesOf(candidates);
            if (alike.Count > 1) _rivals[id] = alike;
            else _rivals.Remove(id);
            if (alike.Count != 1)
            {
                Unbind(id);
                continue;
            }

            Take(id, alike[0]);
            if (paired.Count == 0) continue;
            _store.Keep(LearnedScope, id, alike[0]);
            _byName.Remove(id);
        }
    }

    private static List<BluetoothAddress> AddressesOf(IEnumerable<RadioDevice> devices) => [.. devices.Select(d => d.Address).Distinct()];

    /// <summary>Its name fits this speaker and no other one that is still looked for, and it is nobody else's for certain.</summary>
    private bool MayBe(string id, RadioDevice device)
    {
        if (At(device.Address) is { } owner && owner != id && !_found.ContainsKey(owner)) return false;
        var fitting = _configured.Where(s => _byName.Contains(s.Id) && (NameFolding.Same(s.Name, device.Name) || NameFolding.Same(s.Model, device.Name))).Take(2).ToList();
        return fitting.Count == 1 && fitting[0].Id == id;
    }

    private void Take(string id, BluetoothAddress address)
    {
        if (AddressOf(id) == address) return;
        if (At(address) is { } found) RemoveFound(found);
        Bind(id, address);
    }

    private void Refresh(ConfiguredSpeaker speaker, List<RadioDevice> seen, bool known)
    {
        var kept = _kept.Contains(speaker.Id);
        if (seen.Count == 0)
        {
            // Unpaired ones come from a scan that the user started: shown while they are there, not kept.
            if (!kept && known) RemoveFound(speaker.Id);
            return;
        }

        var name = speaker.Model is null ? seen.Select(d => d.Name).FirstOrDefault(IsNamed) : null;
        if (name is not null) AddFound(speaker.Id, name, speaker.Address!);
        if (kept ? name is null : !seen.Any(d => d.Paired)) return;
        _kept.Add(speaker.Id);
        _store.Keep(FoundScope, speaker.Id, $"{speaker.Address} {_found[speaker.Id].Name}");
    }

    /// <summary>The first name is kept, as ids and people's automations go by it; an address is none, and no model either.</summary>
    private void AddFound(string id, string name, BluetoothAddress address)
    {
        var named = IsNamed(name);
        _found[id] = new ConfiguredSpeaker { Id = id, Name = named ? name : address.Text, Address = address, Model = named ? name : null };
        Bind(id, address);
    }

    private void RemoveFound(string id)
    {
        _found.Remove(id);
        Unbind(id);
        if (_kept.Remove(id)) _store.Keep(FoundScope, id, null);
    }

    private void Bind(string id, BluetoothAddress address)
    {
        Unbind(id);
        _addressOf[id] = address;
        _at[address] = id;
    }

    private void Unbind(string id)
    {
        if (_addressOf.Remove(id, out var address)) _at.Remove(address);
    }
}
