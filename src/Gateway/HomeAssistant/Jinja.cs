using System.Globalization;
using System.Text;

namespace Gateway.HomeAssistant;

/// <summary>Value templates for Home Assistant. Every member of a state is always present (null for unknown), so templates guard only against null.</summary>
internal static class Jinja
{
    /// <summary>The member as it is; null renders as <c>None</c>, which Home Assistant takes for unknown.</summary>
    public static string Member(string path) => $"{{{{ value_json.{path} }}}}";

    /// <summary>A member of an object that may be null.</summary>
    public static string Inside(string path, string member) => $"{{{{ value_json.{path}.{member} if value_json.{path} else None }}}}";

    /// <summary>A yes/no that may be unknown.</summary>
    public static string OnOff(string path) => $"{{{{ None if value_json.{path} is none else 'ON' if value_json.{path} else 'OFF' }}}}";

    /// <summary>A text; Home Assistant takes at most 255 characters as a state.</summary>
    /// <param name="none">What null says: there is nothing of the kind, which is not the same as unknown.</param>
    /// <param name="guard">The object it stands in, where that may be null.</param>
    public static string Text(string path, string none, string? guard = null) => $"{{{{ value_json.{path}[:255] if value_json.{guard ?? path} else {Quote(none)} }}}}";

    /// <summary><paramref name="expression"/> looked up in a table, <paramref name="otherwise"/> (an expression) where it is not there.</summary>
    public static string Lookup(IEnumerable<KeyValuePair<string, string>> table, string expression, string otherwise) => $"{Table(table)}.get({expression}, {otherwise})";

    /// <summary>A dictionary literal; the first of equal keys counts.</summary>
    public static string Table(IEnumerable<KeyValuePair<string, string>> table) =>
        $"{{{string.Join(", ", table.DistinctBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{Quote(e.Key)}: {Quote(e.Value)}"))}}}";

    /// <summary>A string literal. Braces and percent signs are escaped too: a name must not end a template.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            if (c is '"' or '\\' or '{' or '}' or '%' or '#' or < ' ') quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else quoted.Append(c);
        }

        return quoted.Append('"').ToString();
    }
}
