using System.Text.RegularExpressions;
using Gateway.House;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>One list of commands: what is documented is what there is.</summary>
public sealed partial class CommandTableTests
{
    [Fact]
    public void The_page_about_MQTT_lists_exactly_these()
    {
        var documented = new HashSet<(string Kind, string Property)>();
        var kind = "";
        foreach (var line in RepositoryFiles.Text("docs/mqtt.md").Split('\n').SkipWhile(l => !l.StartsWith("## Commands", StringComparison.Ordinal)).TakeWhile(l => !l.StartsWith("### Answers", StringComparison.Ordinal)))
        {
            if (line.Split('|') is not [_, var first, var second, ..]) continue;
            if (first.Trim().Length > 0) kind = first.Trim();
            foreach (Match property in Property().Matches(second)) documented.Add((kind, property.Groups[1].Value));
        }

        Assert.Equal(CommandTable.All.Select(c => (c.Kind, c.Property)).Order(), documented.Order());
    }

    [Fact]
    public void Each_command_stands_once_and_is_of_a_known_kind()
    {
        Assert.All(CommandTable.All, c => Assert.Contains(c.Kind, CommandTable.Kinds));
        Assert.Equal(CommandTable.All.Count, CommandTable.All.Select(c => (c.Kind, c.Property)).Distinct().Count());
    }

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Property();
}
