namespace Gateway.Bluetooth.BlueZ;

/// <summary>The class of device (Assigned Numbers §2.8): major class in bits 8-12, minor in bits 2-7.</summary>
internal static class DeviceClass
{
    private const int MajorComputer = 1;
    private const int MajorPhone = 2;
    private const int MajorAudioVideo = 4;
    private const int DisplayAndLoudspeaker = 15;

    // Wearable headset, hands-free, loudspeaker, headphones, portable audio, car audio, hi-fi.
    private static readonly int[] s_loudspeakerLike = [1, 2, 5, 6, 7, 8, 10];

    /// <summary>Would a phone or an Echo take it for something to play to?</summary>
    public static bool IsLoudspeakerLike(long deviceClass) =>
        Major(deviceClass) == MajorAudioVideo && s_loudspeakerLike.Contains(Minor(deviceClass));

    /// <summary>Does a device of this class sound? Beside the loudspeakers, a display with one (a television).</summary>
    public static bool Sounds(long deviceClass) => IsLoudspeakerLike(deviceClass) || (Major(deviceClass) == MajorAudioVideo && Minor(deviceClass) == DisplayAndLoudspeaker);

    public static bool IsPhoneOrComputer(long deviceClass) => Major(deviceClass) is MajorPhone or MajorComputer;

    private static int Minor(long deviceClass) => (int)((deviceClass >> 2) & 0x3F);

    private static long Major(long deviceClass) => (deviceClass >> 8) & 0x1F;

    public static string Advice(long deviceClass) =>
        $"This adapter presents itself as class 0x{deviceClass:x6}, which is no loudspeaker, so an Echo may not offer it: "
        + "set \"Class = 0x000414\" in the section [General] of /etc/bluetooth/main.conf and restart the bluetooth service.";
}
