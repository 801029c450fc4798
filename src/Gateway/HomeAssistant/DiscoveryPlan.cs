using System.Text.Json.Nodes;

namespace Gateway.HomeAssistant;

/// <summary>A message to publish, retained. An empty text deletes the device.</summary>
internal readonly record struct DiscoveryMessage(string Topic, string Text);

/// <summary>
/// Which discovery message goes out when: pure, told of the world and of the time, asked what is due. Not thread-safe.
/// <list type="bullet">
/// <item>On connect everything at once; after Home Assistant's birth everything again; between, only what changed.</item>
/// <item>Two messages of a device are at least <see cref="Spacing"/> apart: while Home Assistant still works on one, a second, changed one is
/// applied to the first entity and lost for the others. (A connect is the exception: the broker may have lost what it held.)</item>
/// <item>A deletion only reaches a Home Assistant that runs and has seen the full message since its start. So what goes is published in
/// full, and <see cref="Spacing"/> later deleted; and if no Home Assistant was seen to run, once more after its next birth.</item>
/// <item>A deleted device's entities go on reading its topics until Home Assistant has worked through the deletion; for another <see cref="Spacing"/>
/// they count as read (<see cref="IsRead"/>).</item>
/// </list>
/// </summary>
internal sealed class DiscoveryPlan
{
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(2);

    /// <summary>What was known at the last run and is missing in the first snapshot may only be late: a radio still starting, a cloud not yet asked.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly List<Entry> _entries = []; // in order: the gateway first, later ones after
    private readonly List<string> _foreign = [];
    private readonly Dictionary<string, string?> _changes = new(StringComparer.Ordinal);
    private bool _hasHouse;
    private bool _connected;
    private bool _homeAssistantRuns;
    private DateTimeOffset? _birthDue;
    private readonly List<string> _settled = [];

    /// <param name="records">From the store, by topic.</param>
    /// <param name="prefix">Discovery prefix; what was announced under another one is emptied.</param>
    public DiscoveryPlan(IEnumerable<KeyValuePair<string, string>> records, string prefix)
    {
        foreach (var (topic, text) in records)
        {
            if (!topic.StartsWith(prefix + "/device/", StringComparison.Ordinal)) _foreign.Add(topic);
            else if (DiscoveryRecord.TryRead(topic, text, out var config, out var dropped)) _entries.Add(new Entry(topic) { Full = config, Dropped = dropped });
            else _changes[topic] = null;
        }
    }

    /// <summary>When <see cref="TakeDue"/> has something next; null: nothing is planned.</summary>
    public DateTimeOffset? NextDue => _connected ? _entries.Min(e => e.DueAt) : null;

    /// <summary>Devices that are announced, or will be.</summary>
    public int Count => _entries.Count(e => e.Wanted is not null);

    /// <summary>The house as it is now. The caller collects changes for a while; here they are due at once (but for the spacing).</summary>
    public void Update(IReadOnlyList<DiscoveryConfig> configs, DateTimeOffset now)
    {
        foreach (var config in configs) Want(config, now);
        var present = configs.Select(c => c.Topic).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in _entries.Where(e => !present.Contains(e.Topic)))
        {
            if (entry.Wanted is not null) entry.Remove();
            else if (_hasHouse) continue;
            else entry.NotBefore = now + Grace;
            Schedule(entry, now);
        }

