namespace Gateway.Echo.Alexa;

/// <summary>Where the web API has what.</summary>
internal static class AlexaPaths
{
    /// <summary>Asked of the Echos themselves: what is kept may be minutes old.</summary>
    public const string Bluetooth = "/api/bluetooth?cached=false";

    /// <summary>The words are meant as they are.</summary>
    public const string Volumes = "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes";

    public const string Devices = "/api/devices-v2/device?cached=false";
    public const string DevicesAsKept = "/api/devices-v2/device?cached=true";
    public const string Sequence = "/api/behaviors/preview";
    public const string Groups = "/api/lemur/tail";

    /// <summary>The list in each answer.</summary>
    public const string BluetoothList = "bluetoothStates";
    public const string VolumesList = "volumes";
    public const string DevicesList = "devices";
    public const string SocketList = "ports";

    public static string Socket(AlexaDevice device) => $"/api/auxcontroller/{device.Type}/{device.Serial}/state";

    public static string SocketDirection(AlexaDevice device) => $"/api/auxcontroller/{device.Type}/{device.Serial}/ports/aux0/setDirection";

    public static string Link(string act, AlexaDevice device) => $"/api/bluetooth/{act}/{device.Type}/{device.Serial}";
}
