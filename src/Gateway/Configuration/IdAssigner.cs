using Gateway.Configuration.Yaml;
using Gateway.Engine.Text;
using EngineIds = Gateway.Engine.Text.Ids;

namespace Gateway.Configuration;

/// <summary>
/// Gives every configured thing its id: its own <c>id:</c>, else the id stored for its name, else the address or serial, else the slug of its
/// name, else (no letter of the name can be written in an id, or another name has that slug) one with a number. Echoes and speakers share one space, because
/// groups and plans name both by id alone; each other kind has its own.
/// </summary>
internal sealed class IdAssigner(Problems problems, IReadOnlyDictionary<string, string> knownIds)
{
    private readonly Dictionary<(DeviceKind Space, string Id), Owner> _taken = [];
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

    /// <summary>Ids made here, by name as it reads.</summary>
    private readonly Dictionary<(DeviceKind Space, string Name), string> _made = [];
    private readonly ILookup<(DeviceKind Kind, string Name), string> _known = KnownByName(knownIds);
    private HashSet<(DeviceKind, string)>? _had;

    private sealed record Owner(string What, string Name, int Line);

    /// <summary>What a new thing brings: its block, its name, and the id that its address or serial makes.</summary>
    public sealed record Candidate(MapReader Block, string Name, string? Natural);

    /// <summary>The ids that come from a name, by <c>kind:name</c>: to be stored. Written ids, addresses and serials need no storing: they stay.</summary>
    public IReadOnlyDictionary<string, string> Ids => _ids;

    public static string Key(DeviceKind kind, string name) => $"{kind.ToString().ToLowerInvariant()}:{name.ToLowerInvariant()}";

    /// <summary>The ids in the candidates' order; a clash is reported, and its id given all the same, so that reading goes on.</summary>
    public IReadOnlyList<string> Assign(DeviceKind kind, IReadOnlyList<Candidate> candidates)
    {
        var stored = StoredIds(kind, candidates);
        var given = candidates.Select(c => Given(c.Block)).ToList();
        var ids = new string[candidates.Count];
        // What is fixed comes first: no id is made up that stands further down in the file.
        foreach (var fix in (bool[])[true, false])
        {
            for (var i = 0; i < ids.Length; i++)
            {
                var candidate = candidates[i];
                var id = given[i] ?? stored.GetValueOrDefault(candidate) ?? candidate.Natural;
                if ((id is not null) != fix) continue;
                ids[i] = id ?? Derived(kind, candidate.Name);
                Take(kind, ids[i], candidate);
            }
        }

        for (var i = 0; i < ids.Length; i++)
        {
            if (given[i] is null && ids[i] != candidates[i].Natural) _ids.TryAdd(Key(kind, candidates[i].Name), ids[i]);
        }

        return ids;
    }

    private static ILookup<(DeviceKind, string), string> KnownByName(IReadOnlyDictionary<string, string> knownIds) => knownIds
        .OrderBy(k => k.Key, StringComparer.Ordinal)
        .Select(k => (k.Key, Id: k.Value, Colon: k.Key.IndexOf(':', StringComparison.Ordinal)))
        .Where(k => EngineIds.IsValid(k.Id) && Enum.TryParse<DeviceKind>(k.Key[..Math.Max(0, k.Colon)], ignoreCase: true, out _))
        .ToLookup(k => (Enum.Parse<DeviceKind>(k.Key[..k.Colon], ignoreCase: true), NameFolding.Fold(k.Key[(k.Colon + 1)..])), k => k.Id);

    /// <summary>Two things of one name clash, as nobody could tell which is meant; two names that only make the same id do not.</summary>
    private string Derived(DeviceKind kind, string name)
    {
        var space = SpaceOf(kind);
        if (_made.TryGetValue((space, NameFolding.Fold(name)), out var id)) return id;
        var slug = EngineIds.Slug(name, out var isWhole);
        if (!isWhole && !slug.AsSpan().ContainsAnyInRange('a', 'z')) slug = ""; // the 2 of a Chinese name says nothing
        id = slug.Length == 0 ? Numbered(space, kind.ToString().ToLowerInvariant(), 1)
            : _taken.TryGetValue((space, slug), out var owner) && !NameFolding.Same(owner.Name, name) ? Numbered(space, slug, 2)
            : slug;
        return _made[(space, NameFolding.Fold(name))] = id;
    }

    /// <summary>Of several things with one name only one can own the stored id: the one that would get it anyway, else the first.</summary>
    private Dictionary<Candidate, string> StoredIds(DeviceKind kind, IReadOnlyList<Candidate> candidates)
    {
        var stored = new Dictionary<Candidate, string>(ReferenceEqualityComparer.Instance);
        foreach (var same in candidates.Where(c => !c.Block.Has("id")).GroupBy(c => c.Name, NameFolding.Comparer))
        {
            var id = same.Select(c => knownIds.GetValueOrDefault(Key(kind, c.Name))).FirstOrDefault(known => known is not null && EngineIds.IsValid(known))
                ?? _known[(kind, NameFolding.Fold(same.Key))].FirstOrDefault();
            if (id is null) continue;
            stored[same.FirstOrDefault(c => (c.Natural ?? EngineIds.Slug(c.Name)) == id) ?? same.First()] = id;
        }

        return stored;
    }

    private static string? Given(MapReader block)
    {
        if (block.Scalar("id") is not { } scalar) return null;
        var id = ReadableText.Trim(scalar.Text);
        if (EngineIds.IsValid(id)) return id;
        AddNoId(scalar, block.Problems);
        return null;
    }

    public static void AddNoId(YamlScalar at, Problems problems) =>
        problems.Add(at, $"{at.Shown} is not an id.", $"Use 1 to {EngineIds.MaxLength} of a-z, 0-9 and _, such as {(at.Hidden ? "living_room" : EngineIds.Slug(at.Text))}.");

    private void Take(DeviceKind kind, string id, Candidate candidate)
    {
        var space = SpaceOf(kind);
        var what = $"{NameBook.Word(kind)} {Problems.Quote(candidate.Name)}";
        var place = candidate.Block.Place("id");
        if (_taken.TryAdd((space, id), new Owner(what, candidate.Name, candidate.Block.At.Line))) return;
        var (other, _, line) = _taken[(space, id)];
        problems.Add(place, $"The {what} has the id {id}, which is already that of the {other} in line {line}.", $"Give one of them an id: of its own, such as id: {Numbered(space, id, 2)}.");
    }

    private static DeviceKind SpaceOf(DeviceKind kind) => kind == DeviceKind.Speaker ? DeviceKind.Echo : kind;

    /// <summary>A number that nobody has, nor had: whoever comes back finds its own.</summary>
    private string Numbered(DeviceKind space, string id, int number)
    {
        var stem = id.Length > EngineIds.MaxLength - 4 ? id[..(EngineIds.MaxLength - 4)] : id;
        _had ??= [.. _known.SelectMany(k => k.Select(had => (SpaceOf(k.Key.Kind), had)))];
        while (number < 999 && (_taken.ContainsKey((space, $"{stem}_{number}")) || _had.Contains((space, $"{stem}_{number}")))) number++;
        return $"{stem}_{number}";
    }
}
