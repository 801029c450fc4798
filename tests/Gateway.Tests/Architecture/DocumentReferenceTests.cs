using System.Text.RegularExpressions;

namespace Gateway.Tests.Architecture;

/// <summary>Comments and pages cite documents; each one that is cited is here, so that a reader finds what is meant.</summary>
public sealed partial class DocumentReferenceTests
{
    private static readonly string[] s_text = [".cs", ".md", ".yaml", ".yml", ".json", ".props", ".csproj", ".py", ".sh", ".c", ".conf", ".service", ".txt", ""];

    [Fact]
    public void Each_document_that_is_named_is_in_the_repository() =>
        Assert.Empty(RepositoryFiles.All().Where(f => s_text.Contains(Path.GetExtension(f)) && Path.GetFileName(f) != "DocumentReferenceTests.cs").SelectMany(f => Missing(f, RepositoryFiles.Text(f))));

    /// <summary>A recipe that names a file which has moved misleads whoever follows it.</summary>
    [Fact]
    public void Each_source_file_that_CONTRIBUTING_names_is_there()
    {
        var files = RepositoryFiles.All().Select(f => $"/{f}").ToList();

        Assert.All(SourceName().Matches(RepositoryFiles.Text("CONTRIBUTING.md")).Select(m => m.Groups[1].Value), named => Assert.Contains(files, f => f.EndsWith(named.StartsWith('.') ? named : $"/{named}", StringComparison.Ordinal)));
    }

    /// <summary>Sections are cited by number.</summary>
    [Fact]
    public void Each_section_that_is_cited_is_on_its_page() =>
        Assert.Empty(RepositoryFiles.All().Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).SelectMany(f => Section().Matches(RepositoryFiles.Text(f)).Select(m => (Page: m.Groups[1].Value, Number: m.Groups[2].Value, In: f)))
            .Where(s => File.Exists(RepositoryFiles.PathOf(s.Page)) && !RepositoryFiles.Text(s.Page).Contains($"\n## {s.Number}. ", StringComparison.Ordinal)).Select(s => $"{s.In}: {s.Page} has no section {s.Number}."));

    [Theory]
    [InlineData("src/A.cs", "// docs/mqtt.md says why", true)]
    [InlineData("docs/playback.md", "see [mqtt](mqtt.md#topics) and [the changes](../CHANGELOG.md)", true)]
    [InlineData("ha-addon/Dockerfile", "# see DOCS.md", true)]
    [InlineData("src/A.cs", "\"README.md\"", true)]
    [InlineData("src/A.cs", "// mqtt.md says why", false)]
    [InlineData("src/A.cs", "// plans.md, \"Routes\"", false)]
    [InlineData("docs/playback.md", "see ../../elsewhere/design.md", false)]
    public void A_document_is_named_from_the_root_or_from_the_file(string file, string text, bool there) =>
        Assert.Equal(there, !Missing(file, text).Any());

    private static IEnumerable<string> Missing(string file, string text) => Document().Matches(text).Select(m => m.Value).Where(named => !Candidates(file, named).Any(File.Exists)).Select(named => $"{file} names {named}, which is not there.");

    private static IEnumerable<string> Candidates(string file, string named) => ((string[])[RepositoryFiles.PathOf(named), Path.Combine(Path.GetDirectoryName(RepositoryFiles.PathOf(file))!, named)])
        .Select(Path.GetFullPath).Where(path => path.StartsWith(RepositoryFiles.Root + '/', StringComparison.Ordinal)); // what lies beside the checkout is not in it

    [GeneratedRegex(@"[\w./-]*\w\.md\b")]
    private static partial Regex Document();

    [GeneratedRegex(@"`([\w./-]+\.(?:cs|json|yaml|props))`")]
    private static partial Regex SourceName();

    [GeneratedRegex(@"(docs/\w+\.md)[^\n§]{0,3}§(\d+)")]
    private static partial Regex Section();
}
