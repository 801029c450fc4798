namespace Gateway.Native.Pulse;

/// <summary>What the sound server can be recorded from, as it was when the list was read: no monitor, which is a copy of what is played.</summary>
/// <param name="Address">The Bluetooth device behind it, upper-case <c>AA:BB:CC:DD:EE:FF</c>; null: none.</param>
/// <param name="Profile">In which of its ways a Bluetooth device is used, in the server's words (<c>a2dp_source</c>, PipeWire: <c>a2dp-source</c>); null: not told.</param>
public sealed record PulseSource(string Name, string Description, string? Address, string? Profile)
{
    /// <summary>A telephone call's sound, or a headset's microphone.</summary>
    public bool IsTelephony => PulseSink.IsTelephonyProfile(Profile);

    /// <summary>Null: it is a monitor.</summary>
    internal static unsafe PulseSource? From(LibPulse.DeviceInfo* info) =>
        info->MonitorOf != 0 ? null : new PulseSource(LibPulse.DeviceInfo.Text(info->Name) ?? "", LibPulse.DeviceInfo.Text(info->Description) ?? "", info->Address, info->Profile);
}
