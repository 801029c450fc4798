using Gateway.Engine;

namespace Gateway.House;

/// <summary>The words of the contract for values that are enumerations here.</summary>
internal static class Documents
{
    private static readonly (AudioOutput Output, string Name)[] s_outputs =
        [(AudioOutput.Speaker, "speaker"), (AudioOutput.LineOut, "line_out"), (AudioOutput.Optical, "optical"), (AudioOutput.Bluetooth, "bluetooth")];

    public static string NameOf(AudioOutput output) => Array.Find(s_outputs, o => o.Output == output).Name;

    public static bool TryReadOutput(string text, out AudioOutput output)
    {
        var found = Array.FindIndex(s_outputs, o => o.Name.Equals(text, StringComparison.OrdinalIgnoreCase));
        output = found < 0 ? default : s_outputs[found].Output;
        return found >= 0;
    }

    /// <summary>Equal names get the last four digits of the address, so that an option stands for one device.</summary>
    public static string WithAddress(string name, string address)
    {
        var digits = address.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return $"{name} (…{(digits.Length > 4 ? digits[^4..] : digits)})";
    }
}
