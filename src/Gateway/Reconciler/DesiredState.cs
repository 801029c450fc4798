using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Storage;

namespace Gateway.Reconciler;

/// <summary>What was asked of a group.</summary>
internal sealed record DesiredGroup
{
    public bool Active { get; init; }

    /// <summary>The source's written form; null: the configured one.</summary>
    public string? Source { get; init; }
    public int? Volume { get; init; }

    /// <summary>Each member's volume relative to the loudest (0..1), kept so that a group turned down to 0 comes back balanced (G6).</summary>
    public IReadOnlyDictionary<string, double> Balance { get; init; } = new Dictionary<string, double>();
    public bool Muted { get; init; }

    /// <summary>What an accepted command said it would cut, until it ended; null: nothing.</summary>
    public AnnouncedDrops? Announced { get; init; }
}

/// <summary>Links that an accepted command announced it would cut, and when.</summary>
internal sealed record AnnouncedDrops(DateTimeOffset At, IReadOnlyList<PlanDrop> Drops);

/// <summary>What was asked of a speaker.</summary>
internal sealed record DesiredSpeaker
{
    /// <summary>True: keep it connected; false: leave it alone, also as a group's member; null: as its groups need it.</summary>
    public bool? Connected { get; init; }
    public int? Volume { get; init; }
    public double TrimMs { get; init; }
    public bool KeepAwake { get; init; }
}

[JsonSerializable(typeof(DesiredGroup))]
[JsonSerializable(typeof(DesiredSpeaker))]
internal sealed partial class DesiredJson : JsonSerializerContext;

/// <summary>The commands' lasting part. Each change is committed before the method returns, so that what is answered as accepted survives. Owned by the reconciler's loop.</summary>
internal sealed class DesiredState
{
    private const string Scope = "desired";
    private static readonly DesiredGroup s_untouchedGroup = new();
    private static readonly DesiredSpeaker s_untouchedSpeaker = new();
    private readonly Store _store;
    private readonly Dictionary<string, DesiredGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DesiredSpeaker> _speakers = new(StringComparer.Ordinal);
    private readonly List<string> _refused = [];

    public DesiredState(Store store)
    {
        _store = store;
        foreach (var (key, text) in store.All(Scope))
        {
            if (key.StartsWith("group/", StringComparison.Ordinal) && ForeignJson.TryRead(text, DesiredJson.Default.DesiredGroup) is { } group) _groups[key[6..]] = Possible(key[6..], group);
            else if (key.StartsWith("speaker/", StringComparison.Ordinal) && ForeignJson.TryRead(text, DesiredJson.Default.DesiredSpeaker) is { } speaker) _speakers[key[8..]] = Possible(key[8..], speaker);
            else store.TellUnreadable(Scope, key);
        }
    }

    /// <summary>What was stored and cannot be meant, in sentences: no command takes it.</summary>
    public IReadOnlyList<string> Refused => _refused;

    public DesiredGroup Group(string id) => _groups.GetValueOrDefault(id) ?? s_untouchedGroup;

    public DesiredSpeaker Speaker(string id) => _speakers.GetValueOrDefault(id) ?? s_untouchedSpeaker;

    /// <summary>What a group takes its sound from: the last word, else the configuration's; null: nothing.</summary>
    public SourceRef? SourceOf(ConfiguredGroup group) => Group(group.Id).Source is { } text && SourceRef.TryParse(text, out var desired) ? desired : group.Source;

    public void Set(string groupId, DesiredGroup group) => Commit([new(groupId, group)], []);

    public void Set(string speakerId, DesiredSpeaker speaker) => Commit([], [new(speakerId, speaker)]);

    /// <summary>For what is done in any case, as a full disk must keep nobody from switching off. Returns why it is not stored yet, as a part of a sentence; null: it is.</summary>
    public string? SetAnyway(string groupId, DesiredGroup group)
    {
        _groups[groupId] = group;
        return _store.Keep(Scope, KeyOfGroup(groupId), Write(group));
    }

    /// <inheritdoc cref="SetAnyway(string, DesiredGroup)"/>
    public string? SetAnyway(string speakerId, DesiredSpeaker speaker)
    {
        _speakers[speakerId] = speaker;
        return _store.Keep(Scope, KeyOfSpeaker(speakerId), Write(speaker));
    }

    /// <summary>Commits several changes in one transaction.</summary>
    public void Commit(IReadOnlyCollection<KeyValuePair<string, DesiredGroup>> groups, IReadOnlyCollection<KeyValuePair<string, DesiredSpeaker>> speakers)
    {
        _store.Put(Scope,
        [
            .. groups.Select(g => KeyValuePair.Create(KeyOfGroup(g.Key), (string?)Write(g.Value))),
            .. speakers.Select(s => KeyValuePair.Create(KeyOfSpeaker(s.Key), (string?)Write(s.Value))),
        ]);
        foreach (var (id, group) in groups) _groups[id] = group;
        foreach (var (id, speaker) in speakers) _speakers[id] = speaker;
    }

    private static string KeyOfGroup(string id) => "group/" + id;

    private static string KeyOfSpeaker(string id) => "speaker/" + id;

    private static string Write(DesiredGroup group) => JsonSerializer.Serialize(group, DesiredJson.Default.DesiredGroup);

    private static string Write(DesiredSpeaker speaker) => JsonSerializer.Serialize(speaker, DesiredJson.Default.DesiredSpeaker);

    private DesiredSpeaker Possible(string id, DesiredSpeaker speaker)
    {
        if (!CommandValues.IsTrim(speaker.TrimMs))
        {
            _refused.Add($"The stored trim of {id}, {speaker.TrimMs.ToString(CultureInfo.InvariantCulture)} ms, is none; it has no trim now.");
            speaker = speaker with { TrimMs = 0 };
        }

        if (speaker.Volume is not (< 0 or > 100)) return speaker;
        _refused.Add($"The stored volume of {id}, {speaker.Volume}, is none; it is left as it is.");
        return speaker with { Volume = null };
    }

    private DesiredGroup Possible(string id, DesiredGroup group)
    {
        if (group.Announced is { } announced && announced.Drops?.All(d => d is { Device: not null, Peer: not null }) != true)
        {
            _refused.Add($"What is stored of the links that {id} was to cut cannot be read; it counts as not announced.");
            group = group with { Announced = null };
        }

        if (group.Volume is not (< 0 or > 100) && group.Balance is { } balance && balance.Values.All(b => b is >= 0 and <= 1)) return group;
        _refused.Add($"The stored volume of {id} is none; it is left as it is.");
        return group with { Volume = null, Balance = new Dictionary<string, double>() };
    }
}
