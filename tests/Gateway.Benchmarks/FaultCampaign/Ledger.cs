using System.Text.Json;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A command that was sent, and what was heard of it.</summary>
internal sealed class Entry(int number, string target, string value)
{
    public int Number => number;
    public string Target => target;
    public string Value => value;
    public bool Accepted { get; set; }

    /// <summary>It was carried out although it could not be stored, and the answer said so: a restart may undo it.</summary>
    public bool Unstored { get; set; }

    /// <summary>Who would have told its end was ended before it could.</summary>
    public bool MayEndUnheard { get; set; }

    /// <summary>Its ends as they were said, each once: a broker may hand one message out twice.</summary>
    public HashSet<string> Ends { get; } = new(StringComparer.Ordinal);
    public string? Result { get; set; }
}

/// <summary>
/// What was asked of one gateway, answered and shown: the campaign's invariants are questions to it. The campaign's own client writes on its receive loop, the campaign reads.
/// </summary>
internal sealed class Ledger(string baseTopic)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Entry> _entries = [];
    private readonly Dictionary<string, List<Entry>> _byTarget = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> _states = new(StringComparer.Ordinal);
    private readonly HashSet<(string Device, string Peer)> _announced = [];

    /// <summary>The peer of each Echo's link, and the one before it.</summary>
    private readonly Dictionary<string, (string? Before, string? Now)> _linked = new(StringComparer.Ordinal);
    private int _next;

    public int Commands => _next;

    /// <summary>Links that an event called replaced, and no accepted command had named.</summary>
    public int UnannouncedCuts { get; private set; }

    public bool IsOnline { get; private set; }

    public Entry Open(string target, string value)
    {
        lock (_gate)
        {
            var entry = new Entry(_next++, target, value);
            _entries.Add(entry.Number, entry);
            if (!_byTarget.TryGetValue(target, out var list)) _byTarget[target] = list = [];
            list.Add(entry);
            return entry;
        }
    }

    public void Hear(string topic, byte[] payload)
    {
        if (payload.Length == 0 || !topic.StartsWith(baseTopic + "/", StringComparison.Ordinal)) return;
        if (topic.EndsWith("/availability", StringComparison.Ordinal))
        {
            if (topic.StartsWith($"{baseTopic}/gateway/", StringComparison.Ordinal)) IsOnline = payload.AsSpan().SequenceEqual("online"u8);
            return;
        }

        using var document = JsonDocument.Parse(payload);
        lock (_gate)
        {
            if (topic == $"{baseTopic}/response") HearAnswer(document.RootElement, payload);
            else if (topic == $"{baseTopic}/event") HearEvent(document.RootElement);
            else HearState(topic, document.RootElement.Clone());
        }
    }

    /// <summary>Commands of the first so many that were accepted and have no end.</summary>
    public IReadOnlyList<Entry> WithoutEnd(int before)
    {
        lock (_gate) return [.. _entries.Values.Where(e => e.Number < before && e is { Accepted: true, Result: null, MayEndUnheard: false })];
    }

    /// <summary>Nobody is left who could say the end of what is under way.</summary>
    public void ForgetWhatIsUnderWay()
    {
        lock (_gate) foreach (var entry in _entries.Values.Where(e => e.Result is null)) entry.MayEndUnheard = true;
    }

    /// <summary>Another process, another simulated house: its links begin anew, and none of them was cut.</summary>
    public void ForgetLinks()
    {
        lock (_gate) _linked.Clear();
    }

    /// <summary>Commands with two different ends.</summary>
    public int AnsweredTwice()
    {
        lock (_gate) return _entries.Values.Count(e => e.Ends.Count > 1);
    }

    /// <summary>Settings whose state is neither the last value that was taken nor one asked for after it.</summary>
    public IReadOnlyList<string> Lost()
    {
        lock (_gate) return [.. _byTarget.Where(t => IsLost(t.Key, t.Value)).Select(t => $"{t.Key}: shows {Shown(t.Key)}, taken was {t.Value.LastOrDefault(IsTaken)?.Value}")];
    }

    /// <summary>What was taken before counts no more: the disk itself lost it.</summary>
    public void ForgetWhatWasTaken()
    {
        lock (_gate) _byTarget.Clear();
    }

    private static bool IsTaken(Entry entry) => (entry.Accepted || entry.Result == "done") && !entry.Unstored;

    private bool IsLost(string target, List<Entry> entries)
    {
        var last = entries.FindLastIndex(IsTaken);
        if (last < 0 || Shown(target) is not { } shown) return false;
        return !entries.Skip(last).Where(e => e == entries[last] || e.Result is null || e.Unstored).Any(e => e.Value == shown);
    }

    private string? Shown(string target)
    {
        var parts = target.Split('/');
        if (parts[0] == "echo") return null; // a link is nobody's for good
        if (!_states.TryGetValue($"{baseTopic}/{parts[0]}/{parts[1]}/state", out var state)) return null;
        var member = parts[2] switch { "active" => "desired", "mute" => "muted", var same => same };
        if (!state.TryGetProperty(member, out var value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.True => "ON",
            JsonValueKind.False => "OFF",
            JsonValueKind.String when member == "desired" => value.GetString() == "on" ? "ON" : "OFF",
            JsonValueKind.Null => null,
            _ => value.ToString(),
        };
    }

    private void HearAnswer(JsonElement answer, byte[] payload)
    {
        if (answer.GetProperty("correlation").GetString() is not { } text || !int.TryParse(text, out var number) || !_entries.TryGetValue(number, out var entry)) return;
        if (answer.TryGetProperty("drops", out var drops)) foreach (var drop in drops.EnumerateArray()) _announced.Add((drop.GetProperty("device").GetString()!, drop.GetProperty("peer").GetString()!));
        var result = answer.GetProperty("result").GetString();
        entry.Unstored |= answer.GetProperty("reason").GetString()?.Contains("could not be stored", StringComparison.Ordinal) == true;
        if (result == "accepted")
        {
            entry.Accepted = true;
            return;
        }

        entry.Result = result;
        entry.Ends.Add(System.Text.Encoding.UTF8.GetString(payload));
    }

    private void HearEvent(JsonElement happened)
    {
        if (happened.GetProperty("event_type").GetString() != "link_replaced") return;
        if (happened.GetProperty("device").GetString() is not { } device) return;
        // The event names the new peer, and may come before or after the state that shows it.
        var link = _linked.GetValueOrDefault(device);
        var replaced = link.Now == happened.GetProperty("peer").GetString() ? link.Before : link.Now;
        if (!_announced.Any(a => a.Device == device && (replaced is null || a.Peer == replaced))) UnannouncedCuts++;
    }

    private void HearState(string topic, JsonElement state)
    {
        _states[topic] = state;
        if (!topic.StartsWith($"{baseTopic}/echo/", StringComparison.Ordinal)) return;
        var peer = state.GetProperty("bluetooth").GetProperty("peer");
        if (peer.ValueKind != JsonValueKind.Object || peer.GetProperty("id").GetString() is not { } now) return;
        var echo = state.GetProperty("id").GetString()!;
        var link = _linked.GetValueOrDefault(echo);
        if (link.Now != now) _linked[echo] = (link.Now, now);
    }
}
