using System.Globalization;
using System.Text;

namespace Gateway.Playback.Telemetry;

/// <summary>
/// The offsets of the last five minutes as a picture (SVG), one line per speaker, readable on light and dark. One owner. Seconds in
/// which a speaker was not measured are gaps.
/// </summary>
internal sealed class SyncPlot
{
    private const int Seconds = 300;
    private const int Width = 640;
    private const int Height = 240;
    private const int Left = 56;
    private const int Right = 150;
    private const int Top = 28;
    private const int Bottom = 28;

    // Okabe and Ito's palette without black and yellow: told apart by colour-blind eyes, on white and on black.
    private static readonly string[] s_colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"];
    private readonly Dictionary<string, Queue<double?>> _offsets = new(StringComparer.Ordinal);

    public bool IsEmpty => _offsets.Count == 0;

    /// <summary>One second: every speaker that plays, null where it is not measured. The others get a gap, and leave when nothing of them is left.</summary>
    public void Add(IReadOnlyDictionary<string, double?> offsets)
    {
        foreach (var speaker in offsets.Keys.Where(s => !_offsets.ContainsKey(s))) _offsets[speaker] = new Queue<double?>();
        foreach (var (speaker, values) in _offsets.ToList())
        {
            values.Enqueue(offsets.GetValueOrDefault(speaker));
            if (values.Count > Seconds) values.Dequeue();
            if (!offsets.ContainsKey(speaker) && values.All(v => v is null)) _offsets.Remove(speaker);
        }
    }

    /// <param name="nameOf">The names for the legend.</param>
    public string Draw(Func<string, string> nameOf)
    {
        var known = _offsets.Values.SelectMany(v => v).OfType<double>().ToList();
        var scale = Math.Max(1, known.Count == 0 ? 1 : known.Max(Math.Abs) * 1.1);
        var svg = new StringBuilder(8192);
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"11\" role=\"img\">");
        svg.Append("<title>Offset of each speaker over the last five minutes</title>");
        svg.Append("<style>text{fill:#444}.l{stroke:#8888}@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"16\" font-size=\"12\">Offset, ms (positive = late)</text>");
        foreach (var value in new[] { scale, 0, -scale }) Line(svg, value, scale);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{Height - 10}\">-5 min</text><text x=\"{Width - Right}\" y=\"{Height - 10}\" text-anchor=\"end\">now</text>");
        if (known.Count == 0) svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Y(0, scale) - 8:0.#}\" text-anchor=\"middle\">not measured: press Calibrate</text>");
        var index = 0;
        foreach (var (speaker, values) in _offsets.OrderBy(o => o.Key, StringComparer.Ordinal)) Speaker(svg, nameOf(speaker), [.. values], scale, index++);
        return svg.Append("</svg>").ToString();
    }

    private static void Line(StringBuilder svg, double value, double scale)
    {
        var y = Y(value, scale);
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"l\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:0.#}\" y2=\"{y:0.#}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{value:0.##}</text>");
    }

    private static void Speaker(StringBuilder svg, string name, double?[] values, double scale, int index)
    {
        var colour = s_colours[index % s_colours.Length];
        var path = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } value) continue;
            var x = Width - Right - ((values.Length - 1 - i) * (Width - Right - Left) / (double)Seconds);
            var begins = i == 0 || values[i - 1] is null;
            path.Append(CultureInfo.InvariantCulture, $"{(begins ? 'M' : 'L')}{x:0.#} {Y(value, scale):0.#}");
        }

        if (path.Length > 0) svg.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>");
        var y = Top + 10 + (index * 18);
        var now = values.Length > 0 && values[^1] is { } last ? string.Create(CultureInfo.InvariantCulture, $" {last:0.00}") : "";
        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Width - Right + 10}\" y=\"{y - 9}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Right + 26}\" y=\"{y}\">{Escaped(name)}{now}</text>");
    }

    private static double Y(double value, double scale) => Top + ((Height - Top - Bottom) * (0.5 - (value / scale / 2)));

    /// <summary>Names are the user's: nothing of them may become markup.</summary>
    private static string Escaped(string name) => System.Security.SecurityElement.Escape(new string([.. name.Take(24).Where(c => !char.IsControl(c) && !char.IsSurrogate(c))])) ?? "";
}
