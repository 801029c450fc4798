using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Gateway.Tests.Packaging;

/// <summary><c>docs/dependencies.md</c> against what is really used.</summary>
public sealed partial class DependencyPageTests
{
    private static readonly string s_page = RepositoryFiles.Text("docs/dependencies.md");

    [Fact]
    public void Every_package_has_a_row_with_its_exact_version()
    {
        var packages = XDocument.Load(RepositoryFiles.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .Select(p => (Name: p.Attribute("Include")!.Value, Version: p.Attribute("Version")!.Value)).ToArray();

        Assert.NotEmpty(packages);
        Assert.All(packages, p => Assert.Matches(@"^\[[^,\]]+\]$", p.Version));
        Assert.All(packages, p => Assert.Contains($"| {p.Name} | {p.Version.Trim('[', ']')} |", s_page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("test")]
    [InlineData("bench")]
    [InlineData("scripts/publish-aot")]
    [InlineData("scripts/common.sh")]
    [InlineData("tests/btlab/install")]
    [InlineData("scripts/picture-home-assistant")]
    [InlineData("scripts/check-alexa-remote2")]
    public void Every_Debian_package_that_a_script_installs_has_a_row(string script)
    {
        var packages = Installed().Matches(RepositoryFiles.Text(script))
            .SelectMany(m => m.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(word => !word.Contains('$', StringComparison.Ordinal));

        Assert.NotEmpty(packages);
        Assert.All(packages, name => Assert.Contains($"| {name} |", s_page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_changelog_has_a_place_for_what_comes() =>
        Assert.Contains("## [Unreleased]", RepositoryFiles.Text("CHANGELOG.md"), StringComparison.Ordinal);

    [GeneratedRegex(@"(?:packages\+?=\(|need_packages )([a-z0-9 .+-]+)")]
    private static partial Regex Installed();
}
