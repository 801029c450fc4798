using System.Text.RegularExpressions;
using Gateway.Configuration;

namespace Gateway.Tests.Packaging;

/// <summary>Sentences are for people; a rule's code stands in its own member, or in its own column.</summary>
public sealed partial class PlainWordsTests
{
    [Fact]
    public void No_text_of_the_sources_bears_a_rules_code()
    {
        var files = RepositoryFiles.All().Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)).ToArray();
        var codes = 0;
        foreach (var file in files)
        {
            foreach (var line in RepositoryFiles.Text(file).Split('\n').Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                foreach (var text in Literal().Matches(line).Select(m => m.Groups[1].Value))
                {
                    if (Code().Match(text) is not { Success: true } code) continue;
                    Assert.True(code.Length == text.Length, $"{file}: \"{text}\" bears the code {code.Value}. Say it in words; the code belongs into the rules.");
                    codes++;
                }
            }
        }

        Assert.True(codes > 100, $"The search found only {codes} codes: it does not see the sources as they are.");
    }

    [Fact]
    public void No_text_of_the_catalogue_bears_a_rules_code()
    {
        var catalogue = CatalogueLoader.BuiltIn;

        Assert.All(catalogue.Speakers, s => Assert.DoesNotMatch(Code(), $"{s.Limitation} {s.Remedy}"));
        Assert.All(catalogue.Echoes, e => Assert.DoesNotMatch(Code(), e.Note ?? ""));
    }

    [GeneratedRegex(@"\b[LTGS][1-9]\b")]
    private static partial Regex Code();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex Literal();
}