        if (!_hasHouse) Sort(configs);
        _hasHouse = true;
    }

    /// <summary>A message of ours that the broker holds. What the store knew is old news; what it did not, it forgot.</summary>
    public void Find(DiscoveryConfig config, DateTimeOffset now)
    {
        if (_entries.Find(e => e.Topic == config.Topic) is not { } entry)
        {
            _entries.Add(entry = new Entry(config.Topic) { Full = config });
            _changes[config.Topic] = DiscoveryRecord.Write(config, entry.Dropped);
            if (!_hasHouse) return;
            entry.NotBefore = now + Grace;
            Schedule(entry, now);
        }
        else if (entry.Wanted is { } wanted && entry.Drop(config))
        {
            _changes[config.Topic] = DiscoveryRecord.Write(wanted, entry.Dropped);
            Schedule(entry, now);
        }
    }

    /// <summary>Somebody else announced a device under this topic: if we were about to remove it, it is not ours to remove any more.</summary>
    public void Lose(string topic)
    {
        if (_entries.RemoveAll(e => e.Topic == topic && e.Wanted is null) > 0) _changes[topic] = null;
    }

    public void Connected(DateTimeOffset now)
    {
        _connected = true;
        if (!_hasHouse) return;
        foreach (var entry in _entries)
        {
            (entry.Deleting, entry.Settling) = (false, false);
            entry.DueAt = entry.Wanted is not null ? now : entry.ToldOnce ? null : Later(now, entry.NotBefore);
        }
    }

    public void Disconnected()
    {
        _connected = false;
        _homeAssistantRuns = false; // it may end while we do not listen
        _birthDue = null;
        foreach (var entry in _entries)
        {
            if (entry.Settling) entry.ToldOnce = false; // the deletion may have been lost with the connection
            (entry.DueAt, entry.Deleting, entry.Settling) = (null, false, false);
        }
    }

    /// <summary>Home Assistant came up: everything in full after <paramref name="wait"/>.</summary>
    public void Birth(DateTimeOffset now, TimeSpan wait)
    {
        _homeAssistantRuns = true;
        if (!_connected || !_hasHouse || _birthDue > now) return;
        // All together, the gateway first; nobody sooner than the spacing allows.
        var due = _entries.Where(e => e.LastSent is not null).Select(e => e.LastSent!.Value + Spacing).Append(now + wait).Max();
        _birthDue = due;
        foreach (var entry in _entries) (entry.Deleting, entry.Settling, entry.ToldOnce, entry.DueAt) = (false, false, false, Later(due, entry.NotBefore));
    }

    public void HomeAssistantStopped() => _homeAssistantRuns = false;

    /// <summary>The name of the announced device with this topic; null: none of ours, or one that we are removing.</summary>
    public string? NameOf(string topic) => _entries.Find(e => e.Topic == topic)?.Wanted?.Name;

    /// <summary>Does Home Assistant read the states of the device with this topic, as far as we know? Not those of a device that was never announced, and no longer those of one that was deleted.</summary>
    public bool IsRead(string topic) => _entries.Find(e => e.Topic == topic) is { } entry && (entry.Wanted is not null || entry.Settling || !entry.ToldOnce);

    /// <summary>What is to be published now, in order.</summary>
    public IReadOnlyList<DiscoveryMessage> TakeDue(DateTimeOffset now)
    {
        if (!_connected) return [];
        var due = new List<DiscoveryMessage>();
        foreach (var topic in _foreign)
        {
            due.Add(new(topic, ""));
            _changes[topic] = null;
        }

        _foreign.Clear();
        foreach (var entry in _entries.Where(e => e.DueAt <= now))
        {
            if (entry.Settling)
            {
                Settle(entry);
                continue;
            }

            due.Add(new(entry.Topic, entry.Wanted is { } wanted ? NextOf(entry, wanted, now) : NextOfRemoved(entry, now)));
            entry.LastSent = now;
        }

        _entries.RemoveAll(e => e.Wanted is null && e.Full is null);
        return due;
    }

    /// <summary>The topics of deleted devices with which Home Assistant has had its moment since the last call.</summary>
    public IReadOnlyList<string> TakeSettled()
    {
        string[] settled = [.. _settled];
        _settled.Clear();
        return settled;
    }

    /// <summary>What the store has to remember since the last call; null: forget.</summary>
    public IReadOnlyDictionary<string, string?> TakeChanges()
    {
        var changes = new Dictionary<string, string?>(_changes);
        _changes.Clear();
        return changes;
    }

    /// <summary>They could not be stored: they come again with the next, but for what has changed since.</summary>
    public void GiveBack(IReadOnlyDictionary<string, string?> changes)
    {
        foreach (var (topic, text) in changes) _changes.TryAdd(topic, text);
    }

    private void Want(DiscoveryConfig config, DateTimeOffset now)
    {
        var entry = _entries.Find(e => e.Topic == config.Topic);
        if (entry is null) _entries.Add(entry = new Entry(config.Topic));
        if (entry.Wanted?.Text == config.Text) return;
        var stored = entry.Wanted is null && entry.Full?.Text == config.Text;
        if (entry.Wanted is null) entry.DueAt = null; // a removal that was planned
        entry.Want(config);
        if (!stored) _changes[entry.Topic] = DiscoveryRecord.Write(config, entry.Dropped);
        Schedule(entry, now);
    }

    private void Schedule(Entry entry, DateTimeOffset now)
    {
        if (!_connected) return;
        var due = Later(Later(Later(now, entry.NotBefore), entry.LastSent + Spacing), _birthDue);
        entry.DueAt = entry.DueAt is { } planned && planned > due ? planned : due;
    }

    /// <summary>A device that is there: in full; then, where components went, with their tombstones.</summary>
    private string NextOf(Entry entry, DiscoveryConfig wanted, DateTimeOffset now)
    {
        entry.DueAt = null;
        if (entry.Dropped.Count == 0 || entry.ToldOnce) return wanted.Text;
        if (!entry.Deleting)
        {
            (entry.Deleting, entry.DueAt) = (true, now + Spacing);
            return wanted.With(entry.Dropped);
        }

        var text = wanted.With(entry.Dropped.Select(d => KeyValuePair.Create(d.Key, DiscoveryConfig.Tombstone(d.Value))));
        entry.Deleting = false;
        entry.ToldOnce = true;
        if (!_homeAssistantRuns) return text;
        entry.Dropped.Clear();
        _changes[entry.Topic] = DiscoveryRecord.Write(wanted, entry.Dropped);
        return text;
    }

    /// <summary>A device that went: in full, then nothing.</summary>
    private static string NextOfRemoved(Entry entry, DateTimeOffset now)
    {
        if (!entry.Deleting)
        {
            (entry.Deleting, entry.DueAt) = (true, now + Spacing);
            return entry.Full!.With(entry.Dropped);
        }

        (entry.Deleting, entry.Settling, entry.DueAt, entry.ToldOnce) = (false, true, now + Spacing, true);
        return "";
    }

    /// <summary>Home Assistant has had its moment; one that runs has heard of the deletion.</summary>
    private void Settle(Entry entry)
    {
        (entry.Settling, entry.DueAt) = (false, null);
        _settled.Add(entry.Topic);
        if (!_homeAssistantRuns) return;
        entry.Full = null;
        _changes[entry.Topic] = null;
    }

    /// <summary>What is there in the order of the house, then what was loaded and is not there.</summary>
    private void Sort(IReadOnlyList<DiscoveryConfig> configs)
    {
        var order = configs.Select((c, i) => (c.Topic, i)).ToDictionary(c => c.Topic, c => c.i, StringComparer.Ordinal);
        var sorted = _entries.OrderBy(e => order.GetValueOrDefault(e.Topic, int.MaxValue)).ToArray();
        _entries.Clear();
        _entries.AddRange(sorted);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset? b) => b > a ? b.Value : a;

    private sealed class Entry(string topic)
    {
        public string Topic { get; } = topic;

        /// <summary>What shall be announced; null: the device is gone.</summary>
        public DiscoveryConfig? Wanted { get; private set; }

        /// <summary>The last full message; null with <see cref="Wanted"/> null: nothing is left to do.</summary>
        public DiscoveryConfig? Full { get; set; }

        /// <summary>Components that went, in full.</summary>
        public Dictionary<string, JsonObject> Dropped { get; init; } = [];
        public DateTimeOffset? DueAt { get; set; }
        public DateTimeOffset? LastSent { get; set; }

        /// <summary>The end of the grace at start.</summary>
        public DateTimeOffset? NotBefore { get; set; }

        /// <summary>The full message was sent; the deletion is next.</summary>
        public bool Deleting { get; set; }

        /// <summary>The deletion was sent; it waits for a birth to be sent once more.</summary>
        public bool ToldOnce { get; set; }

        /// <summary>The deletion was sent just now: Home Assistant may still work on it.</summary>
        public bool Settling { get; set; }

        public void Want(DiscoveryConfig config)
        {
            foreach (var (id, component) in Full?.Components ?? [])
            {
                if (component is not JsonObject full || config.Components.ContainsKey(id)) continue;
                Dropped[id] = (JsonObject)full.DeepClone();
                ToldOnce = false;
            }

            foreach (var id in Dropped.Keys.Where(config.Components.ContainsKey).ToArray()) Dropped.Remove(id);
            if (Wanted is null) ToldOnce = false;
            (Wanted, Full, Deleting, Settling, NotBefore) = (config, config, false, false, null);
        }

        /// <summary>Takes components of an earlier message that are wanted no more among the dropped; false: there are none.</summary>
        public bool Drop(DiscoveryConfig earlier)
        {
            var gone = earlier.Components.Where(c => c.Value is JsonObject { Count: > 1 } && Wanted?.Components.ContainsKey(c.Key) == false && !Dropped.ContainsKey(c.Key)).ToList();
            foreach (var (id, component) in gone) Dropped[id] = (JsonObject)component!.DeepClone();
            if (gone.Count > 0) ToldOnce = false;
            return gone.Count > 0;
        }

        public void Remove() => (Wanted, Deleting, Settling, ToldOnce) = (null, false, false, false);
    }
}
