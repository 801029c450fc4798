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
    public static string Join(IReadOnlyList<string> names) => Join(names, name => name);

    public static string Join(IReadOnlyList<string> ids, Func<string, string> nameOf)
    {
        if (ids.Count == 0) return "nothing";
        if (ids.Count == 1) return nameOf(ids[0]);
        if (ids.Count > Listed) return $"{string.Join(", ", ids.Take(Listed).Select(nameOf))} and {ids.Count - Listed} more";
        return $"{string.Join(", ", ids.Take(ids.Count - 1).Select(nameOf))} and {nameOf(ids[^1])}";
    }
}
