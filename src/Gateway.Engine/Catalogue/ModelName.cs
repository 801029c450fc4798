using System.Text;

namespace Gateway.Engine;

/// <summary>
/// Echo model names as people write them, brought to one form: <c>Echo Dot (5th Generation)</c>, <c>echo dot 5th gen</c> and
/// <c>Amazon Echo Dot 5</c> are all <c>echo dot 5</c>.
/// </summary>
internal static class ModelName
{
    private const int Longest = 100;

    /// <summary>All words, ordinals as plain numbers, without "Amazon" and "gen".</summary>
    public static string Fold(string name)
    {
        var text = new StringBuilder();
        foreach (var word in Words(name))
        {
            if (word is "amazon" or "gen" or "generation") continue;
            if (text.Length > 0) text.Append(' ');
            text.Append(WithoutOrdinal(word));
        }

        return text.ToString();
    }

    /// <summary>The same without what stands in brackets: <c>Echo Studio (2019; perhaps 2022 too)</c> → <c>echo studio</c>.</summary>
    public static string FoldBase(string name)
    {
        var text = new StringBuilder();
        var depth = 0;
        foreach (var c in Cut(name))
        {
            if (c == '(') depth++;
            else if (c == ')') depth = Math.Max(0, depth - 1);
            else if (depth == 0) text.Append(c);
        }

        return Fold(text.ToString());
    }

    private static IEnumerable<string> Words(string name)
    {
        var word = new StringBuilder();
        foreach (var c in Cut(name))
        {
            if (char.IsLetterOrDigit(c))
            {
                word.Append(char.ToLowerInvariant(c));
                continue;
            }

            if (word.Length > 0) yield return word.ToString();
            word.Clear();
        }

        if (word.Length > 0) yield return word.ToString();
    }

    private static string WithoutOrdinal(string word) =>
        word.Length > 2 && char.IsAsciiDigit(word[^3]) && (word[^2..] is "st" or "nd" or "rd" or "th") ? word[..^2] : word;

    private static string Cut(string name) => Text.NameFolding.Fold(name.Length > Longest ? name[..Longest] : name);
}
