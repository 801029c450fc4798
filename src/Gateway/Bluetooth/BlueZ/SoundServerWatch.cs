namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// Tells from what BlueZ shows whether another program does Bluetooth audio on our adapters. BlueZ lists nobody's endpoints, but an adapter
/// advertises what is registered on it. Runs on the mirror's loop.
/// </summary>
internal sealed class SoundServerWatch(BlueZMirror mirror, OwnStreams streams)
{
    // By adapter path: the headset services that were there before our endpoints.
    private readonly Dictionary<string, HashSet<string>> _before = new(StringComparer.Ordinal);

    /// <param name="hasOurs">Are endpoints of ours registered on the adapter at this path? Then A2DP there says nothing.</param>
    public bool Sees(IEnumerable<string> adapterPaths, Func<string, bool> hasOurs)
    {
        var seen = false;
        foreach (var path in adapterPaths) seen |= SeesOn(path, hasOurs(path));
        return seen;
    }

    /// <summary>Streams on endpoints of others.</summary>
    public bool HasStreams(IEnumerable<string> adapterPaths) => adapterPaths.Any(HasStreamsOn);

    private bool SeesOn(string path, bool ours)
    {
        var services = mirror.Find(path, BlueZNames.Adapter)?.Texts("UUIDs") ?? [];
        var headsets = services.Intersect(BlueZNames.Headsets, StringComparer.OrdinalIgnoreCase).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!ours)
        {
            _before[path] = headsets;
            return services.Contains(BlueZNames.AudioSource, StringComparer.OrdinalIgnoreCase);
        }

        // PulseAudio and PipeWire offer telephony beside A2DP; we never do.
        return headsets.Any(h => !_before.TryGetValue(path, out var before) || !before.Contains(h)) || HasStreamsOn(path);
    }

    private bool HasStreamsOn(string adapterPath) =>
        mirror.With(BlueZNames.Transport).Any(t => ObjectPaths.IsOn(adapterPath, t.Path) && streams.Find(t.Path) is null);
}
