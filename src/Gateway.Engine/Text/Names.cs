namespace Gateway.Engine;

/// <summary>Names in sentences: short even where a device's name is not.</summary>
internal static class Names
{
    private const int Longest = 60;
    private const int Listed = 6;

    /// <summary>At most 60 characters, on one line.</summary>
    public static string Cut(string name)
    {
        var text = name.Length > Longest ? string.Concat(name.AsSpan(0, char.IsHighSurrogate(name[Longest - 2]) ? Longest - 2 : Longest - 1), "…") : name;
        return text.AsSpan().IndexOfAnyInRange('\0', '\x1f') < 0 ? text : string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
    }

    /// <summary><c>A</c>, <c>A and B</c>, <c>A, B and C</c>, <c>A, B, … and 7 more</c>.</summary>
    public static string Join(IReadOnlyList<string> names)
    {
        if (names.Count == 0) return "nothing";
        if (names.Count == 1) return names[0];
        if (names.Count > Listed) return $"{string.Join(", ", names.Take(Listed))} and {names.Count - Listed} more";
        return $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}";
    }
}
