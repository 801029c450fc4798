using System.Text.RegularExpressions;

namespace Gateway.Tests.Architecture;

/// <param name="Path">Relative to the repository, such as <c>src/Gateway/Mqtt/Topics.cs</c>.</param>
internal sealed record SourceFile(string Path, string Text);

/// <summary>One part of the program names another in one file.</summary>
/// <param name="From">A folder of the program such as <c>Mqtt</c>, or <c>Program.cs</c>.</param>
/// <param name="To">A folder, or the last word of a project such as <c>Engine</c>.</param>
internal sealed record Use(string From, string To, string Path);

/// <summary>
/// Who uses whom in the program, as usings and qualified names tell: a folder is a namespace, so that a file can name nothing of another folder without
/// naming the folder too.
/// </summary>
internal static partial class SourceUses
{
    private const string Root = "src/Gateway/";

    /// <summary>The folder that a file of the program is in; <c>Program.cs</c> for the file beside them; null: it is no file of the program.</summary>
    public static string? FolderOf(string path) => path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..].Split('/')[0] : null;

    /// <param name="files">All of <c>src/</c>.</param>
    public static IReadOnlyList<Use> Find(IReadOnlyList<SourceFile> files)
    {
        var code = files.Select(f => f with { Text = WithoutComments(f.Text) }).ToList();
        var types = code.SelectMany(f => Types().Matches(f.Text).Select(m => (Part: PartOf(f.Path), Name: m.Groups[1].Value))).ToLookup(t => t.Part, t => t.Name);
        var known = types.ToDictionary(t => t.Key, t => t.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        return [.. code.Where(f => FolderOf(f.Path) is not null).SelectMany(f => UsesOf(f, known)).Distinct()];
    }

    private static IEnumerable<Use> UsesOf(SourceFile file, Dictionary<string, HashSet<string>> known)
    {
        var from = FolderOf(file.Path)!;
        var whole = FromTheRoot().Matches(file.Text).Select(m => m.Groups[1].Value).Where(known.ContainsKey);
        // Inside Gateway.Mqtt, House.Command is Gateway.House.Command; a property of a folder's name is followed by no type of that folder.
        var relative = Relative().Matches(file.Text).Where(m => known.TryGetValue(m.Groups[1].Value, out var types) && types.Contains(m.Groups[2].Value)).Select(m => m.Groups[1].Value);
        return whole.Concat(relative).Where(to => to != from).Select(to => new Use(from, to, file.Path));
    }

    private static string PartOf(string path) => FolderOf(path) ?? path.Split('/')[1].Split('.')[^1];

    /// <summary>The shortest way round, such as <c>Mqtt, House, Mqtt</c>; null: there is none.</summary>
    public static IReadOnlyList<string>? Circle(IEnumerable<Use> uses)
    {
        var next = uses.ToLookup(u => u.From, u => u.To, StringComparer.Ordinal);
        return next.Select(n => WayBack(n.Key, next)).Where(w => w is not null).MinBy(w => w!.Count);
    }

    private static List<string>? WayBack(string start, ILookup<string, string> next)
    {
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var here))
        {
            foreach (var to in next[here].Where(to => cameFrom.TryAdd(to, here))) open.Enqueue(to);
        }

        if (!cameFrom.ContainsKey(start)) return null;
        List<string> way = [start];
        do way.Insert(0, cameFrom[way[0]]);
        while (way[0] != start);
        return way;
    }

    // Strings are matched so that // in them begins no comment.
    private static string WithoutComments(string text) => StringsAndComments().Replace(text, m => m.Value[0] == '/' ? "" : m.Value);

    [GeneratedRegex("""\"{3}[\s\S]*?\"{3}|"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*[\s\S]*?\*/""")]
    private static partial Regex StringsAndComments();

    [GeneratedRegex(@"\bGateway\.(\w+)")]
    private static partial Regex FromTheRoot();

    [GeneratedRegex(@"(?<![\w.])([A-Z]\w*)\.(?:[A-Z]\w*\.)*?([A-Z]\w*)")]
    private static partial Regex Relative();

    [GeneratedRegex(@"^(?:\[[^\]]*\]\s*)?(?:(?:public|internal|file|sealed|static|abstract|partial|readonly|unsafe|ref)\s+)*(?:class|record struct|record class|record|struct|interface|enum|delegate [\w<>?]+)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Types();
}
