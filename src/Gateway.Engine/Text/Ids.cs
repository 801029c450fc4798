using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>Ids are <c>[a-z0-9_]{1,40}</c>: they stand in topics, unique ids and file names.</summary>
public static class Ids
{
    public const int MaxLength = 40;

    public static bool IsValid(string id) => id is { Length: >= 1 and <= MaxLength } && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    /// <summary>An id made from a name: "Küche &amp; Bad" → <c>kuche_bad</c>; a name without a letter or digit of the Latin script → <c>device</c>.</summary>
    public static string Slug(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder();
        foreach (var c in Decompose(name))
        {
            if (slug.Length == MaxLength) break;
            var lower = char.ToLowerInvariant(c);
            if (lower is (>= 'a' and <= 'z') or (>= '0' and <= '9')) slug.Append(lower);
            else if (c == 'ß' && slug.Length < MaxLength - 1) slug.Append("ss");
            else if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '_') slug.Append('_');
        }

        var text = slug.ToString().TrimEnd('_');
        return text.Length == 0 ? "device" : text;
    }

    /// <summary><c>AA:BB:CC:DD:EE:FF</c> (also with dashes, or lower case) as 12 lower-case hex digits; null where it is no address.</summary>
    public static string? OfAddress(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.Length != 17) return null;
        var digits = new StringBuilder(12);
        for (var i = 0; i < 17; i++)
        {
            if (i % 3 == 2)
            {
                if (address[i] is not (':' or '-')) return null;
            }
            else if (char.IsAsciiHexDigit(address[i]))
            {
                digits.Append(char.ToLowerInvariant(address[i]));
            }
            else
            {
                return null;
            }
        }

        return digits.ToString();
    }

    private static string Decompose(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormD);
        }
        catch (ArgumentException)
        {
            return name; // lone surrogates cannot be normalised; they become underscores
        }
    }
}
