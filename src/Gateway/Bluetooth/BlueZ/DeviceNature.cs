using System.Text.RegularExpressions;
using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>What a device has told of itself.</summary>
/// <param name="Name">Its own name, not what somebody here calls it.</param>
/// <param name="Class">0: it has told none.</param>
internal sealed record DeviceNature(IReadOnlyList<string> Services, long Class, string? Name, string? Modalias)
{
    // For listening without A2DP among the services told so far: the profile itself, a headset, hands-free.
    private static readonly string[] s_listening = [BlueZNames.AdvancedAudio, BlueZNames.Headsets[0], BlueZNames.Headsets[2]];

    public bool OffersSource => Offers(BlueZNames.AudioSource);

    public bool OffersSink => Offers(BlueZNames.AudioSink);

    /// <summary>It has told neither end of A2DP: its services are not read yet, or what it tells before pairing is its maker's own (C1).</summary>
    public bool IsSilent => !OffersSource && !OffersSink;

    /// <summary>By its known audio services first, then by its class.</summary>
    public RadioKind Kind =>
        IsEcho ? RadioKind.Echo
        : DeviceClass.IsPhoneOrComputer(Class) && (OffersSource || IsSilent) ? RadioKind.Phone
        : OffersSink || (IsSilent && (DeviceClass.Sounds(Class) || (Class == 0 && s_listening.Any(Offers)))) ? RadioKind.Speaker
        : RadioKind.Unknown;

    // An Echo can play, and bears Amazon's mark or the name that all Echos leave the factory with. A renamed one keeps the mark. What only receives (earbuds,
    // a speaker that somebody called "Echo Dot-1AB") is none; Amazon's tablets and sticks say what they are by their class. Before its services are read, name and class are all there is.
    private bool IsEcho => !DeviceClass.IsPhoneOrComputer(Class) && (IsSilent ? IsNamedAsEcho && DeviceClass.Sounds(Class) : OffersSource && (IsNamedAsEcho || (IsAmazons && (Class == 0 || DeviceClass.Sounds(Class)))));

    private bool IsNamedAsEcho => Name is not null && EchoNames.Factory().IsMatch(Name.Trim());

    // Bluetooth's company 0x0171 (Amazon.com Services), USB's vendor 0x1949 (Lab126).
    private bool IsAmazons => Modalias is { } m && (m.StartsWith("bluetooth:v0171", StringComparison.OrdinalIgnoreCase) || m.StartsWith("usb:v1949", StringComparison.OrdinalIgnoreCase));

    private bool Offers(string uuid) => Services.Contains(uuid, StringComparer.OrdinalIgnoreCase);
}

internal static partial class EchoNames
{
    /// <summary><c>Echo-0A1</c>, <c>Echo Dot-2U7</c>, <c>Echo Show 8-1XY</c>: the model and the end of its serial number.</summary>
    [GeneratedRegex(@"^(Amazon )?Echo( (Dot|Plus|Studio|Show|Spot|Pop|Input|Flex|Link|Hub|Auto|Tap)( (Amp|Max|\d{1,2}))?)?-[0-9A-Z]{3,4}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    public static partial Regex Factory();
}
