namespace Gateway.Engine.Text;

/// <summary>Finds what somebody probably meant, for "did you mean" in errors and answers.</summary>
public static class NearestNames
{
    /// <summary>
    /// At most <paramref name="count"/> of <paramref name="known"/>, nearest first (edit distance between the names as people read them; ties in ordinal order), and
    /// none that differs in more than half of its letters. Inputs are cut to 60 characters, so hostile ones cost little.
    /// </summary>
    public static IReadOnlyList<string> Find(string wanted, IEnumerable<string> known, int count = 3)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var text = Fold(wanted);
        return [.. known.Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Distance: Distance(text, Fold(name))))
            .Where(c => c.Distance <= Math.Max(1, Math.Min(text.Length, Fold(c.Name).Length) / 2) || Related(text, Fold(c.Name)))
            .OrderBy(c => c.Distance).ThenBy(c => c.Name, StringComparer.Ordinal)
            .Take(count)
            .Select(c => c.Name)];
    }

    /// <summary><c> Did you mean "a" or "b"?</c> with a leading blank, or an empty text where nothing is near.</summary>
    public static string DidYouMean(string wanted, IEnumerable<string> known)
    {
        var near = Find(wanted, known);
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(n => $"\"{n}\""))}?";
    }

    private static bool Related(string a, string b) => a.Length >= 3 && b.Length >= 3 && (a.Contains(b, StringComparison.Ordinal) || b.Contains(a, StringComparison.Ordinal));

    private static string Fold(string text) => NameFolding.Fold(text.Length > 60 ? text[..60] : text);

    private static int Distance(string a, string b)
    {
        var previous = new int[b.Length + 1];
        var current = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) previous[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
