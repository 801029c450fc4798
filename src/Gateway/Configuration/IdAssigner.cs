using Gateway.Configuration.Yaml;
using EngineIds = Gateway.Engine.Text.Ids;

namespace Gateway.Configuration;

/// <summary>
/// Gives every configured thing its id: its own <c>id:</c>, else the id stored for its name, else the address or serial, else the slug of its
/// name. Echoes and speakers share one space, because groups and plans name both by id alone; each other kind has its own.
/// </summary>
internal sealed class IdAssigner(Problems problems, IReadOnlyDictionary<string, string> knownIds)
{
    private readonly Dictionary<(DeviceKind Space, string Id), (string What, int Line)> _taken = [];
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);

    /// <summary>What a new thing brings: its block, its name, and the id that its address or serial makes.</summary>
    public sealed record Candidate(MapReader Block, string Name, string? Natural);

    /// <summary>The ids that come from a name, by <c>kind:name</c>: to be stored. Written ids, addresses and serials need no storing: they stay.</summary>
    public IReadOnlyDictionary<string, string> Ids => _ids;

    public static string Key(DeviceKind kind, string name) => $"{kind.ToString().ToLowerInvariant()}:{name.ToLowerInvariant()}";

    /// <summary>The ids in the candidates' order; a clash is reported, and its id given all the same, so that reading goes on.</summary>
    public IReadOnlyList<string> Assign(DeviceKind kind, IReadOnlyList<Candidate> candidates)
    {
        var stored = StoredIds(kind, candidates);
        var ids = new List<string>();
        foreach (var candidate in candidates)
        {
            var given = Given(candidate.Block);
            var id = given ?? stored.GetValueOrDefault(candidate) ?? Derived(candidate);
            Take(kind, id, candidate);
            if (given is null && id != candidate.Natural) _ids.TryAdd(Key(kind, candidate.Name), id);
            ids.Add(id);
        }

        return ids;
    }

    private static string Derived(Candidate candidate) => candidate.Natural ?? EngineIds.Slug(candidate.Name);

    /// <summary>Of several things with one name only one can own the stored id: the one that would get it anyway, else the first.</summary>
    private Dictionary<Candidate, string> StoredIds(DeviceKind kind, IReadOnlyList<Candidate> candidates)
    {
        var stored = new Dictionary<Candidate, string>(ReferenceEqualityComparer.Instance);
        foreach (var same in candidates.Where(c => !c.Block.Has("id")).GroupBy(c => Key(kind, c.Name), StringComparer.Ordinal))
        {
            if (!knownIds.TryGetValue(same.Key, out var id) || !EngineIds.IsValid(id)) continue;
            stored[same.FirstOrDefault(c => Derived(c) == id) ?? same.First()] = id;
        }

        return stored;
    }

    private static string? Given(MapReader block)
    {
        if (block.Scalar("id") is not { } scalar) return null;
        var id = scalar.Text.Trim();
        if (EngineIds.IsValid(id)) return id;
        AddNoId(scalar, block.Problems);
        return null;
    }

    public static void AddNoId(YamlScalar at, Problems problems) =>
        problems.Add(at, $"{at.Shown} is not an id.", $"Use 1 to {EngineIds.MaxLength} of a-z, 0-9 and _, such as {(at.Hidden ? "living_room" : EngineIds.Slug(at.Text))}.");

    private void Take(DeviceKind kind, string id, Candidate candidate)
    {
        var space = kind == DeviceKind.Speaker ? DeviceKind.Echo : kind;
        var what = $"{NameBook.Word(kind)} {Problems.Quote(candidate.Name)}";
        var place = candidate.Block.Place("id");
        if (_taken.TryAdd((space, id), (what, candidate.Block.At.Line))) return;
        var (other, line) = _taken[(space, id)];
        problems.Add(place, $"The {what} has the id {id}, which is already that of the {other} in line {line}.", $"Give one of them an id: of its own, such as id: {Numbered(space, id)}.");
    }

    private string Numbered(DeviceKind space, string id)
    {
        var stem = id.Length > EngineIds.MaxLength - 4 ? id[..(EngineIds.MaxLength - 4)] : id;
        var number = 2;
        while (number < 999 && _taken.ContainsKey((space, $"{stem}_{number}"))) number++;
        return $"{stem}_{number}";
    }
}
