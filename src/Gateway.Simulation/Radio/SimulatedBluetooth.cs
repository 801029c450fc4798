using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>The radio side of the house, as BlueZ would answer. Thread-safe: every command is one act under the world's gate.</summary>
internal sealed class SimulatedBluetooth(World world) : IBluetooth
{
    /// <summary>BlueZ's page time-out: so long a host calls a device that is off.</summary>
    private static readonly TimeSpan s_pageTimeout = TimeSpan.FromSeconds(5.12);

    private readonly Inquiry _inquiry = new(world);

    public BluetoothSnapshot Current => world.Bluetooth;

    public event Action<BluetoothSnapshot>? Changed
    {
        add => world.BluetoothChanged += value;
        remove => world.BluetoothChanged -= value;
    }

    public Task ConnectAsync(BluetoothAddress adapter, BluetoothAddress device, RadioRole role, CancellationToken cancellationToken) => world.Command(() =>
    {
        var (radio, node) = Find(adapter, device);
        if (!world.ArePaired(radio, node)) throw new PortException(PortError.NotPaired, $"{node} is not paired with {radio}.", $"Pair {node} with {radio} first.");
        if (role == RadioRole.Source ? node is Speaker : node is OtherHost)
            throw new PortException(PortError.Other, $"{node} cannot be connected as a {(role == RadioRole.Source ? "source" : "speaker")}.", "Use it the other way round.");
        if (world.LinkBetween(radio, node) is { } other && (other.To == radio) != (role == RadioRole.Source))
            throw new PortException(PortError.Other, $"{node} is connected the other way round.", $"Disconnect {node} first.");
        if (world.LinkBetween(radio, node) is { } standing)
            return standing.Operation is { } running ? running.Done.WaitAsync(cancellationToken) : Task.CompletedTask;

        if (node is Echo echo) DropForSecondLink(echo);
        var link = role == RadioRole.Source ? new Link(node, radio) : new Link(radio, node);
        world.Links.Add(link);
        var duration = node.Powered ? world.Draw(node, "connect time").NextSeconds(0.8, 2.5) : s_pageTimeout;
        link.Operation = new Operation(world, duration, () => Complete(link, radio, node), () => world.Links.Remove(link), cancellationToken);
        return link.Operation.Done;
    });

    public void SetRoles(IReadOnlyDictionary<BluetoothAddress, RadioRole> byAddress) => world.Do(() => { world.Roles = byAddress; });

    public Task DisconnectAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => world.Command(() =>
    {
        var (radio, node) = Find(adapter, device);
        var link = world.LinkBetween(radio, node);
        if (link is { Connected: true }) return Later(node, 0.1, 0.3, () => world.Cut(link), cancellationToken);
        if (link is not null) world.Cut(link, new PortException(PortError.Other, $"Connecting to {node} was given up because it was told to disconnect."));
        return Task.CompletedTask;
    });

    public Task PairAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => world.Command(() =>
    {
        var (radio, node) = Find(adapter, device);
        if (world.ArePaired(radio, node)) return Task.CompletedTask;
        var duration = node.Powered ? world.Draw(node, "pair time").NextSeconds(1.5, 3) : s_pageTimeout;
        return new Operation(world, duration, () =>
        {
            Acceptance.OfPairing(world, node);
            world.Pairings.Add((radio, node));
        }, () => { }, cancellationToken).Done;
    });

    public Task ForgetAsync(BluetoothAddress adapter, BluetoothAddress device, CancellationToken cancellationToken) => world.Command(() =>
    {
        var (radio, node) = Find(adapter, device);
        if (world.LinkBetween(radio, node) is { } link) world.Cut(link);
        world.Pairings.Remove((radio, node));
        radio.Sightings.Remove(node);
        radio.Held.Remove(node);
        if (node is Echo echo) echo.AddressBook = [.. echo.AddressBook.Where(e => e.Address != radio.Address)];
        return Task.CompletedTask;
    });

    public Task SetPoweredAsync(BluetoothAddress adapter, bool powered, CancellationToken cancellationToken) => world.Command(() =>
    {
        var radio = FindAdapter(adapter);
        if (radio.Powered == powered) return Task.CompletedTask;
        return Later(radio, 0.1, 0.4, () =>
        {
            radio.Powered = powered;
            if (powered) return;
            world.CutAll(radio, new PortException(PortError.NotPowered, $"{radio} was switched off."));
            radio.Discoverable = false;
            _inquiry.Stop(radio);
        }, cancellationToken);
    });

    public Task SetDiscoveringAsync(BluetoothAddress adapter, bool discovering, CancellationToken cancellationToken) => world.Command(() =>
    {
        var radio = FindAdapter(adapter);
        if (discovering) _inquiry.Start(Powered(radio));
        else _inquiry.Stop(radio);
        return Task.CompletedTask;
    });

    public Task SetPairingModeAsync(BluetoothAddress adapter, bool on, CancellationToken cancellationToken) => world.Command(() =>
    {
        var radio = FindAdapter(adapter);
        radio.Discoverable = on && Powered(radio).Powered;
        if (on) _inquiry.LetPhonesPair(radio);
        return Task.CompletedTask;
    });

    public Task SetVolumeAsync(BluetoothAddress adapter, BluetoothAddress device, int percent, CancellationToken cancellationToken) => world.Command(() =>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var (radio, node) = Find(adapter, device);
        if (world.LinkBetween(radio, node) is not { Connected: true, To: Sink sink })
            throw new PortException(PortError.NotReachable, $"{node} is not connected to {radio}, so its volume cannot be set.", $"Connect {node} first.");
        return Later(node, 0.02, 0.08, () => sink.VolumePercent = percent, cancellationToken);
    });

    private void Complete(Link link, Adapter radio, Node node)
    {
        if (!radio.Powered) throw NotPowered(radio);
        Acceptance.OfConnect(world, radio, node);
        if (Capacity.RefusalOf(world, radio, link) is { } full) throw full;
        world.Establish(link);
    }

    /// <summary>L2: an Echo that is called drops what it has, silently.</summary>
    private void DropForSecondLink(Echo echo) => world.CutAll(echo);

    private Task Later(Node node, double low, double high, Action act, CancellationToken cancellationToken) =>
        new Operation(world, world.Draw(node, "command time").NextSeconds(low, high), act, () => { }, cancellationToken).Done;

    private (Adapter Adapter, Node Device) Find(BluetoothAddress adapter, BluetoothAddress device)
    {
        var node = world.Devices.FirstOrDefault(d => d.Address == device)
            ?? throw new PortException(PortError.UnknownDevice, $"No radio has seen a device with the address {device}.", "Switch it on, bring it near and scan.");
        return (Powered(FindAdapter(adapter)), node);
    }

    private Adapter FindAdapter(BluetoothAddress address) => world.Adapters.Find(a => a.Address == address)
        ?? throw new PortException(PortError.UnknownDevice, $"There is no Bluetooth adapter with the address {address}.", "Plug it in.");

    private static Adapter Powered(Adapter adapter) => adapter.Powered ? adapter : throw NotPowered(adapter);

    private static PortException NotPowered(Adapter adapter) => new(PortError.NotPowered, $"{adapter} is switched off.", $"Switch {adapter} on.");
}
