using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler.Registry;

namespace Gateway.Reconciler;

/// <summary>Puts what the ports show into the planner's words: ids instead of addresses, unknown where a side is not there to ask. Pure.</summary>
internal static class Observer
{
    /// <param name="hasOutput">By id: it can sound now.</param>
    public static HouseObservation Observe(DeviceRegistry registry, BluetoothSnapshot bluetooth, EchoSnapshot echo, Func<string, bool> hasOutput)
    {
        var radioKnown = bluetooth.Problem is null;
        return new HouseObservation
        {
            Adapters = radioKnown ? [.. registry.Adapters.Values.OrderBy(a => a.Name, StringComparer.Ordinal).Select(Adapter)] : null,
            Speakers = [.. registry.Effective.Speakers.Select(s => s.Sink is null ? Speaker(s, registry, bluetooth, radioKnown) : Wired(s, hasOutput))],
            Echoes = [.. registry.Effective.Echoes.Select(e => Echo(e, registry, bluetooth, echo))],
            Phones = radioKnown ? [.. bluetooth.Devices.Where(d => registry.Adapters.ContainsKey(d.Adapter) && (d.Paired || d.Link == RadioLink.Connected)).GroupBy(d => d.Address)
                .Where(d => d.Any(r => r.OffersSource || r.LinkedAs == RadioRole.Source)).Select(d => Phone(d.Key, d, registry))] : null,
            WifiGroups = echo.WifiGroups?.Select(g => new ObservedWifiGroup(g.Id, [.. g.Members.Select(m => registry.EchoOf(m) ?? m)])).ToList(),
            StereoPairs = echo.StereoPairs?.Select(p => new ObservedStereoPair(p.Id, registry.EchoOf(p.Left) ?? p.Left, registry.EchoOf(p.Right) ?? p.Right)).ToList(),
        };
    }

    /// <summary>What an address is called in plans: a speaker's id, an adapter's id (its address), an Echo's id, else the fallback.</summary>
    public static string NameOf(BluetoothAddress address, DeviceRegistry registry, string fallback)
    {
        if (registry.SpeakerAt(address) is { } speaker) return speaker;
        if (registry.Adapters.ContainsKey(address)) return address.Id;
        return registry.EchoAt(address) ?? fallback;
    }

    private static ObservedAdapter Adapter(RadioAdapter adapter) =>
        new() { Name = adapter.Name, Address = adapter.Address, Powered = Fact.Of(adapter.Powered), LeAudio = Fact.Of(adapter.LeAudio), LearnedMaxStreams = adapter.LearnedStreams, LearnedAt = adapter.LearnedAt };

    private static ObservedPhone Phone(BluetoothAddress address, IEnumerable<RadioDevice> seen, DeviceRegistry registry) => new(
        address, [.. seen.Where(d => d.Paired).Select(d => registry.Adapters[d.Adapter].Name)],
        seen.FirstOrDefault(d => d.LinkedAs == RadioRole.Source) is { } linked ? registry.Adapters[linked.Adapter].Name : null);

    private static ObservedSpeaker Speaker(ConfiguredSpeaker speaker, DeviceRegistry registry, BluetoothSnapshot bluetooth, bool known)
    {
        if (!known || speaker.Address is not { } address) return new ObservedSpeaker { Id = speaker.Id };
        var seen = bluetooth.Devices.Where(d => d.Address == address && registry.Adapters.ContainsKey(d.Adapter)).ToList();
        var connected = seen.FirstOrDefault(d => d.Link == RadioLink.Connected);
        return new ObservedSpeaker
        {
            Id = speaker.Id,
            // Not connected says nothing about within reach: only a connected one is known to be there.
            Reachable = connected is null ? default : Fact.Of(true),
            PairedOn = Fact.Of<IReadOnlyList<string>>([.. seen.Where(d => d.Paired).Select(d => registry.Adapters[d.Adapter].Name)]),
            ConnectedOn = Fact.Of(connected is null ? null : registry.Adapters[connected.Adapter].Name),
            // Held elsewhere is what the last try met, not what the next will: it stays unknown, or a phone's visit would end the plan for good.
            Modalias = seen.Select(d => d.Modalias).FirstOrDefault(m => m is not null),
        };
    }

    /// <summary>An output that is not there now may come, as a speaker that is off: it is unknown, and no reason to refuse.</summary>
    private static ObservedSpeaker Wired(ConfiguredSpeaker speaker, Func<string, bool> hasOutput) => new() { Id = speaker.Id, Reachable = hasOutput(speaker.Id) ? Fact.Of(true) : default };

    private static ObservedEcho Echo(ConfiguredEcho configured, DeviceRegistry registry, BluetoothSnapshot bluetooth, EchoSnapshot echo)
    {
        var device = echo.Echoes.FirstOrDefault(e => Same(e.Serial, configured.Serial));
        var radios = configured.Address is { } address ? bluetooth.Devices.Where(d => d.Address == address && registry.Adapters.ContainsKey(d.Adapter)).ToList() : [];
        var ours = radios.FirstOrDefault(d => d.Link == RadioLink.Connected);
        return new ObservedEcho
        {
            Id = configured.Id,
            // Linked with us it is there, whatever its cloud says.
            Online = ours is not null ? Fact.Of(true) : Fact.OfNullable(device?.Online),
            Firmware = device?.Firmware is { } firmware ? Fact.Of(firmware) : default,
            Account = device?.Account is { } account ? Fact.Of(account) : default,
            Network = device?.Network is { } network ? Fact.Of(network) : default,
            PairedOn = PairedOn(radios, device, registry, bluetooth),
            Link = LinkOf(ours, device, registry, knowsOurs: configured.Address is not null && bluetooth.Problem is null),
            WifiGroup = device?.WifiGroup ?? default,
            AudioOutput = Fact.OfNullable(device?.AudioOutput),
            AlexaGroup = device?.AlexaGroup ?? Tristate.Unknown,
        };
    }

    /// <summary>The key is ours to know, unless a control path can have the Echo make a new one.</summary>
    private static Fact<IReadOnlyList<string>> PairedOn(List<RadioDevice> radios, EchoDevice? device, DeviceRegistry registry, BluetoothSnapshot bluetooth)
    {
        IReadOnlyList<string> adapters = [.. radios.Where(d => d.Paired).Select(d => registry.Adapters[d.Adapter].Name)];
        return bluetooth.Problem is not null || device is not null || (adapters.Count == 0 && bluetooth.Adapters.Count == 0) ? default : Fact.Of(adapters);
    }

    /// <param name="knowsOurs">The radio tells of a link with us, and that there is none.</param>
    private static Fact<EchoLink?> LinkOf(RadioDevice? ours, EchoDevice? device, DeviceRegistry registry, bool knowsOurs)
    {
        // Our own radio knows a link with us for certain, also where the Echo's control path tells nothing; of any other it knows nothing.
        if (ours is not null) return Fact.Of<EchoLink?>(new EchoLink(ours.Adapter.Id, ours.LinkedAs == RadioRole.Source ? LinkRole.PlaysTo : LinkRole.ReceivesFrom));
        if (device is not { Link.IsKnown: true }) return default;
        if (knowsOurs && device.Link.Value is { } told && registry.Adapters.ContainsKey(told.Address)) return default; // it has ended since the cloud was asked
        return device.Link.Value is { } peer ? Fact.Of<EchoLink?>(new EchoLink(NameOf(peer.Address, registry, peer.Name), peer.Role)) : Fact.Of<EchoLink?>(null);
    }

    private static bool Same(string? a, string? b) => a is not null && b is not null && a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
