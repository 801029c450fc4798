using System.Diagnostics;
using System.Text.RegularExpressions;
using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Tests.Packaging;

/// <summary>What a newcomer copies from the README, and the service that it installs.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void The_ten_lines_pass_the_check_and_make_a_party()
    {
        var lines = Assert.Single(MarkdownYaml.Blocks("README.md"));

        var result = ConfigurationLoader.Parse(lines, "/tmp/tutti.yaml", catalogue: CatalogueLoader.BuiltIn);

        Assert.Equal(10, lines.TrimEnd().Split('\n').Length);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Warnings);
        Assert.NotNull(result.Configuration!.Mqtt.Embedded);
        var party = Assert.Single(result.Configuration.House.Groups);
        var plan = Planner.Plan(new Engine.House(result.Configuration.House, HouseObservation.Nothing, CatalogueLoader.BuiltIn), new PlanRequest { Group = party.Id, Members = party.Members, Source = party.Source });
        Assert.Equal((true, Route.FanOut, "kitchen"), (plan.Feasible, plan.Route, party.Source!.Argument));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("ha-addon/README.md")]
    [InlineData("ha-addon/DOCS.md")]
    public void Every_link_and_every_script_is_there(string page)
    {
        var text = RepositoryFiles.Text(page);
        var links = Link().Matches(text).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal)).Select(l => l.Split('#')[0]);
        var scripts = Script().Matches(text).Select(m => m.Groups[1].Value);

        Assert.All(links.Concat(scripts).Distinct(), path => Assert.True(File.Exists(RepositoryFiles.PathOf(path)) || Directory.Exists(RepositoryFiles.PathOf(path)), $"{page} speaks of {path}, which is not there."));
    }

    [Fact]
    public void The_service_is_one_that_systemd_takes()
    {
        var unit = RepositoryFiles.Text("config/systemd/tutti.service");

        Assert.Matches(@"(?m)^ExecStart=/usr/local/lib/tutti/tutti run --config /etc/tutti/tutti\.yaml --data /var/lib/tutti$", unit);
        Assert.Matches("(?m)^AmbientCapabilities=CAP_NET_RAW$", unit);
        Assert.Matches("(?m)^StateDirectory=tutti$", unit);
        Assert.All(unit.Split('\n').Where(l => l.Length > 0), l => Assert.Matches(@"^(#.*|\[(Unit|Service|Install)\]|[A-Z][A-Za-z]+=\S.*)$", l));
        if (File.Exists("/usr/bin/systemd-analyze")) Verify(unit);
    }

    /// <summary>systemd's own judgement; the program need not be installed.</summary>
    private static void Verify(string unit)
    {
        var folder = Directory.CreateTempSubdirectory("tutti-unit-");
        var path = Path.Combine(folder.FullName, "tutti.service");
        File.WriteAllText(path, unit.Replace("/usr/local/lib/tutti/tutti", "/bin/true", StringComparison.Ordinal));
        using var verify = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", path]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = verify.StandardError.ReadToEnd() + verify.StandardOutput.ReadToEnd();
        verify.WaitForExit();
        folder.Delete(recursive: true);
        // It also judges units of this machine that ours comes after.
        Assert.DoesNotContain(said.Split('\n'), l => l.Contains("tutti.service", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\]\(([^)#\s]+[^)\s]*)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<![\w/.-])(?:\./)?((?:scripts|config|docs|ha-addon)/[\w./-]*\w)")]
    private static partial Regex Script();
}
