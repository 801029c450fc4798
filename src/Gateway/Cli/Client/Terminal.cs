using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gateway.Cli.Client;

/// <summary>
/// What a person sees and types. Names come from the air, where anybody may send anything: characters that steer a terminal or turn the text
/// around are shown as <c>?</c>.
/// </summary>
/// <param name="output">What was asked for.</param>
/// <param name="error">Progress, questions, and what went wrong.</param>
/// <param name="input">Null: nobody sits there.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, TextReader? input)
{
    private const int ZeroWidthJoiner = 0x200D; // holds emoji together

    // Readable letters; control characters are escaped all the same.
    private static readonly JsonWriterOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public TextReader? Input => input;

    public void Print(string line) => output.WriteLine(Plain(line));

    public void Tell(string line) => error.WriteLine(Plain(line));

    /// <summary>One document on one line.</summary>
    public void PrintJson(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, s_readable)) write(json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.ToArray()));
    }

    /// <summary>Columns as wide as their widest cell.</summary>
    public void PrintTable(IReadOnlyList<string[]> rows)
    {
        var cells = rows.Select(r => r.Select(Plain).ToArray()).ToList();
        var widths = Enumerable.Range(0, cells.Max(r => r.Length)).Select(c => cells.Max(r => c < r.Length ? Columns(r[c]) : 0)).ToList();
        foreach (var row in cells) output.WriteLine(string.Join("  ", row.Select((cell, c) => cell + new string(' ', widths[c] - Columns(cell)))).TrimEnd());
    }

    /// <summary>How many columns a terminal gives a text: two to each Chinese, Japanese or Korean letter and each emoji, none to a mark on another letter.</summary>
    private static int Columns(string text) => text.EnumerateRunes().Sum(r => Rune.GetUnicodeCategory(r) switch
    {
        UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format => 0,
        _ => IsWide(r.Value) ? 2 : 1,
    });

    /// <summary>The blocks of East Asian width W and F (Unicode annex 11), coarsely.</summary>
    private static bool IsWide(int rune) => rune is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF and not 0x303F or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
        or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F9FF or >= 0x20000 and <= 0x3FFFD;

    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var steers = rune.Value != ZeroWidthJoiner && Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (steers) plain.Append('?');
            else plain.Append(rune.ToString());
        }

        return plain.ToString();
    }
}
