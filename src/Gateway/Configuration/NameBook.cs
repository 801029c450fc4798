using Gateway.Engine;
using Gateway.Engine.Text;

namespace Gateway.Configuration;

/// <summary>The kinds of things that have an id.</summary>
internal enum DeviceKind
{
    Echo,
    Speaker,
    Transmitter,
    Group,
    Routine,
}

/// <summary>What a reference turned out to mean: an entry, or a message and a remedy.</summary>
internal readonly record struct Reference(NameBook.Entry? Entry, string Message, string Remedy);

/// <summary>Finds things by what people call them: by id, else by a name that reads the same, else by an id in other case. Built once, then only read.</summary>
internal sealed class NameBook
{
    /// <summary>Comparing is quadratic in a hostile file; no house has so many.</summary>
    private const int MaxCompared = 250;

    private readonly List<Entry> _entries = [];
    private readonly Dictionary<(DeviceKind, string), Entry> _byId = [];
    private readonly Dictionary<(DeviceKind, string), List<Entry>> _byName = [];

    public sealed record Entry(DeviceKind Kind, string Id, string Name);

    public static NameBook Of(HouseConfiguration house)
    {
        var book = new NameBook();
        foreach (var echo in house.Echoes) book.Add(DeviceKind.Echo, echo.Id, echo.Name);
        foreach (var speaker in house.Speakers) book.Add(DeviceKind.Speaker, speaker.Id, speaker.Name);
        foreach (var transmitter in house.Transmitters) book.Add(DeviceKind.Transmitter, transmitter.Id, transmitter.Name);
        foreach (var group in house.Groups) book.Add(DeviceKind.Group, group.Id, group.Name);
        foreach (var routine in house.Routines) book.Add(DeviceKind.Routine, routine.Id, routine.Name);
        return book;
    }

    public void Add(DeviceKind kind, string id, string name)
    {
        var entry = new Entry(kind, id, name);
        _entries.Add(entry);
        _byId.TryAdd((kind, id), entry);
        var folded = NameFolding.Fold(name);
        if (!_byName.TryGetValue((kind, folded), out var same)) _byName[(kind, folded)] = same = [];
        same.Add(entry);
    }

    public bool IsSpeaker(string id) => _byId.ContainsKey((DeviceKind.Speaker, id));

    /// <summary>The one thing of the given kinds that <paramref name="text"/> means.</summary>
    public Reference Find(string text, params ReadOnlySpan<DeviceKind> kinds)
    {
        var wanted = ReadableText.Trim(text);
        var folded = NameFolding.Fold(wanted);
        var found = new List<Entry>();
        foreach (var kind in kinds)
        {
            if (_byId.GetValueOrDefault((kind, wanted)) is { } entry) found.Add(entry);
        }

        if (found.Count == 0)
        {
            foreach (var kind in kinds) found.AddRange(_byName.GetValueOrDefault((kind, folded)) ?? []);
        }

        if (found.Count == 0)
        {
            foreach (var kind in kinds)
            {
                if (_byId.GetValueOrDefault((kind, folded)) is { } entry) found.Add(entry);
            }
        }

        found = [.. found.DistinctBy(e => (e.Kind, e.Id))]; // two of one id are told where they stand
        var shown = Yaml.Problems.Quote(wanted);
        if (found.Count == 1) return new Reference(found[0], "", "");
        if (found.Count > 1) return new Reference(null, $"{shown} is the name of several: {string.Join(", ", found.Take(10).Select(e => $"{Word(e.Kind)} {e.Id}"))}.", "Use the id.");
        var words = Words(kinds);
        return new Reference(null, $"There is no {words} {shown}.", Nearest(wanted, kinds, words));
    }

    public static string Word(DeviceKind kind) => kind == DeviceKind.Echo ? "Echo" : kind.ToString().ToLowerInvariant();

    private string Nearest(string wanted, ReadOnlySpan<DeviceKind> kinds, string words)
    {
        var allowed = kinds.ToArray();
        var known = _entries.Where(e => allowed.Contains(e.Kind)).Take(MaxCompared).ToList();
        if (known.Count == 0) return $"No {words} is configured.";
        // Names and ids are both offered, but of one thing only the nearer.
        var near = NearestNames.Find(wanted, known.SelectMany(e => new[] { e.Id, e.Name }), count: 6);
        var offered = new List<string>();
        var entries = new HashSet<Entry>();
        foreach (var text in near)
        {
            var meant = known.Where(e => e.Id == text || e.Name == text).ToList();
            if (offered.Count < 3 && meant.Any(entries.Add)) offered.Add($"\"{text}\"");
        }

        if (offered.Count > 0) return $"Did you mean {string.Join(" or ", offered)}?";
        // People know names; where one name is several things', only the id tells them apart.
        return known.Count <= 12
            ? $"Known are {string.Join(", ", known.Select(e => known.Count(o => NameFolding.Fold(o.Name) == NameFolding.Fold(e.Name)) == 1 ? e.Name : e.Id).Distinct())}."
            : "Use an id or a name of this configuration.";
    }

    private static string Words(ReadOnlySpan<DeviceKind> kinds)
    {
        var words = new List<string>();
        foreach (var kind in kinds) words.Add(Word(kind));
        return string.Join(" or ", words);
    }
}
