using System.Text.RegularExpressions;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What a device says it is: by its services first, where it has told them, then by its class.</summary>
internal static partial class DeviceNature
{
    /// <param name="name">The device's own name, not what somebody here calls it.</param>
    /// <param name="deviceClass">0: it has told none.</param>
    public static RadioKind KindOf(bool offersSource, bool offersSink, long deviceClass, string? name, string? modalias)
    {
        var silent = !offersSource && !offersSink; // of audio, so far
        if (IsEcho(offersSource, silent, deviceClass, name, modalias)) return RadioKind.Echo;
        if (DeviceClass.IsPhoneOrComputer(deviceClass) && (offersSource || silent)) return RadioKind.Phone;
        if (offersSink || (silent && DeviceClass.IsLoudspeakerLike(deviceClass))) return RadioKind.Speaker;
        return RadioKind.Unknown;
    }

    // Amazon's earbuds and its speakers for other rooms only receive, and its tablets say what they are: an Echo is what has Amazon's mark or an Echo's
    // own name, and can play. A renamed Echo keeps the mark.
    private static bool IsEcho(bool offersSource, bool silent, long deviceClass, string? name, string? modalias)
    {
        if (DeviceClass.IsPhoneOrComputer(deviceClass)) return false;
        var named = name is not null && EchoName().IsMatch(name);
        if (silent) return named && DeviceClass.IsLoudspeakerLike(deviceClass);
        return offersSource && (named || IsAmazons(modalias));
    }

    // Bluetooth SIG: Amazon.com Services, 0x0171. USB: Lab126, 0x1949.
    private static bool IsAmazons(string? modalias) =>
        modalias is not null && (modalias.StartsWith("bluetooth:v0171", StringComparison.OrdinalIgnoreCase) || modalias.StartsWith("usb:v1949", StringComparison.OrdinalIgnoreCase));

    // As they leave the factory: "Echo-0A1", "Echo Dot-1AB", "Echo Show 8-2XY".
    [GeneratedRegex(@"^(Amazon )?Echo( (Dot|Plus|Studio|Show|Spot|Pop|Input|Flex|Link|Link Amp|Hub|Auto|Tap|Sub)( \d{1,2})?)?-[0-9A-Z]{3,4}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EchoName();
}
