using Gateway.Engine.Text;

namespace Gateway.Configuration;

/// <summary>Bluetooth addresses as people write them.</summary>
internal static class Addresses
{
    /// <summary><c>AA:BB:CC:DD:EE:FF</c> from any case, with colons, dashes or nothing between the pairs; null where it is no device's address.</summary>
    public static string? Normalise(string text)
    {
        var trimmed = text.Trim();
        var digits = trimmed.Length == 12 && trimmed.All(char.IsAsciiHexDigit) ? trimmed.ToLowerInvariant() : Ids.OfAddress(trimmed);
        if (digits is null or "000000000000" or "ffffffffffff") return null;
        return string.Join(':', Enumerable.Range(0, 6).Select(i => digits.Substring(2 * i, 2))).ToUpperInvariant();
    }
}
