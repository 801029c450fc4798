using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>
/// Unicode's compatibility decomposition (NFKD): one form for what is written with one character or several, wide or narrow, as a ligature or
/// not. <c>String.Normalize</c> leaves everything as it is here: the program runs without ICU (InvariantGlobalization).
/// </summary>
internal static class Decompositions
{
    private const int HangulFirst = 0xAC00, HangulLast = 0xD7A3, LeadFirst = 0x1100, VowelFirst = 0x1161, TailFirst = 0x11A7, Vowels = 21, Tails = 28;

    /// <summary>Read when the first text beyond ASCII comes.</summary>
    private static readonly Lazy<Table> s_table = new(Table.Load);

    public static string Apply(string text)
    {
        if (System.Text.Ascii.IsValid(text)) return text;
        var table = s_table.Value;
        var parts = new List<(Rune Rune, byte Class)>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= HangulFirst and <= HangulLast) AddSyllable(rune.Value - HangulFirst, parts);
            else table.Add(rune, parts);
        }

        SortMarks(parts);
        var decomposed = new StringBuilder(parts.Count);
        foreach (var (rune, _) in parts) decomposed.Append(rune);
        return decomposed.ToString();
    }

    private static void AddSyllable(int syllable, List<(Rune, byte)> parts)
    {
        parts.Add((new Rune(LeadFirst + (syllable / (Vowels * Tails))), 0));
        parts.Add((new Rune(VowelFirst + (syllable % (Vowels * Tails) / Tails)), 0));
        if (syllable % Tails > 0) parts.Add((new Rune(TailFirst + (syllable % Tails)), 0));
    }

    /// <summary>Marks on one letter in the order of their classes; those of one class stay as they are.</summary>
    private static void SortMarks(List<(Rune Rune, byte Class)> parts)
    {
        for (var i = 1; i < parts.Count; i++)
        {
            var part = parts[i];
            if (part.Class == 0) continue;
            var to = i;
            for (; to > 0 && parts[to - 1].Class > part.Class; to--) parts[to] = parts[to - 1];
            parts[to] = part;
        }
    }

    /// <summary>Ranges in ascending order, each with what its first character becomes; marks likewise with their class.</summary>
    private sealed class Table
    {
        private readonly List<int> _first = [], _last = [], _firstMark = [], _lastMark = [];
        private readonly List<string> _results = [];
        private readonly List<byte> _classes = [];

        public static Table Load()
        {
            const string Name = "Decompositions.txt";
            using var stream = typeof(Decompositions).Assembly.GetManifestResourceStream(Name) ?? throw new InvalidOperationException($"The program was built without {Name}.");
            using var reader = new StreamReader(stream);
            var table = new Table();
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#')) continue;
                var mark = line.AsSpan().IndexOfAny(';', '=');
                var range = line.AsSpan(0, mark);
                var dots = range.IndexOf("..", StringComparison.Ordinal);
                var first = Hex(dots < 0 ? range : range[..dots]);
                var last = dots < 0 ? first : Hex(range[(dots + 2)..]);
                var rest = line.AsSpan(mark + 1);
                if (line[mark] == '=')
                {
                    table._firstMark.Add(first);
                    table._lastMark.Add(last);
                    table._classes.Add(byte.Parse(rest, CultureInfo.InvariantCulture));
                    continue;
                }

                var result = new StringBuilder();
                foreach (var part in rest.Split(' ')) result.Append(new Rune(Hex(rest[part])));
                table._first.Add(first);
                table._last.Add(last);
                table._results.Add(result.ToString());
            }

            return table;
        }

        public void Add(Rune rune, List<(Rune, byte)> parts)
        {
            if (Find(_first, _last, rune.Value) is not (>= 0 and var at))
            {
                parts.Add((rune, ClassOf(rune)));
                return;
            }

            foreach (var part in _results[at].EnumerateRunes())
            {
                var moved = _last[at] > _first[at] ? new Rune(part.Value + rune.Value - _first[at]) : part;
                parts.Add((moved, ClassOf(moved)));
            }
        }

        private byte ClassOf(Rune rune) => Find(_firstMark, _lastMark, rune.Value) is >= 0 and var at ? _classes[at] : (byte)0;

        private static int Find(List<int> first, List<int> last, int value)
        {
            var at = first.BinarySearch(value);
            if (at < 0) at = ~at - 1;
            return at >= 0 && last[at] >= value ? at : -1;
        }

        private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
