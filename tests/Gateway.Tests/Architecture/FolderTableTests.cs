using System.Text.RegularExpressions;

namespace Gateway.Tests.Architecture;

/// <summary>The program's folders against the table of docs/architecture.md: who may use whom. The table is exact, both ways.</summary>
public sealed partial class FolderTableTests
{
    private const string Page = "docs/architecture.md";
    private static readonly IReadOnlyList<SourceFile> s_source = [.. RepositoryFiles.All().Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)).Select(f => new SourceFile(f, RepositoryFiles.Text(f)))];
    private static readonly IReadOnlyList<Use> s_uses = SourceUses.Find(s_source);

    [Fact]
    public void Each_folder_of_the_program_has_its_row() =>
        Assert.Equal(s_source.Select(f => SourceUses.FolderOf(f.Path)).OfType<string>().Distinct().Order(StringComparer.Ordinal), Table().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void A_folder_uses_only_what_the_table_lets_it_use()
    {
        var table = Table();

        Assert.Empty(s_uses.Where(u => !table[u.From].Contains(u.To)).Select(u => $"{u.Path} uses {u.To}, which the row of {u.From} in {Page} does not list."));
    }

    [Fact]
    public void The_table_lists_nothing_that_is_not_used()
    {
        var uses = s_uses.Select(u => (u.From, u.To)).ToHashSet();

        Assert.Empty(Table().SelectMany(row => row.Value.Where(to => !uses.Contains((row.Key, to))).Select(to => $"The row of {row.Key} in {Page} lists {to}, and no file there uses it.")));
    }

    [Fact]
    public void No_folders_use_each_other_in_a_circle()
    {
        var circle = SourceUses.Circle(s_uses);

        Assert.True(circle is null, circle is null ? "" : $"{string.Join(" → ", circle)}, by {string.Join(", ", circle.Zip(circle.Skip(1)).Select(step => s_uses.First(u => (u.From, u.To) == step).Path))}.");
    }

    [Fact]
    public void The_namespace_of_each_file_is_its_folder() =>
        Assert.Empty(s_source.Where(f => SourceUses.FolderOf(f.Path) is not null).Where(f => NamespaceOf(f) != Path.GetDirectoryName(f.Path)!["src/".Length..].Replace('/', '.')).Select(f => $"{f.Path} is in the namespace {NamespaceOf(f)}."));

    /// <summary>A feature takes an options record, which Hosting makes.</summary>
    [Fact]
    public void Only_four_folders_see_the_whole_configuration() =>
        Assert.Empty(s_source.Where(f => SourceUses.FolderOf(f.Path) is not (null or "Configuration" or "Hosting" or "Cli" or "Demo") && f.Text.Contains("TuttiConfiguration", StringComparison.Ordinal)).Select(f => f.Path));

    [Theory]
    [InlineData("using Gateway.House;", "House")]
    [InlineData("namespace Gateway.Mqtt;\nclass A { House.Command? b; }", "House")]
    [InlineData("namespace Gateway.Mqtt;\nclass A { object b = new global::Gateway.House.Command(); }", "House")]
    [InlineData("var url = \"mqtt://\" + Gateway.House.Command.Name;", "House")]
    [InlineData("var text = $\"{House.Command.Name}\";", "House")]
    [InlineData("using Gateway.Engine;", "Engine")]
    [InlineData("// Gateway.House is not used here", null)]
    [InlineData("/// <summary>As <see cref=\"Gateway.House.Command\"/>.</summary>", null)]
    [InlineData("var a = house.House.Command; var b = House.Groups; using Gateway.Mqtt.Broker;", null)]
    public void A_use_is_seen_in_usings_and_in_qualified_names(string text, string? expected)
    {
        SourceFile[] source = [new("src/Gateway/Mqtt/A.cs", text), new("src/Gateway/House/Command.cs", "internal sealed record Command;"), new("src/Gateway.Engine/House.cs", "public sealed class House;")];

        Assert.Equal(expected is null ? [] : [new Use("Mqtt", expected, "src/Gateway/Mqtt/A.cs")], SourceUses.Find(source));
    }

    [Fact]
    public void The_shortest_circle_is_told()
    {
        Use[] uses = [new("A", "B", ""), new("B", "C", ""), new("C", "D", ""), new("D", "A", ""), new("C", "B", ""), new("D", "E", "")];

        Assert.Equal(["B", "C", "B"], SourceUses.Circle(uses)!);
        Assert.Null(SourceUses.Circle(uses[..3]));
    }

    private static string? NamespaceOf(SourceFile file) => Namespace().Match(file.Text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>Folder → what it uses, from rows <c>| `Mqtt/` | what it is | `House/`, `Engine` |</c>; a row may be of several folders.</summary>
    private static Dictionary<string, HashSet<string>> Table()
    {
        var rows = RepositoryFiles.Text(Page).Split('\n').SkipWhile(l => !l.StartsWith("| folder | what | uses |", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|'));
        return rows.Select(l => l.Split('|', StringSplitOptions.TrimEntries)).SelectMany(cells => Names(cells[1]).Select(folder => (folder, Uses: Names(cells[^2])))).ToDictionary(r => r.folder, r => r.Uses.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);

        static IEnumerable<string> Names(string cell) => Quoted().Matches(cell).Select(m => m.Groups[1].Value.TrimEnd('/'));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
