using Gateway.Configuration;

namespace Gateway.Bluetooth;

/// <summary>Who carries the sound, and why: <c>bluetooth.audio</c>.</summary>
internal sealed record AudioChoice(bool Own, string Reason)
{
    /// <param name="setting">The configuration's word.</param>
    /// <param name="adapterUuids">The services of our adapters before we registered any.</param>
    /// <param name="codecAvailable">libsbc is installed.</param>
    /// <param name="onHomeAssistantOs">We run as an app of Home Assistant OS, whose sound server owns Bluetooth audio.</param>
    public static AudioChoice Make(BluetoothAudio setting, IEnumerable<string> adapterUuids, bool codecAvailable, bool onHomeAssistantOs)
    {
        if (setting == BluetoothAudio.Own) return new AudioChoice(true, "bluetooth.audio is own");
        if (setting == BluetoothAudio.Pulse) return new AudioChoice(false, "bluetooth.audio is pulse");
        if (onHomeAssistantOs) return new AudioChoice(false, "this is Home Assistant OS, whose sound server owns Bluetooth audio");
        // A sound server that does Bluetooth has registered a source end point, and the adapter advertises it.
        if (adapterUuids.Any(u => u.Equals(BlueZ.BlueZNames.AudioSource, StringComparison.OrdinalIgnoreCase)))
            return new AudioChoice(false, "a sound server (PulseAudio or PipeWire) on this machine has taken Bluetooth audio already");
        return codecAvailable
            ? new AudioChoice(true, "no sound server has taken Bluetooth audio here")
            : new AudioChoice(false, "the SBC codec is missing (install the Debian package libsbc1)");
    }

    /// <summary>The Supervisor gives its apps a token, and those with sound its server's socket.</summary>
    public static bool IsHomeAssistantOs() =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SUPERVISOR_TOKEN")) && Directory.Exists("/run/audio");
}
