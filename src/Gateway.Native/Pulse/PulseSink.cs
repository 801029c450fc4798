namespace Gateway.Native.Pulse;

/// <summary>An output of the sound server, as it was when the list was read.</summary>
/// <param name="Address">The Bluetooth device behind it, upper-case <c>AA:BB:CC:DD:EE:FF</c>; null: none.</param>
/// <param name="Profile">In which of its ways a Bluetooth device is used, in the server's words (<c>a2dp_sink</c>, PipeWire: <c>a2dp-sink</c>); null: not told.</param>
/// <param name="Port">The socket that is chosen; null: it has none.</param>
/// <param name="IsSuspended">It sleeps: because nobody plays, or because somebody said so.</param>
/// <param name="TellsLatency">The server can tell how much sound lies between it and the loudspeaker.</param>
public sealed record PulseSink(
    string Name, string Description, int Rate, string? Address, string? Codec, string? Profile, string? Port, bool IsSuspended, bool TellsLatency)
{
    /// <summary>A headset's telephony: mono, and no better than a telephone.</summary>
    public bool IsTelephony => IsTelephonyProfile(Profile);

    internal static bool IsTelephonyProfile(string? profile) =>
        profile is not null && (profile.Contains("hands", StringComparison.OrdinalIgnoreCase) || profile.Contains("head", StringComparison.OrdinalIgnoreCase));

    internal static unsafe PulseSink From(LibPulse.DeviceInfo* info) => new(
        LibPulse.DeviceInfo.Text(info->Name) ?? "", LibPulse.DeviceInfo.Text(info->Description) ?? "", (int)info->Spec.Rate, info->Address,
        info->Property("bluetooth.codec") ?? info->Property("api.bluez5.codec"), info->Profile,
        info->ActivePort == null ? null : LibPulse.DeviceInfo.Text(*info->ActivePort), info->State == LibPulse.DeviceSuspended,
        (info->Flags & LibPulse.SinkHasLatency) != 0 && (info->Flags & LibPulse.SinkIsNetwork) == 0);
}
