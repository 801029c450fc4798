using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.HomeAssistant;

/// <summary>
/// The options of a select: every text once, none that Home Assistant takes for "unknown". A text that had to change is translated back
/// by a command template, so that the gateway always receives the text of its own document.
/// </summary>
internal sealed class SelectOptions
{
    public const string Disconnected = "Disconnected";

    private readonly List<(string Shown, OptionDocument Option)> _options = [];

    public SelectOptions(IReadOnlyList<OptionDocument> options)
    {
        var taken = new HashSet<string>(NameFolding.Comparer);
        // What reads the same is the same to whoever chooses.
        var equal = options.GroupBy(o => o.Text, NameFolding.Comparer).Where(g => g.Select(o => o.Value).Distinct(StringComparer.Ordinal).Count() > 1).Select(g => g.Key).ToHashSet(NameFolding.Comparer);
        foreach (var option in options.Distinct())
        {
            // "Disconnected" itself comes first and keeps its word; a speaker of that name gives way.
            var ambiguous = equal.Contains(option.Text) && !(option.Text == Disconnected && _options.Count == 0);
            var text = ambiguous || IsUnknownWord(option.Text) ? $"{option.Text.Trim()} (…{Tail(option.Value)})".TrimStart() : option.Text;
            for (var n = 2; !taken.Add(text); n++) text = $"{option.Text} ({n})";
            _options.Add((text, option));
        }
    }

    public bool IsEmpty => _options.Count == 0;

    public IEnumerable<string> Texts => _options.Select(o => o.Shown);

    /// <summary>From what a state may hold (an option's value, or its text) to the text shown.</summary>
    public IEnumerable<KeyValuePair<string, string>> ShownByValue =>
        _options.Select(o => KeyValuePair.Create(o.Option.Value, o.Shown)).Concat(_options.Select(o => KeyValuePair.Create(o.Option.Text, o.Shown)));

    /// <summary>Null where the text shown can be sent as it is.</summary>
    public string? CommandTemplate
    {
        get
        {
            // Equal texts can only be told apart by what they stand for.
            var changed = _options.Where(o => o.Shown != o.Option.Text).Select(o => KeyValuePair.Create(o.Shown, IsUnknownWord(o.Option.Text) ? o.Option.Text : o.Option.Value)).ToArray();
            var jsonLike = _options.Any(o => o.Shown.TrimStart().StartsWith('{'));
            if (changed.Length == 0 && !jsonLike) return null;
            var text = changed.Length == 0 ? "value" : Jinja.Lookup(changed, "value", "value");
            return $"{{{{ {{'value': {text}}} | tojson }}}}";
        }
    }

    private static bool IsUnknownWord(string text) => NameFolding.Fold(text) is "" or "none";

    private static string Tail(string value)
    {
        var plain = string.Concat(value.Where(char.IsLetterOrDigit)).ToUpperInvariant();
        return plain.Length <= 4 ? plain : plain[^4..];
    }
}
