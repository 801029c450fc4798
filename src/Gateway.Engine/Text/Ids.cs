using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>Ids are <c>[a-z0-9_]{1,40}</c>: they stand in topics, unique ids and file names.</summary>
public static class Ids
{
    public const int MaxLength = 40;

    // Letters of Latin-1 and Latin Extended-A with their base letters. String.Normalize does nothing for them: the program runs without ICU (InvariantGlobalization).
    private const string Accented = "àáâãäåāăąçćĉċčďđèéêëēĕėęěĝğġģĥħìíîïĩīĭįıĵķĺļľŀłñńņňŋòóôõöøōŏőŕŗřśŝşšșţťŧțùúûüũūŭůűųŵýÿŷźżž";
    private const string Plain = "aaaaaaaaacccccddeeeeeeeeegggghhiiiiiiiiijklllllnnnnnooooooooorrrsssssttttuuuuuuuuuuwyyyzzz";

    public static bool IsValid(string id) => id is { Length: >= 1 and <= MaxLength } && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    /// <summary>An id made from a name: "Küche &amp; Bad" → <c>kuche_bad</c>; a name without a letter or digit of the Latin script → <c>device</c>.</summary>
    public static string Slug(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder();
        foreach (var c in name)
        {
            if (slug.Length == MaxLength) break;
            var lower = char.ToLowerInvariant(c);
            var plain = Accented.IndexOf(lower, StringComparison.Ordinal) is >= 0 and var at ? Plain[at] : lower;
            if (plain is (>= 'a' and <= 'z') or (>= '0' and <= '9')) slug.Append(plain);
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
}
