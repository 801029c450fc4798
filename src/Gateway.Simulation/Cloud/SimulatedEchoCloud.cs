using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>The Echo side of the house, as the account's cloud would answer. Thread-safe: every command is one act under the world's gate.</summary>
internal sealed class SimulatedEchoCloud(World world) : IEchoControl
{
    public EchoSnapshot Current => world.Echo;

    public event Action<EchoSnapshot>? Changed
    {
        add => world.EchoChanged += value;
        remove => world.EchoChanged -= value;
    }

    public Task ConnectAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => world.Command(() =>
    {
        var echo = Online(serial);
        var peer = world.Adapters.Concat(world.Devices).FirstOrDefault(n => n.Address == peerAddress && n != echo)
            ?? throw new PortException(PortError.UnknownDevice, $"{echo} knows no device with the address {peerAddress}.", "Pair it with the Echo first.");
        if (!world.ArePaired(echo, peer) && peer is not Adapter { Discoverable: true })
            throw new PortException(PortError.NotPaired, $"{peer} is not in the address book of {echo}.", "Pair the two first: for the gateway, switch its pairing mode on.");
        if (world.LinkBetween(echo, peer) is { } standing) return standing.Operation is { } running ? running.Done.WaitAsync(cancellationToken) : Task.CompletedTask;

        world.CutAll(echo); // L2: the first link goes at once, without a word
        var link = peer switch { OtherHost => new Link(peer, echo), Adapter adapter => world.Call(echo, adapter), _ => new Link(echo, peer) };
        world.Links.Add(link);
        link.Operation = new Operation(world, world.Draw(echo, "connect time").NextSeconds(0.8, 2.5), () => Complete(link, echo, peer), () => world.Links.Remove(link), cancellationToken);
        return link.Operation.Done;
    });

    public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => world.Command(() =>
    {
        var echo = Online(serial);
        return Later(echo, () => world.CutAll(echo), cancellationToken);
    });

    public Task ForgetAsync(string serial, BluetoothAddress peerAddress, CancellationToken cancellationToken) => world.Command(() =>
    {
        var echo = Online(serial);
        return Later(echo, () => AccountBuilder.Forget(world, echo, peerAddress), cancellationToken);
    });

    public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => world.Command(() =>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var echo = Online(serial);
        return Later(echo, () => echo.VolumePercent = percent, cancellationToken);
    });

    public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => world.Command(() =>
    {
        var echo = Online(serial);
        if (output == AudioOutput.Bluetooth)
            throw new PortException(PortError.Other, $"{echo} cannot be switched to Bluetooth as an output.", "Connect it to a speaker: its sound then goes there.");
        if (!HasSocket(echo, output))
            throw new PortException(PortError.Other, $"{echo} ({echo.Configured.Model ?? "unknown model"}) has no such output.", "Use an Echo whose socket plays out.");
        return Later(echo, () => echo.ChosenOutput = output, cancellationToken);
    });

    public Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken) => world.Command(() =>
    {
        var members = serials.Distinct(StringComparer.Ordinal).Select(Online).ToList();
        RefuseGroup(name, members);
        var id = HouseBuilder.Hex(world.Draw(members[0], "cloud group").Next());
        var created = Later(members[0], () => world.WifiGroups.Add(new EchoWifiGroup(id, name, [.. members.Select(m => m.Serial)])), cancellationToken);
        return Return(created, id);
    });

    public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => world.Command(() =>
    {
        var group = world.WifiGroups.Find(g => g.Id == id)
            ?? throw new PortException(PortError.UnknownDevice, $"The account has no multi-room group with the id {id}.", "It may have been deleted in the Alexa app.");
        var first = world.Echoes.Find(e => e.Serial == group.Members[0])!;
        return Later(first, () =>
        {
            world.WifiGroups.Remove(group);
            foreach (var echo in world.Echoes.Where(e => e.PlaysInGroup == id)) echo.PlaysInGroup = null;
        }, cancellationToken);
    });

    private void Complete(Link link, Echo echo, Node peer)
    {
        if (peer is Adapter adapter)
        {
            if (!adapter.Powered) throw Acceptance.NoAnswer(adapter);
            if (Capacity.RefusalOf(world, adapter, link) is { } full) throw full;
        }
        else
        {
            Acceptance.OfConnect(world, echo, peer);
        }

        HouseBuilder.Pair(world, echo, peer);
        world.Establish(link);
    }

    private void RefuseGroup(string name, List<Echo> members)
    {
        if (members.Count == 0) throw new PortException(PortError.Other, $"A multi-room group needs members; \"{name}\" has none.", "Name at least one Echo.");
        if (members.Count > world.Limits.MaxWifiGroupMembers)
            throw new PortException(PortError.Other, $"A multi-room group takes at most {world.Limits.MaxWifiGroupMembers} members.", "Leave some out.");
        if (world.WifiGroups.Exists(g => Engine.Text.NameFolding.Same(g.Name, name)))
            throw new PortException(PortError.Other, $"The account already has a group with the name \"{name}\".", "Choose another name.");
        var stranger = members.Find(m => m.Configured.Account != members[0].Configured.Account || m.Configured.Network != members[0].Configured.Network);
        if (stranger is not null)
            throw new PortException(PortError.Other, $"{stranger} is in another account or network than {members[0]}.", "Register both to one account and one Wi-Fi network.");
    }

    private static bool HasSocket(Echo echo, AudioOutput output)
    {
        if (output == AudioOutput.Speaker) return true;
        if (echo.Configured.Outputs is { } stated) return stated.Contains(output);
        return (output == AudioOutput.Optical ? echo.Model?.Optical : echo.Model?.Jack) is Socket.Out or Socket.InOut;
    }

    private Task Later(Echo echo, Action act, CancellationToken cancellationToken) =>
        new Operation(world, world.Draw(echo, "cloud time").NextSeconds(0.15, 0.6), act, () => { }, cancellationToken).Done;

    private static async Task<string> Return(Task done, string id)
    {
        await done;
        return id;
    }

    private Echo Online(string serial)
    {
        var echo = world.Echoes.Find(e => e.Serial == serial)
            ?? throw new PortException(PortError.UnknownDevice, $"The account has no Echo with the serial number {serial}.", "Check the serial number in the Alexa app.");
        return echo.Powered ? echo : throw new PortException(PortError.NotReachable, $"{echo} is offline.", "Check its power and its Wi-Fi.");
    }
}
