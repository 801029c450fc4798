using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>
/// Names compare as people read them: a phone writes <c>Anna’s</c> and a file <c>Anna's</c>. Blind to case (full case folding), to how a
/// letter is composed or how wide it is (NFKC), to the kind of apostrophe, quote or dash, to how many blanks and which, and to invisible characters.
/// </summary>
public static class NameFolding
{
    private const int Apostrophe = '\'', Quote = '"', Dash = '-', DotAbove = 0x0307, DotlessI = 0x0131, SharpS = 0x00DF;

    /// <summary>For dictionaries and sets of names.</summary>
    public static IEqualityComparer<string> Comparer { get; } = new FoldingComparer();

    /// <summary>Do they read the same? A missing name reads like none.</summary>
    public static bool Same(string? a, string? b) =>
        a is not null && b is not null && (a.Equals(b, StringComparison.Ordinal) || (Fold(a) is { Length: > 0 } folded && folded.Equals(Fold(b), StringComparison.Ordinal)));

    /// <summary>One text for all names that read the same; empty where nothing can be seen.</summary>
    public static string Fold(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var folded = new StringBuilder(name.Length);
        var (gap, previous) = (false, 0);
        // An acute accent that stands alone would decompose into a blank and a mark.
        foreach (var rune in Decompositions.Apply(name.Replace('´', '\'')).EnumerateRunes())
        {
            if (ReadableText.IsInvisible(rune)) continue;
            if (ReadableText.IsBlank(rune))
            {
                gap = folded.Length > 0;
                continue;
            }

            var letter = FoldLetter(rune);
            // Phones make a long dash of two short ones; a dotted i is an i.
            if ((letter == Dash && previous == Dash && !gap) || (letter == DotAbove && previous == 'i')) continue;
            if (letter == Apostrophe && previous == Apostrophe && !gap)
            {
                (folded[^1], previous) = ('"', Quote); // the double prime of inches decomposes into two
                continue;
            }

            if (gap) folded.Append(' ');
            (gap, previous) = (false, letter);
            if (letter == SharpS) folded.Append("ss");
            else folded.Append(new Rune(letter));
        }

        return folded.ToString();
    }

    private static int FoldLetter(Rune rune) => rune.Value switch
    {
        '\'' or '`' or 0x02B9 or 0x02BB or 0x02BC or 0x02BD or 0x02C8 or 0x02CB or 0x055A or 0x05F3 or 0x2018 or 0x2019 or 0x201A or 0x201B or 0x2032 or 0x2035 or 0x2039 or 0x203A or 0xA78B or 0xA78C => Apostrophe,
        '"' or 0x00AB or 0x00BB or 0x02BA or 0x05F4 or 0x201C or 0x201D or 0x201E or 0x201F or 0x301D or 0x301E or 0x301F => Quote,
        0x02D7 or 0x2043 or 0x2212 => Dash,
        DotlessI => 'i',
        0x1E9E => SharpS,
        _ when Rune.GetUnicodeCategory(rune) == UnicodeCategory.DashPunctuation => Dash,
        // Up and down again: letters with two small forms (σ and ς) meet.
        _ => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value,
    };

    private sealed class FoldingComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x is null ? y is null : y is not null && (x.Equals(y, StringComparison.Ordinal) || Fold(x).Equals(Fold(y), StringComparison.Ordinal));

        public int GetHashCode(string obj) => Fold(obj).GetHashCode(StringComparison.Ordinal);
    }
}
