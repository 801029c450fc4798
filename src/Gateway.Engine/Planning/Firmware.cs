using System.Globalization;

namespace Gateway.Engine;

/// <summary>
/// Firmware versions (G3): dotted ones compare number by number with 64-bit parts. The long single number that Amazon's web API
/// reports is another scheme: against a dotted version it compares as unknown.
/// </summary>
public static class Firmware
{
    /// <summary>Is <paramref name="version"/> at or above <paramref name="minimum"/>? Null: cannot be told (another scheme, no version).</summary>
    public static bool? IsAtLeast(string? version, string? minimum)
    {
        if (!TryRead(version, out var have) || !TryRead(minimum, out var need)) return null;
        if (have.Length == 1 != (need.Length == 1)) return null;
        for (var i = 0; i < Math.Max(have.Length, need.Length); i++)
        {
            var (a, b) = (Part(have, i), Part(need, i));
            if (a != b) return a > b;
        }

        return true;
    }

    private static ulong Part(ulong[] parts, int index) => index < parts.Length ? parts[index] : 0;

    private static bool TryRead(string? text, out ulong[] parts)
    {
        parts = [];
        if (string.IsNullOrWhiteSpace(text) || text.Length > 200) return false;
        var words = text.Trim().Split('.');
        var read = new ulong[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (!ulong.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out read[i])) return false;
        }

        parts = read;
        return true;
    }
}
