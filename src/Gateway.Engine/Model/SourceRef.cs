namespace Gateway.Engine;

/// <summary>Where a group's sound comes from.</summary>
public enum SourceKind
{
    Alexa,
    Echo,
    Phone,
    LineIn,
    Snapcast,
    Pipe,
    File,
    Url,
}

/// <summary>
/// A source as written in configuration, commands and plans:
/// <c>alexa | echo:&lt;id or name&gt; | phone:&lt;address&gt; | line-in | snapcast[:stream] | pipe:&lt;name&gt; | file:&lt;path&gt; | url:&lt;u&gt;</c>.
/// </summary>
/// <param name="Argument">The part after the colon; null where the kind has none. For <see cref="SourceKind.Echo"/> an id once references are resolved.</param>
public sealed record SourceRef(SourceKind Kind, string? Argument = null)
{
    private static readonly (string Word, SourceKind Kind, bool? NeedsArgument)[] s_kinds =
    [
        ("alexa", SourceKind.Alexa, false), ("echo", SourceKind.Echo, true), ("phone", SourceKind.Phone, true),
        ("line-in", SourceKind.LineIn, false), ("snapcast", SourceKind.Snapcast, null), ("pipe", SourceKind.Pipe, true),
        ("file", SourceKind.File, true), ("url", SourceKind.Url, true),
    ];

    /// <summary>Reads the written form; false (and null) where it is none of the forms.</summary>
    public static bool TryParse(string text, out SourceRef? source)
    {
        ArgumentNullException.ThrowIfNull(text);
        source = null;
        var trimmed = text.Trim();
        var colon = trimmed.IndexOf(':', StringComparison.Ordinal);
        var word = colon < 0 ? trimmed : trimmed[..colon];
        var argument = colon < 0 ? null : trimmed[(colon + 1)..].Trim();
        foreach (var (name, kind, needsArgument) in s_kinds)
        {
            if (!name.Equals(word, StringComparison.OrdinalIgnoreCase)) continue;
            if (argument is "") return false;
            if (needsArgument is { } needs && needs != (argument is not null)) return false;
            source = new SourceRef(kind, argument);
            return true;
        }

        return false;
    }

    /// <summary>The written form again.</summary>
    public override string ToString()
    {
        var word = Array.Find(s_kinds, k => k.Kind == Kind).Word;
        return Argument is null ? word : $"{word}:{Argument}";
    }
}
