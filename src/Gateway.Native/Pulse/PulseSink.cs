using System.Runtime.InteropServices;

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
    public bool IsTelephony => Profile is { } profile && (profile.Contains("hands", StringComparison.OrdinalIgnoreCase) || profile.Contains("head", StringComparison.OrdinalIgnoreCase));

    internal static unsafe PulseSink From(LibPulse.SinkInfo* info)
    {
        var address = Property(info, "api.bluez5.address") ?? (IsBluetooth(info) ? Property(info, "device.string") : null);
        return new PulseSink(
            Text(info->Name) ?? "", Text(info->Description) ?? "", (int)info->Spec.Rate, address?.ToUpperInvariant().Replace('_', ':'),
            Property(info, "bluetooth.codec") ?? Property(info, "api.bluez5.codec"), Property(info, "bluetooth.protocol") ?? Property(info, "api.bluez5.profile"),
            info->ActivePort == null ? null : Text(*info->ActivePort), info->State == LibPulse.SinkSuspended,
            (info->Flags & LibPulse.SinkHasLatency) != 0 && (info->Flags & LibPulse.SinkIsNetwork) == 0);
    }

    private static unsafe bool IsBluetooth(LibPulse.SinkInfo* info) => Property(info, "device.bus") == "bluetooth" || Property(info, "bluez.path") is not null;

    private static unsafe string? Property(LibPulse.SinkInfo* info, string key) => Text(LibPulse.PropertiesGet(info->Properties, key)) is { Length: > 0 } text ? text : null;

    private static string? Text(nint utf8) => Marshal.PtrToStringUTF8(utf8);
}
