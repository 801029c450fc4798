using Gateway.Engine.Ports;
using Gateway.Engine.Text;

namespace Gateway.Simulation;

/// <summary>People in the house: they switch things off and on, and connect them elsewhere, behind the gateway's back.</summary>
internal sealed class People(World world)
{
    private readonly Dictionary<string, OtherHost> _strangers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Does at once what was asked; throws <see cref="ControlException"/> where that cannot be.</summary>
    public void Do(ControlRequest request) => world.Do(() =>
    {
        if (request.IsMicrophone)
        {
            foreach (var microphone in world.Microphones) microphone.Lose(request.Number);
            return;
        }

        var sink = Find(request);
        switch (request.Do)
        {
            case Deed.Off: SwitchOff(world, sink); break;
            case Deed.On: SwitchOn(sink); break;
            case Deed.Latency: sink.LatencyMs = request.Number; break;
            case Deed.Ppm: SetClock(sink, request.Number); break;
            case Deed.Muffle: sink.IsMuffled = true; break;
            case Deed.Unmuffle: sink.IsMuffled = false; break;
            case Deed.Starve: Starve(sink, request.Number); break;
            default: Connect(sink, request.Peer!); break;
        }
    });

    public static void SwitchOff(World world, Node node)
    {
        node.Powered = false;
        world.CutAll(node, Acceptance.NoAnswer(node));
        if (node is Echo echo) echo.PlaysInGroup = null;
        foreach (var adapter in world.Adapters) adapter.Held.Remove(node);
    }

    private void SwitchOn(Sink sink)
    {
        if (sink.Powered) return;
        sink.Powered = true;
        sink.LastSoundAt = world.Now;
    }

    private void SetClock(Sink sink, double ppm)
    {
        sink.ClockPpm = ppm;
        world.LinkOf(sink)?.Output?.SetRate(ppm);
    }

    private void Starve(Sink sink, double milliseconds)
    {
        if (world.LinkOf(sink)?.Output is not { } output) throw new ControlException($"{sink.Id} cannot be starved: nothing plays to it.");
        output.Starve(milliseconds);
    }

    private void Connect(Sink sink, string peer)
    {
        if (Same(peer, "none"))
        {
            world.CutAll(sink);
            if (sink is Echo one) one.PlaysInGroup = null;
            return;
        }

        if (!sink.Powered) throw new ControlException($"{sink.Id} is off; switch it on first.");
        if (sink is Echo player && world.WifiGroups.Find(g => Same(g.Id, peer) || Same(g.Name, peer)) is { } group)
        {
            Play(group, player);
            return;
        }

        var other = world.Adapters.Concat(world.Devices).FirstOrDefault(n => n != sink && (Same(n.Id, peer) || Same(n.Name, peer) || Same(n.Address, peer)));
        if (other is { Powered: false }) throw new ControlException($"{peer} is off; switch it on first.");
        Join(sink, other ?? Stranger(peer));
    }

    /// <summary>L5: playing in a Wi-Fi group drops the members' links of either role.</summary>
    private void Play(EchoWifiGroup group, Echo player)
    {
        if (!group.Members.Contains(player.Serial)) throw new ControlException($"{player.Id} is no member of the group \"{group.Name}\".");
        foreach (var echo in world.Echoes.Where(e => e.Powered && group.Members.Contains(e.Serial)))
        {
            world.CutAll(echo);
            echo.PlaysInGroup = group.Id;
        }
    }

    /// <summary>A person's hand on the device always wins: what stands in the way is dropped.</summary>
    private void Join(Sink sink, Node other)
    {
        var link = (sink, other) switch
        {
            (Echo echo, Speaker speaker) => new Link(echo, speaker),
            (Echo echo, Adapter adapter) => world.Call(echo, adapter),
            (Echo, Echo from) => new Link(from, sink),
            _ => new Link(other, sink),
        };
        if (world.LinkBetween(sink, other) is { Connected: true }) return;
        if (other is Adapter radio) RefuseAdapter(radio, sink, link);
        world.CutAll(sink);
        if (other is Sink) world.CutAll(other);
        if (sink is Echo { } self) HouseBuilder.Pair(world, self, other);
        if (other is Echo mate) HouseBuilder.Pair(world, mate, sink);
        world.Establish(link);
    }

    private void RefuseAdapter(Adapter adapter, Sink sink, Link link)
    {
        if (!world.ArePaired(adapter, sink) && !adapter.Discoverable) throw new ControlException($"{sink.Id} is not paired with {adapter}, and {adapter} is not in pairing mode.");
        if (Capacity.RefusalOf(world, adapter, link) is { } full) throw new ControlException(full.Message);
    }

    /// <summary>A phone or other host that is known by what people call it, each time the same one.</summary>
    private OtherHost Stranger(string name)
    {
        if (_strangers.TryGetValue(name, out var known)) return known;
        return _strangers[name] = new OtherHost(name, HouseBuilder.Address(world.Seed, $"stranger {name}"));
    }

    private Sink Find(ControlRequest request)
    {
        var known = request.IsEcho ? world.Echoes.ConvertAll(Sink (e) => e) : world.Speakers.ConvertAll(Sink (s) => s);
        return known.Find(s => Same(s.Id, request.Device)) ?? throw new ControlException(
            $"The house has no {(request.IsEcho ? "echo" : "speaker")} \"{request.Device}\".{NearestNames.DidYouMean(request.Device, known.Select(s => s.Id))}");
    }

    private static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
