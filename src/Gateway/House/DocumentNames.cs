using Gateway.Engine;

namespace Gateway.House;

/// <summary>The words of the contract for values that are enumerations here.</summary>
internal static class Documents
{
    public static bool TryReadOutput(string text, out AudioOutput output)
    {
        var outputs = Enum.GetValues<AudioOutput>();
        var found = Array.FindIndex(outputs, o => Words.Of(o).Equals(text, StringComparison.OrdinalIgnoreCase));
        output = found < 0 ? default : outputs[found];
        return found >= 0;
    }

    /// <summary>Equal names get the last four digits of the address, so that an option stands for one device.</summary>
    public static string WithAddress(string name, string address)
    {
        var digits = address.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return $"{name} (…{(digits.Length > 4 ? digits[^4..] : digits)})";
    }
}
