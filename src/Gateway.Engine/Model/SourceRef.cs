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
/// <c>alexa | echo:&lt;id or name&gt; | phone:&lt;address&gt; | line-in:&lt;source&gt; | snapcast[:stream] | pipe:&lt;name&gt; | file:&lt;path&gt; | url:&lt;u&gt;</c>.
/// </summary>
/// <param name="Argument">The part after the colon; null where the kind has none. For <see cref="SourceKind.Echo"/> an id once references are resolved.</param>
public sealed record SourceRef(SourceKind Kind, string? Argument = null)
{
    private static readonly (string Word, SourceKind Kind, bool? NeedsArgument)[] s_kinds =
    [
        ("alexa", SourceKind.Alexa, false), ("echo", SourceKind.Echo, true), ("phone", SourceKind.Phone, true),
        ("line-in", SourceKind.LineIn, null), ("snapcast", SourceKind.Snapcast, null), ("pipe", SourceKind.Pipe, true),
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

    /// <summary>Why it cannot be meant as it is written, and what to write; null: it can.</summary>
    public (string Text, string Remedy)? WhyUnclear => Kind != SourceKind.LineIn ? null
        : Argument is null ? ("It is not said which line-in, and none is taken unasked.", LineInRemedy)
        : Argument.EndsWith(".monitor", StringComparison.Ordinal) ? ($"{Names.Cut(Argument)} is a copy of what the sound server plays, and a group that plays it could hear itself.", LineInRemedy)
        : Argument.StartsWith("bluez_", StringComparison.Ordinal) ? ($"{Names.Cut(Argument)} is a Bluetooth device.", "Write echo: and its name, or phone: and its address.")
        : null;

    private const string LineInRemedy =
        "Write line-in: and the name of a source of the sound server (the second column of pactl list short sources), such as line-in:alsa_input.pci-0000_00_1f.3.analog-stereo.";

    /// <summary>The written form again.</summary>
    public override string ToString()
    {
        var word = Array.Find(s_kinds, k => k.Kind == Kind).Word;
        return Argument is null ? word : $"{word}:{Argument}";
    }
}
