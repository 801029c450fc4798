using System.Globalization;
using Gateway.Engine;
using Gateway.Engine.Text;

namespace Gateway.Configuration.Yaml;

/// <summary>
/// Typed access to one block of settings. Each getter answers null where the setting is missing, null or wrong; where it is wrong, the
/// problem has been added. Unknown keys are reported once, on construction.
/// </summary>
internal sealed class MapReader
{
    private static readonly (string, bool)[] s_flags = [("true", true), ("false", false), ("on", true), ("off", false), ("yes", true), ("no", false)];

    private const int MaxSecret = 4096;

    private readonly Dictionary<string, YamlValue> _values = new(StringComparer.Ordinal);

    /// <param name="at">The block, or whatever stands in its place.</param>
    /// <param name="what">For "… is no setting of …", such as <c>mqtt</c> or <c>a speaker</c>.</param>
    /// <param name="keys">The settings that it may have.</param>
    /// <param name="remedies">What to write instead of keys that other programs have; null: nothing is known of that.</param>
    public MapReader(YamlValue at, string what, IReadOnlyList<string> keys, Problems problems, IReadOnlyDictionary<string, string>? remedies = null)
    {
        At = at;
        Problems = problems;
        switch (at)
        {
            case YamlMap map:
                foreach (var (key, value) in map.Entries)
                {
                    if (keys.Contains(key.Text, StringComparer.Ordinal)) _values[key.Text] = value;
                    else AddUnknown(key, value, what, keys, remedies?.GetValueOrDefault(key.Text));
                }

                break;
            case YamlUnusable or YamlScalar { IsNull: true }:
                break;
            default:
                // The name alone behind the dash is what people write first.
                var asName = at is YamlScalar { Hidden: false } name && at.Path.EndsWith(']') && keys.Contains("name", StringComparer.Ordinal) && BluetoothAddress.ReadWritten(name.Text) is null;
                Problems.Add(at, $"Settings were expected, {at.Found} was found.", asName
                    ? $"Write - name: {((YamlScalar)at).Shown}; further settings stand in lines of their own below."
                    : $"Write them as name: value, one in a line; known are {string.Join(", ", keys)}.");
                break;
        }
    }

    public YamlValue At { get; }
    public Problems Problems { get; }

    /// <summary>It is there at all, be it as null.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The value, also a null one.</summary>
    public YamlValue? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>The value's place, or that of the block where it is missing.</summary>
    public YamlValue Place(string key) => _values.GetValueOrDefault(key) ?? At;

    public IEnumerable<YamlEntry> Entries(string key) => Given(key) switch
    {
        null => [],
        YamlMap map => map.Entries,
        var other => Nothing<YamlEntry>(other, "Settings were expected", "Write them as name: value, one in a line."),
    };

    /// <summary>The block under <paramref name="key"/>; an empty one where it is missing.</summary>
    public MapReader Section(string key, IReadOnlyList<string> keys, IReadOnlyDictionary<string, string>? remedies = null) =>
        new(Given(key) ?? new YamlMap([], At.Path.Length == 0 ? key : $"{At.Path}.{key}", At.Line, At.Column), key, keys, Problems, remedies);

    /// <summary>The blocks of a list.</summary>
    public IReadOnlyList<MapReader> Blocks(string key, string what, IReadOnlyList<string> keys)
    {
        var blocks = new List<MapReader>();
        foreach (var item in List(key))
        {
            if (item is YamlScalar { IsNull: true }) Problems.Add(item, "The entry is empty.", $"Fill it in, or remove the dash; {what} has {string.Join(", ", keys)}.");
            else if (item is not YamlUnusable) blocks.Add(new MapReader(item, what, keys, Problems));
        }

        return blocks;
    }

    /// <summary>The single values of a list.</summary>
    public IReadOnlyList<YamlScalar> Scalars(string key)
    {
        var scalars = new List<YamlScalar>();
        foreach (var item in List(key))
        {
            if (item is YamlScalar { IsNull: false, Text.Length: > 0 } scalar) scalars.Add(scalar);
            else if (item is not YamlUnusable) Problems.Add(item, $"A single value was expected, {(item is YamlScalar ? "nothing" : item.Found)} was found.", "Write one name a line, each behind a dash.");
        }

        return scalars;
    }

    /// <summary>The single value, not empty.</summary>
    public YamlScalar? Scalar(string key)
    {
        switch (Given(key))
        {
            case null:
                return null;
            case YamlScalar { Text: "" } empty:
                Problems.Add(empty, "The value is empty.", "Give a value, or remove the line.");
                return null;
            case YamlScalar scalar:
                return scalar;
            case var other:
                Problems.Add(other, $"A single value was expected, {other.Found} was found.", $"Write {key}: and the value in one line.");
                return null;
        }
    }

