using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gateway.Engine.Text;

/// <summary>What of a text can be seen.</summary>
public static class ReadableText
{
    /// <summary>
    /// Shows nothing wherever it stands: zero-width and soft characters, direction marks, variation selectors, byte order marks, fillers. (Unicode's
    /// Default_Ignorable_Code_Point, and the other format characters.)
    /// </summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F) or 0x2065 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF);

    /// <summary>Shows as a gap, or as nothing with a meaning of its own (controls).</summary>
    public static bool IsBlank(Rune rune) => Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || rune.Value == 0x2800;

    /// <summary>Without blanks and invisible characters at its ends. (A variation selector or tag belongs to the picture before it.)</summary>
    public static string Trim(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.AsSpan();
        while (Rune.DecodeFromUtf16(rest, out var first, out var length) == OperationStatus.Done && IsNothing(first)) rest = rest[length..];
        while (Rune.DecodeLastFromUtf16(rest, out var last, out var length) == OperationStatus.Done && IsNothing(last)) rest = rest[..^length];
        return rest.Length == text.Length ? text : rest.ToString();
    }

    private static bool IsNothing(Rune rune) => IsBlank(rune) || (IsInvisible(rune) && rune.Value is not ((>= 0xFE00 and <= 0xFE0F) or >= 0xE0020));
}
