using System.Globalization;
using System.Text;

namespace Gateway.Benchmarks.Sync;

/// <summary>The largest offset of any pair over time, one curve per system, on a logarithmic scale (SVG; readable on light and dark).</summary>
internal static class OffsetPlot
{
    private const int Width = 900;
    private const int Height = 380;
    private const int Left = 64;
    private const int Right = 16;
    private const int Top = 64;
    private const int Bottom = 44;
    private const int LowestDecade = -3;
    private const int HighestDecade = 3;

    // Okabe and Ito's palette: told apart by colour-blind eyes, on white and on black.
    private static readonly string[] s_colours = ["#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#0072B2"];

    public static string Draw(IReadOnlyList<(string Title, IReadOnlyList<(double At, double WorstMs)> Curve)> systems, IReadOnlyList<(double At, string Label)> marks)
    {
        var begin = systems.Min(s => s.Curve[0].At);
        var seconds = (systems.Max(s => s.Curve[^1].At) - begin) / 1e9;
        var svg = new StringBuilder(65_536);
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n");
        svg.Append("<title>Largest offset between any two of three speakers over time</title>\n");
        svg.Append("<style>text{fill:#444}.g{stroke:#8886}.m{stroke:#8888;stroke-dasharray:4 3}@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>\n");
        Axes(svg, seconds);
        for (var i = 0; i < marks.Count; i++) Mark(svg, X((marks[i].At - begin) / 1e9, seconds), marks[i].Label, i == marks.Count - 1);
        for (var i = 0; i < systems.Count; i++) Curve(svg, systems[i].Curve, begin, seconds, s_colours[i % s_colours.Length]);
        double x = Left;
        for (var i = 0; i < systems.Count; i++) x = Legend(svg, systems[i].Title, s_colours[i % s_colours.Length], x);
        return svg.Append("</svg>\n").ToString();
    }

    private static void Axes(StringBuilder svg, double seconds)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\" font-size=\"13\">Largest offset between any two of three speakers, ms (logarithmic)</text>\n");
        for (var decade = LowestDecade; decade <= HighestDecade; decade++)
        {
            var y = Y(Math.Pow(10, decade));
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"g\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/><text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{Math.Pow(10, decade):0.###}</text>\n");
        }

        var step = seconds > 200 ? 60 : 20;
        for (var s = 0; s <= seconds; s += step)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(s, seconds):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{s}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 8}\" text-anchor=\"middle\">time since all speakers sounded, s</text>\n");
    }

    /// <summary>The last one's label stands to its right, the others' to their left: so there is room.</summary>
    private static void Mark(StringBuilder svg, double x, string label, bool isLast) => svg.Append(
        CultureInfo.InvariantCulture,
        $"<line class=\"m\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text x=\"{(isLast ? x - 4 : x + 4):0.#}\" y=\"{Top - 6}\" text-anchor=\"{(isLast ? "start" : "end")}\" font-size=\"11\">{label}</text>\n");

    private static void Curve(StringBuilder svg, IReadOnlyList<(double At, double WorstMs)> curve, double begin, double seconds, string colour)
    {
        var path = new StringBuilder();
        var draws = false;
        foreach (var (at, worst) in curve)
        {
            if (!double.IsNaN(worst)) path.Append(CultureInfo.InvariantCulture, $"{(draws ? 'L' : 'M')}{X((at - begin) / 1e9, seconds):0.#} {Y(worst):0.#}");
            draws = !double.IsNaN(worst);
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\" stroke-linejoin=\"round\"/>\n");
    }

    /// <summary>Returns where the next one begins.</summary>
    private static double Legend(StringBuilder svg, string title, string colour, double x)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.#}\" y=\"28\" width=\"12\" height=\"12\" fill=\"{colour}\"/><text x=\"{x + 17:0.#}\" y=\"38\">{title}</text>\n");
        return x + 42 + (6.3 * title.Length); // no font is at hand to measure: rather too wide
    }

    private static double X(double seconds, double all) => Left + ((Width - Left - Right) * seconds / all);

    private static double Y(double milliseconds)
    {
        var decade = Math.Clamp(Math.Log10(Math.Max(1e-9, milliseconds)), LowestDecade, HighestDecade);
        return Top + ((Height - Top - Bottom) * (HighestDecade - decade) / (HighestDecade - LowestDecade));
    }
}
