using Gateway.Configuration;

namespace Gateway.Bluetooth;

/// <summary>Who carries the sound, and why: <c>bluetooth.audio</c>.</summary>
internal sealed record AudioChoice(bool Own, string Reason)
{
    /// <param name="setting">The configuration's word.</param>
    /// <param name="soundServer">Another program does Bluetooth audio on our adapters.</param>
    /// <param name="codecAvailable">libsbc is installed.</param>
    /// <param name="onHomeAssistantOs">We run as an app of Home Assistant OS, whose sound server owns Bluetooth audio.</param>
    public static AudioChoice Make(BluetoothAudio setting, bool soundServer, bool codecAvailable, bool onHomeAssistantOs)
    {
        if (setting == BluetoothAudio.Own) return new AudioChoice(true, "bluetooth.audio is own");
        if (setting == BluetoothAudio.Pulse) return new AudioChoice(false, "bluetooth.audio is pulse");
        if (onHomeAssistantOs) return new AudioChoice(false, "this is Home Assistant OS, whose sound server owns Bluetooth audio");
        if (soundServer) return new AudioChoice(false, "a sound server (PulseAudio or PipeWire) on this machine has taken Bluetooth audio");
        return codecAvailable
            ? new AudioChoice(true, "no sound server has taken Bluetooth audio here")
            : new AudioChoice(false, "the SBC codec is missing (install the Debian package libsbc1)");
    }

    /// <summary>The Supervisor gives its apps a token, and those with sound its server's socket.</summary>
    public static bool IsHomeAssistantOs() =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("SUPERVISOR_TOKEN")) && Directory.Exists("/run/audio");
}

/// <summary>The sound is left to a sound server, and there is none: nothing can be connected.</summary>
internal sealed record AudioProblem(string Text, string Remedy);
