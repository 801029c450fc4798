namespace Gateway.Engine;

/// <summary>What many believe and is not so, a sentence each: refusals end with the one that fits.</summary>
public static class Myths
{
    /// <summary>G5.</summary>
    public const string StereoPair = "An Alexa stereo pair joins two identical Echos over Wi-Fi; it does nothing for Bluetooth speakers.";

    /// <summary>L1.</summary>
    public const string FirmwareAddsRadio = "No firmware update adds a second Bluetooth radio to an Echo.";

    /// <summary>DLNA is no route.</summary>
    public const string Dlna = "DLNA cannot do it: Echos are no DLNA renderers, and DLNA players are 250-400 ms apart.";

    internal static bool IsDlna(SourceRef source) => source is { Kind: SourceKind.Url, Argument: { } url }
        && (url.StartsWith("dlna", StringComparison.OrdinalIgnoreCase) || url.StartsWith("upnp", StringComparison.OrdinalIgnoreCase));
}
