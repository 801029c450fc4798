using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>Ids are <c>[a-z0-9_]{1,40}</c>: they stand in topics, unique ids and file names.</summary>
public static class Ids
{
    public const int MaxLength = 40;

    public static bool IsValid(string id) => id is { Length: >= 1 and <= MaxLength } && id.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');

    /// <summary>An id made from a name: "Küche &amp; Bad" → <c>kuche_bad</c>, "Кухня" → <c>kukhnya</c>; a name without a letter or digit that can be written so → <c>device</c>.</summary>
    public static string Slug(string name) => Slug(name, out _) is { Length: > 0 } slug ? slug : "device";

    /// <summary>The same; empty where nothing of the name can be written so.</summary>
    /// <param name="isWhole">Every letter of the name is in it. Where some are lost, other names may well give the same.</param>
    public static string Slug(string name, out bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(name);
        var slug = new StringBuilder();
        isWhole = true;
        foreach (var rune in name.EnumerateRunes())
        {
            var lower = Rune.ToLowerInvariant(rune);
            if (Transliteration.Of(lower) is { } latin) slug.Append(latin);
            else foreach (var part in Decompositions.Apply(lower.ToString()).EnumerateRunes()) isWhole &= TryAppend(slug, part);
        }

        if (slug.Length > MaxLength) slug.Length = MaxLength;
        return slug.ToString().TrimEnd('_');
    }

    /// <summary>
    /// What a device's entity ids begin with: its name, and where that cannot be written, or only in part, what it is and its id, so that no two devices
    /// have the same.
    /// </summary>
    public static string EntityStem(string name, string kind, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var slug = Slug(name, out var isWhole);
        if (isWhole && slug.Length > 0) return slug;
        var numbered = id.StartsWith(kind + "_", StringComparison.Ordinal) ? id : $"{kind}_{id}";
        return slug.Length == 0 ? numbered : $"{slug}_{numbered}";
    }

    /// <summary>False: a letter is lost.</summary>
    private static bool TryAppend(StringBuilder slug, Rune part)
    {
        var category = Rune.GetUnicodeCategory(part);
        var lower = Rune.ToLowerInvariant(part); // of a wide letter only its decomposition has a case that is known here
        if (lower.IsAscii && char.IsAsciiLetterOrDigit((char)lower.Value)) slug.Append((char)lower.Value);
        else if (Transliteration.Of(lower) is { } latin) slug.Append(latin);
        else if (category == UnicodeCategory.DecimalDigitNumber) slug.Append((int)Rune.GetNumericValue(lower));
        else if (Rune.IsLetter(lower)) return category == UnicodeCategory.ModifierLetter;
        else if (!IsPartOfLetter(category) && !ReadableText.IsInvisible(lower) && slug.Length > 0 && slug[^1] != '_') slug.Append('_');
        return true;

        static bool IsPartOfLetter(UnicodeCategory category) => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
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
