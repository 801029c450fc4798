using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>What the gateway's radios can see of the world. Truth (latency, clocks, who holds a speaker) stays behind.</summary>
internal static class RadioView
{
    public static BluetoothSnapshot Of(World world)
    {
        var adapters = world.Adapters.ConvertAll(a => new RadioAdapter(a.Address, a.Name, a.Powered, a.Discovering, a.Discoverable, LeAudio: false));
        var devices = new List<RadioDevice>();
        foreach (var adapter in world.Adapters)
        {
            foreach (var device in world.Devices)
            {
                if (Device(world, adapter, device) is { } shown) devices.Add(shown);
            }
        }

        return new BluetoothSnapshot(adapters, devices, null);
    }

    public static bool Same(BluetoothSnapshot a, BluetoothSnapshot b) => a.Adapters.SequenceEqual(b.Adapters) && a.Devices.SequenceEqual(b.Devices);

    private static RadioDevice? Device(World world, Adapter adapter, Node device)
    {
        var paired = world.ArePaired(adapter, device);
        var sighted = adapter.Sightings.TryGetValue(device, out var sighting);
        if (!paired && !sighted) return null;

        var link = world.LinkBetween(adapter, device);
        var connected = link is { Connected: true };
        var sink = connected && link!.To is Sink ? (Sink)device : null;
        return new RadioDevice
        {
            Address = device.Address,
            Adapter = adapter.Address,
            Name = device.Name,
            Paired = paired,
            Link = connected ? RadioLink.Connected : link?.From == adapter ? RadioLink.Connecting : RadioLink.Disconnected,
            LinkedAs = !connected ? null : link!.To == adapter ? RadioRole.Source : RadioRole.Sink,
            OffersSource = device is OtherHost or Echo,
            OffersSink = device is Sink,
            Kind = device switch { Speaker => RadioKind.Speaker, Echo => RadioKind.Echo, _ => RadioKind.Phone },
            HeldElsewhere = adapter.Held.Contains(device),
            Modalias = (device as Speaker)?.Model?.Modaliases is [var prefix, ..] ? prefix : null,
            Codec = connected ? "sbc" : null,
            VolumePercent = sink?.VolumePercent,
            BatteryPercent = sink is Speaker speaker ? Habits.Battery(speaker, world.Now - world.Since) : null,
            RssiDbm = sighted ? sighting.RssiDbm : null,
            RssiAt = sighted ? sighting.At : null,
        };
    }
}
