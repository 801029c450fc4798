using Gateway.Engine.Ports;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>Names on the bus, as BlueZ's documentation has them (doc/*-api.txt, org.bluez.*.rst).</summary>
internal static class BlueZNames
{
    public const string Service = "org.bluez";
    public const string Root = "/org/bluez";
    public const string Adapter = "org.bluez.Adapter1";
    public const string Device = "org.bluez.Device1";
    public const string Battery = "org.bluez.Battery1";
    public const string Media = "org.bluez.Media1";
    public const string Endpoint = "org.bluez.MediaEndpoint1";
    public const string Transport = "org.bluez.MediaTransport1";
    public const string AgentManager = "org.bluez.AgentManager1";
    public const string Agent = "org.bluez.Agent1";
    public const string Properties = "org.freedesktop.DBus.Properties";
    public const string ObjectManager = "org.freedesktop.DBus.ObjectManager";

    // Assigned numbers, as 128-bit text.
    public const string AudioSource = "0000110a-0000-1000-8000-00805f9b34fb";
    public const string AudioSink = "0000110b-0000-1000-8000-00805f9b34fb";

    /// <summary>The A2DP profile itself: by this, and neither end's own, BlueZ asks whether a device may connect its sound.</summary>
    public const string AdvancedAudio = "0000110d-0000-1000-8000-00805f9b34fb";

    /// <summary>The profile's own ends: of a device that plays to us we connect its source, of one that we play to its sink.</summary>
    public static string ProfileOf(RadioRole role) => role == RadioRole.Source ? AudioSource : AudioSink;

    /// <summary>AVRCP: what a device that plays to or from us may use beside A2DP.</summary>
    public static readonly string[] RemoteControl =
        ["0000110c-0000-1000-8000-00805f9b34fb", "0000110e-0000-1000-8000-00805f9b34fb", "0000110f-0000-1000-8000-00805f9b34fb"];

    /// <summary>HSP and HFP, both ends of each: what sound servers register beside A2DP.</summary>
    public static readonly string[] Headsets =
    [
        "00001108-0000-1000-8000-00805f9b34fb", "00001112-0000-1000-8000-00805f9b34fb",
        "0000111e-0000-1000-8000-00805f9b34fb", "0000111f-0000-1000-8000-00805f9b34fb",
    ];

    /// <summary>The Public Broadcast and Basic Audio services of LE Audio (BAP: Published Audio Capabilities).</summary>
    public const string LeAudioCapabilities = "00001850-0000-1000-8000-00805f9b34fb";
}
