using Gateway.Configuration.Yaml;

namespace Gateway.Configuration;

/// <summary>References of a file to configured things; each that means nothing, or several things, is reported.</summary>
internal static class References
{
    public static NameBook.Entry? Resolve(YamlScalar at, string text, Problems problems, NameBook names, params ReadOnlySpan<DeviceKind> kinds)
    {
        if (problems.IsFull) return null; // wording "did you mean" costs time, and nobody would see it
        var found = names.Find(text, kinds);
        if (found.Entry is null) problems.Add(at, at.Hidden ? "The value names nothing that is configured." : found.Message, found.Remedy);
        return found.Entry;
    }

    public static NameBook.Entry? ResolveOne(MapReader block, string key, NameBook names, params ReadOnlySpan<DeviceKind> kinds) =>
        block.Scalar(key) is { } at ? Resolve(at, at.Text, block.Problems, names, kinds) : null;

    /// <summary>The ids of a list; naming one thing twice is reported.</summary>
    public static IReadOnlyList<string> Resolve(MapReader block, string key, NameBook names, params ReadOnlySpan<DeviceKind> kinds)
    {
        var ids = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var at in block.Scalars(key))
        {
            if (Resolve(at, at.Text, block.Problems, names, kinds) is not { } entry) continue;
            if (seen.Add(entry.Id)) ids.Add(entry.Id);
            else block.Problems.Add(at, $"{at.Shown} is listed twice.", "Keep one of the two.");
        }

        return ids;
    }
}
