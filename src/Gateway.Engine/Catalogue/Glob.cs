namespace Gateway.Engine;

/// <summary>Patterns with <c>*</c> against names as people read them; linear memory, no recursion, so hostile names cost little.</summary>
internal static class Glob
{
    public static bool IsMatch(string pattern, string text) => IsFoldedMatch(Text.NameFolding.Fold(pattern), Text.NameFolding.Fold(text));

    private static bool IsFoldedMatch(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, resume = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }
}