    /// <summary>One line of text without blanks and invisible characters at its ends.</summary>
    public string? Text(string key, int max = 100)
    {
        if (Scalar(key) is not { } scalar) return null;
        var text = ReadableText.Trim(scalar.Text);
        if (text.Length == 0) Problems.Add(scalar, "The value is empty.", "Give a value, or remove the line.");
        else if (text.Length > max) Problems.Add(scalar, $"The text is {text.Length} characters long.", $"Use at most {max}.");
        else if (text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029')) Problems.Add(scalar, "The text holds a line break or control character.", "Write it in one line.");
        else return text;
        return null;
    }

    /// <summary>A <see cref="Text"/> that machines read (an address, an id, a topic): every character of it must be seen.</summary>
    public string? Word(string key, int max = 100) => Text(key, max) is { } text && !IsHidingSomething((YamlScalar)Place(key)) ? text : null;

    /// <summary>A password or token: one line, and every character counts, also a blank at its end (which is told, as nobody sees it).</summary>
    public string? Secret(string key)
    {
        if (Scalar(key) is not { } scalar) return null;
        var text = scalar.Text;
        (string Text, string Remedy)? wrong = string.IsNullOrWhiteSpace(text) ? ("The value is empty.", "Give a value, or remove the line.")
            : text.Length > MaxSecret ? ($"The text is {text.Length} characters long.", $"Use at most {MaxSecret}.")
            : text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029') ? ("The text holds a line break or control character.", "Write it in one line.")
            : null;
        if (wrong is { } problem)
        {
            Problems.Add(scalar, problem.Text, problem.Remedy);
            return null;
        }

        if (ReadableText.Trim(text).Length < text.Length) Problems.Warn(scalar, $"The {key} begins or ends with a blank or invisible character, which is part of it.", "Remove it if it is none of yours.");
        return text;
    }

    /// <summary>A <see cref="Text"/> that must be there.</summary>
    public string? Required(string key, string remedy)
    {
        if (Given(key) is null && At is YamlMap) Problems.Add(Place(key), $"The setting {key} is missing.", remedy);
        return Text(key);
    }

    public bool? Flag(string key) => Choice(key, s_flags, "true or false");

    public int? Integer(string key, int min, int max)
    {
        if (Scalar(key) is not { } scalar || IsHidingSomething(scalar)) return null;
        if (int.TryParse(ReadableText.Trim(scalar.Text), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Problems.Add(scalar, $"{scalar.Shown} is not a whole number from {min} to {max}.", $"Give a whole number from {min} to {max}.");
        return null;
    }

    public double? Number(string key, double min, double max)
    {
        if (Scalar(key) is not { } scalar || IsHidingSomething(scalar)) return null;
        if (double.TryParse(ReadableText.Trim(scalar.Text), NumberStyles.Float & ~NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) return number;
        Problems.Add(scalar, $"{scalar.Shown} is not a number from {Show(min)} to {Show(max)}.", $"Give a number from {Show(min)} to {Show(max)}.");
        return null;
    }

    /// <summary>One of a few words, case-blind.</summary>
    /// <param name="words">The words as messages list them; null: all.</param>
    public T? Choice<T>(string key, IReadOnlyList<(string Word, T Value)> choices, string? words = null) where T : struct =>
        Scalar(key) is { } scalar ? ChoiceOf(scalar, choices, words) : null;

    public T? ChoiceOf<T>(YamlScalar scalar, IReadOnlyList<(string Word, T Value)> choices, string? words = null) where T : struct
    {
        foreach (var (word, value) in choices)
        {
            if (NameFolding.Same(word, scalar.Text)) return value;
        }

        if (IsHidingSomething(scalar)) return null;

        var known = choices.Select(c => c.Word).ToList();
        var near = scalar.Hidden || scalar.Text.Length < 3 ? "" : NearestNames.DidYouMean(scalar.Text, known);
        Problems.Add(scalar, $"{scalar.Shown} is not one of {words ?? OneOf(known)}.", near.Length > 0 ? near.TrimStart() : $"Write {words ?? OneOf(known)}.");
        return null;
    }

    /// <summary>A Bluetooth address: with colons or dashes, in either case, or as 12 bare digits.</summary>
    public BluetoothAddress? Address(string key) => Scalar(key) is { } scalar ? AddressOf(scalar) : null;

    public BluetoothAddress? AddressOf(YamlScalar scalar)
    {
        if (BluetoothAddress.ReadWritten(ReadableText.Trim(scalar.Text)) is { } address) return address;
        if (IsHidingSomething(scalar)) return null;
        Problems.Add(scalar, $"{scalar.Shown} is not a Bluetooth address.", "Write six pairs of hex digits, such as 00:1A:7D:DA:71:13.");
        return null;
    }

    /// <summary>Reported where there is such a character; at the ends they do no harm.</summary>
    private bool IsHidingSomething(YamlScalar scalar)
    {
        var text = ReadableText.Trim(scalar.Text);
        if (WebCharacters.FindHidden(text) is not { } found) return false;
        if (scalar.Hidden) Problems.Add(scalar, $"The value holds {found.What}.", "Write it without.");
        else Problems.Add(scalar.Line, scalar.Column + scalar.Text.IndexOf(text, StringComparison.Ordinal) + found.At, scalar.Path, $"There is {found.What} within the value.", "Delete it, or write it anew: it came along when the text was copied.");
        return true;
    }

    private static string OneOf(List<string> words) => words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    private static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Null where missing, null or already reported.</summary>
    private YamlValue? Given(string key) => _values.GetValueOrDefault(key) is { } value and not YamlUnusable and not YamlScalar { IsNull: true } ? value : null;

    private IReadOnlyList<YamlValue> List(string key) => Given(key) switch
    {
        null => [],
        YamlList list => list.Items,
        var other => Nothing<YamlValue>(other, "A list was expected", "Write one entry a line, each behind a dash."),
    };

    private IReadOnlyList<T> Nothing<T>(YamlValue at, string expected, string remedy)
    {
        Problems.Add(at, $"{expected}, {at.Found} was found.", remedy);
        return [];
    }

    private void AddUnknown(YamlScalar key, YamlValue value, string what, IReadOnlyList<string> keys, string? remedy)
    {
        if (Problems.IsFull) return;
        var near = NearestNames.DidYouMean(key.Text, keys);
        var all = $"Known are {string.Join(", ", keys)}.";
        Problems.Add(key.Line, key.Column, value.Path, $"{key.Shown} is no setting of {what}.", remedy ?? (near.Length > 0 ? near.TrimStart() : all));
    }
}
