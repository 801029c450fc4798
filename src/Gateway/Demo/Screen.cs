using System.Text;
using Gateway.Cli.Client;

namespace Gateway.Demo;

/// <summary>What a line is, for its colour.</summary>
internal enum Tone
{
    Plain,

    /// <summary>What the story does, as against what comes back.</summary>
    Story,
    Good,
    Bad,
}

/// <summary>
/// Lines for people: coloured, and folded at words to the terminal's width. Where the output is no terminal, lines are whole and plain. Safe from several tasks:
/// one line at a time.
/// </summary>
/// <param name="width">Columns; asked at each line, for a window changes. 0: no terminal.</param>
internal sealed class Screen(TextWriter output, bool coloured, Func<int> width)
{
    private const int Indent = 11; // behind the time
    private const string Reset = "\e[0m";

    private readonly Lock _gate = new();

    /// <summary>Colours by the custom of <c>NO_COLOR</c> (no-color.org).</summary>
    public static Screen OfConsole()
    {
        var isTerminal = !Console.IsOutputRedirected;
        var coloured = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Screen(Console.Out, coloured, () => isTerminal ? Console.WindowWidth : 0);
    }

    /// <param name="aside">Behind the text, where no colour says more than it; such as the topic of a command.</param>
    public void Write(string text, Tone tone = Tone.Plain, string aside = "")
    {
        var whole = Terminal.Plain(aside.Length == 0 ? text : $"{text}  {aside}");
        var columns = width();
        var line = columns > 0 ? Fold(whole, columns) : whole;
        if (coloured) line = Colour(tone) is { Length: > 0 } colour ? colour + line.Replace("\n", $"{Reset}\n{colour}", StringComparison.Ordinal) + Reset : line;
        WriteRaw(line);
    }

    public void WriteRaw(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    /// <summary>Breaks at blanks; further lines stand under the text. A word that is longer than a line is left to the terminal.</summary>
    internal static string Fold(string text, int columns)
    {
        var indent = new string(' ', Math.Min(Indent, columns / 5));
        var folded = new StringBuilder();
        while (text.Length > columns)
        {
            // Not in the blanks that a line begins with.
            var start = text.Length - text.TrimStart().Length;
            var cut = text.LastIndexOf(' ', columns);
            if (cut <= start) cut = text.IndexOf(' ', Math.Max(columns, start));
            if (cut < 0) break;
            folded.Append(text.AsSpan(0, cut).TrimEnd()).Append('\n');
            text = indent + text[cut..].TrimStart();
        }

        return folded.Append(text).ToString();
    }

    private static string Colour(Tone tone) => tone switch { Tone.Story => "\e[36m", Tone.Good => "\e[32m", Tone.Bad => "\e[33m", _ => "" };
}
