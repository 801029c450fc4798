using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;

namespace Gateway.Reconciler;

/// <summary>Puts what the ports show into the planner's words: ids instead of addresses, unknown where a side is not there to ask. Pure.</summary>
internal static class Observer
{
    public static HouseObservation Observe(DeviceRegistry registry, BluetoothSnapshot bluetooth, EchoSnapshot echo)
    {
        var radioKnown = bluetooth.Problem is null;
        return new HouseObservation
        {
            Adapters = radioKnown ? [.. registry.Adapters.Values.OrderBy(a => a.Name, StringComparer.Ordinal).Select(Adapter)] : null,
            Speakers = [.. registry.Effective.Speakers.Select(s => Speaker(s, registry, bluetooth, radioKnown))],
            Echoes = [.. registry.Effective.Echoes.Select(e => Echo(e, registry, bluetooth, echo))],
            WifiGroups = echo.WifiGroups?.Select(g => new ObservedWifiGroup(g.Id, [.. g.Members.Select(m => registry.EchoOf(m) ?? m)])).ToList(),
            StereoPairs = echo.StereoPairs?.Select(p => new ObservedStereoPair(p.Id, registry.EchoOf(p.Left) ?? p.Left, registry.EchoOf(p.Right) ?? p.Right)).ToList(),
        };
    }

    /// <summary>What an address is called in plans: a speaker's id, an adapter's id (its address), an Echo's id, else the fallback.</summary>
    public static string NameOf(string address, DeviceRegistry registry, EchoSnapshot echo, string fallback)
    {
        if (registry.SpeakerAt(address) is { } speaker) return speaker;
        if (registry.Adapters.ContainsKey(address)) return Ids.OfAddress(address)!;
        var device = echo.Echoes.FirstOrDefault(e => string.Equals(e.BluetoothAddress, address, StringComparison.OrdinalIgnoreCase));
        return device is null ? fallback : registry.EchoOf(device.Serial) ?? fallback;
    }

    private static ObservedAdapter Adapter(RadioAdapter adapter) =>
        new() { Name = adapter.Name, Address = adapter.Address, Powered = Fact.Of(adapter.Powered), LeAudio = Fact.Of(adapter.LeAudio), LearnedMaxStreams = adapter.LearnedStreams, LearnedAt = adapter.LearnedAt };

    private static ObservedSpeaker Speaker(ConfiguredSpeaker speaker, DeviceRegistry registry, BluetoothSnapshot bluetooth, bool known)
    {
        if (!known || speaker.Address is not { } address) return new ObservedSpeaker { Id = speaker.Id };
        var seen = bluetooth.Devices.Where(d => Same(d.Address, address) && registry.Adapters.ContainsKey(d.Adapter)).ToList();
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

    private static ObservedEcho Echo(ConfiguredEcho configured, DeviceRegistry registry, BluetoothSnapshot bluetooth, EchoSnapshot echo)
    {
        var device = echo.Echoes.FirstOrDefault(e => Same(e.Serial, configured.Serial));
        if (device is null) return new ObservedEcho { Id = configured.Id };
        return new ObservedEcho
        {
            Id = configured.Id,
            Online = Fact.OfNullable(device.Online),
            Firmware = device.Firmware is { } firmware ? Fact.Of(firmware) : default,
            Account = device.Account is { } account ? Fact.Of(account) : default,
            Network = device.Network is { } network ? Fact.Of(network) : default,
            Link = LinkOf(device, registry, bluetooth, echo),
            WifiGroup = device.WifiGroup,
            AudioOutput = Fact.OfNullable(device.AudioOutput),
            AlexaGroup = device.AlexaGroup,
        };
    }

    private static Fact<EchoLink?> LinkOf(EchoDevice device, DeviceRegistry registry, BluetoothSnapshot bluetooth, EchoSnapshot echo)
    {
        // Our own radio knows a link with us for certain, also where the Echo's control path tells nothing.
        var ours = device.BluetoothAddress is null
            ? null
            : bluetooth.Devices.FirstOrDefault(d => Same(d.Address, device.BluetoothAddress) && d.Link == RadioLink.Connected && registry.Adapters.ContainsKey(d.Adapter));
        if (ours is not null) return Fact.Of<EchoLink?>(new EchoLink(Ids.OfAddress(ours.Adapter)!, ours.IsSource ? LinkRole.PlaysTo : LinkRole.ReceivesFrom));
        if (!device.Link.IsKnown) return default;
        return device.Link.Value is { } peer ? Fact.Of<EchoLink?>(new EchoLink(NameOf(peer.Address, registry, echo, peer.Name), peer.Role)) : Fact.Of<EchoLink?>(null);
    }

    private static bool Same(string? a, string? b) => a is not null && b is not null && a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
