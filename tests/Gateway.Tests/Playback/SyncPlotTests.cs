using System.Xml.Linq;
using Gateway.Playback.Telemetry;

namespace Gateway.Tests.Playback;

public sealed class SyncPlotTests
{
    [Fact]
    public void The_picture_is_well_formed_whatever_the_names_are_and_shows_each_measured_speaker()
    {
        var plot = new SyncPlot();
        for (var i = 0; i < 30; i++) plot.Add(new Dictionary<string, double?> { ["a"] = 0.1 * i, ["b"] = i < 10 ? null : -0.2 });

        var svg = XDocument.Parse(plot.Draw(id => id == "a" ? "<script>\u0007&\ud800" : "Flip 6"));

        XNamespace ns = "http://www.w3.org/2000/svg";
        Assert.Equal(2, svg.Descendants(ns + "path").Count());
        Assert.Empty(svg.Descendants(ns + "script"));
        Assert.Contains(svg.Descendants(ns + "text"), t => t.Value.StartsWith("Flip 6 -0.20", StringComparison.Ordinal));
        Assert.Contains("prefers-color-scheme:dark", svg.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_measurement_it_says_so_instead_of_a_line_at_zero()
    {
        var plot = new SyncPlot();
        plot.Add(new Dictionary<string, double?> { ["a"] = null });

        var svg = plot.Draw(id => id);

        Assert.Contains("not measured", svg, StringComparison.Ordinal);
        Assert.DoesNotContain("<path", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_plays_no_more_leaves_after_five_minutes()
    {
        var plot = new SyncPlot();
        plot.Add(new Dictionary<string, double?> { ["a"] = 1 });
        for (var i = 0; i < 300; i++) plot.Add(new Dictionary<string, double?>());

        Assert.True(plot.IsEmpty);
    }
}
