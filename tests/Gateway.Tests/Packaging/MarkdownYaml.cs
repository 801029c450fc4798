using System.Text.RegularExpressions;

namespace Gateway.Tests.Packaging;

/// <summary>The YAML that a page shows, to be read as users will copy it.</summary>
internal static partial class MarkdownYaml
{
    public static IReadOnlyList<string> Blocks(string page) => [.. Block().Matches(RepositoryFiles.Text(page)).Select(m => m.Groups[1].Value)];

    [GeneratedRegex(@"(?ms)^```yaml\n(.*?)^```$")]
    private static partial Regex Block();
}
