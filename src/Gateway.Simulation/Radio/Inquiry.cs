namespace Gateway.Simulation;

/// <summary>Discovery and pairing mode of the adapters. Used under the world's gate.</summary>
internal sealed class Inquiry(World world)
{
    /// <summary>BlueZ forgets unpaired devices so long after the inquiry that found them.</summary>
    private static readonly TimeSpan s_temporary = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Adapter, List<IDisposable>> _running = [];

    public void Start(Adapter adapter)
    {
        if (adapter.Discovering) return;
        adapter.Discovering = true;
        Cancel(adapter);
        var timers = _running[adapter] = [];
        foreach (var speaker in world.Speakers)
        {
            var draw = world.Draw(speaker, $"inquiry {adapter.Address}");
            var rssi = (int)draw.NextBetween(-85, -45);
            timers.Add(world.After(draw.NextSeconds(0.3, 5), () => Sight(adapter, speaker, rssi)));
        }
    }

    public void Stop(Adapter adapter)
    {
        if (!adapter.Discovering) return;
        adapter.Discovering = false;
        Cancel(adapter);
        foreach (var (node, sighting) in adapter.Sightings) adapter.Sightings[node] = sighting with { RssiDbm = null };
        _running[adapter] = [world.After(s_temporary, adapter.Sightings.Clear)];
    }

    /// <summary>People who wait with a phone in their hand find the gateway within seconds.</summary>
    public void LetPhonesPair(Adapter adapter)
    {
        foreach (var phone in world.Phones.Where(p => !world.ArePaired(adapter, p)))
        {
            world.After(world.Draw(phone, "find gateway").NextSeconds(1, 4), () =>
            {
                if (adapter.Discoverable && phone.Powered) world.Pairings.Add((adapter, phone));
            });
        }
    }

    /// <summary>Connected speakers do not answer inquiries.</summary>
    private void Sight(Adapter adapter, Speaker speaker, int rssi)
    {
        if (adapter.Discovering && speaker.Powered && world.LinkOf(speaker) is null) adapter.Sightings[speaker] = new Sighting(rssi, world.Now);
    }

    private void Cancel(Adapter adapter)
    {
        if (!_running.Remove(adapter, out var timers)) return;
        foreach (var timer in timers) timer.Dispose();
    }
}
