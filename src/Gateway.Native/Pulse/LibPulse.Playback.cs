using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>What a lasting connection and playing need beside what recording does. Structures as on 64-bit Linux.</summary>
internal static unsafe partial class LibPulse
{
    /// <summary>PA_STREAM_START_UNMUTED: a mute that somebody's other player left behind is not ours.</summary>
    public const int StreamStartUnmuted = 0x10000;

    /// <summary>PA_STREAM_RELATIVE_VOLUME: full volume is the sink's own, also where volumes are flat: the sink gets no louder.</summary>
    public const int StreamRelativeVolume = 0x40000;

    public const int SubscribeSinks = 0x1;
    public const int SubscribeSources = 0x2;
    public const int SinkHasLatency = 0x2;
    public const int SinkIsNetwork = 0x8;
    
    /// <summary>Of sinks and sources.</summary>
    public const int DeviceSuspended = 2;
    public const uint VolumeNorm = 0x10000;
    public const int SeekRelative = 0;

    /// <summary><c>pa_cvolume</c>.</summary>
    public struct ChannelVolumes
    {
        public byte Channels;
        public fixed uint Values[32];
    }

    /// <summary>The members of <c>pa_sink_info</c> and <c>pa_source_info</c> that are read; the two are alike as far as that.</summary>
    [StructLayout(LayoutKind.Explicit)]
    public struct DeviceInfo
    {
        [FieldOffset(0)] public nint Name;
        [FieldOffset(16)] public nint Description;
        [FieldOffset(24)] public SampleSpec Spec;

        /// <summary>Of a source: the name of the sink whose monitor it is; 0: it is none.</summary>
        [FieldOffset(312)] public nint MonitorOf;
        [FieldOffset(336)] public int Flags;
        [FieldOffset(344)] public nint Properties;
        [FieldOffset(364)] public int State;

        /// <summary><c>pa_sink_port_info*</c>, whose first member is the name; 0: it has no ports.</summary>
        [FieldOffset(392)] public nint* ActivePort;

        /// <summary>The Bluetooth device behind it, upper-case <c>AA:BB:CC:DD:EE:FF</c>; null: none.</summary>
        public readonly string? Address => AddressIn(Properties);

        public readonly string? Profile => Property("bluetooth.protocol") ?? Property("api.bluez5.profile");

        public readonly string? Property(string key) => LibPulse.Property(Properties, key);

        public static string? Text(nint utf8) => Marshal.PtrToStringUTF8(utf8);
    }

    /// <summary><c>pa_timing_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimingInfo
    {
        /// <summary>When it was so, on the wall's clock.</summary>
        public long Seconds;
        public long Microseconds;
        public int SynchronizedClocks;
        public ulong SinkUsec;
        public ulong SourceUsec;
        public ulong TransportUsec;
        public int Playing;
        public int WriteIndexCorrupt;
        public long WriteIndex;
        public int ReadIndexCorrupt;
        public long ReadIndex;
        public ulong ConfiguredSinkUsec;
        public ulong ConfiguredSourceUsec;
        public long SinceUnderrun;
    }

    [LibraryImport(Library, EntryPoint = "pa_context_set_state_callback")]
    public static partial void ContextSetStateCallback(nint context, delegate* unmanaged[Cdecl]<nint, nint, void> callback, nint user);

    [LibraryImport(Library, EntryPoint = "pa_context_set_subscribe_callback")]
    public static partial void ContextSetSubscribeCallback(nint context, delegate* unmanaged[Cdecl]<nint, int, uint, nint, void> callback, nint user);

    /// <summary>The operation is ours to unref.</summary>
    [LibraryImport(Library, EntryPoint = "pa_context_subscribe")]
    public static partial nint ContextSubscribe(nint context, int mask, nint callback, nint user);

    /// <summary>The callback gets a <c>pa_sink_info*</c>, and "end of list" not 0 at the end. The operation is ours to unref.</summary>
    [LibraryImport(Library, EntryPoint = "pa_context_get_sink_info_list")]
    public static partial nint ContextSinks(nint context, delegate* unmanaged[Cdecl]<nint, DeviceInfo*, int, nint, void> callback, nint user);

    /// <summary>Null: the list has none.</summary>
    public static string? Property(nint properties, string key) => DeviceInfo.Text(PropertiesGet(properties, key)) is { Length: > 0 } text ? text : null;

    /// <summary>The Bluetooth device that a list of properties speaks of, upper-case <c>AA:BB:CC:DD:EE:FF</c>; null: none.</summary>
    public static string? AddressIn(nint properties)
    {
        var isBluetooth = Property(properties, "device.bus") == "bluetooth" || Property(properties, "bluez.path") is not null;
        return (Property(properties, "api.bluez5.address") ?? (isBluetooth ? Property(properties, "device.string") : null))?.ToUpperInvariant().Replace('_', ':');
    }

    [LibraryImport(Library, EntryPoint = "pa_proplist_new")]
    public static partial nint PropertiesNew();

    [LibraryImport(Library, EntryPoint = "pa_proplist_free")]
    public static partial void PropertiesFree(nint properties);

    [LibraryImport(Library, EntryPoint = "pa_proplist_sets", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int PropertiesSet(nint properties, string key, string value);

    /// <summary>Owned by the list; 0: it has none.</summary>
    [LibraryImport(Library, EntryPoint = "pa_proplist_gets", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint PropertiesGet(nint properties, string key);

    [LibraryImport(Library, EntryPoint = "pa_stream_new_with_proplist", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint StreamNewWithProperties(nint context, string name, in SampleSpec spec, nint map, nint properties);

    [LibraryImport(Library, EntryPoint = "pa_stream_connect_playback", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StreamConnectPlayback(nint stream, string sink, in BufferAttributes attributes, int flags, in ChannelVolumes volume, nint syncStream);

    /// <summary>Copies; the release function 0 says so.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_write")]
    public static partial int StreamWrite(nint stream, void* data, nuint bytes, nint release, long offset, int seek);

    /// <summary>Asks the server; the operation is ours to unref.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_update_timing_info")]
    public static partial nint StreamUpdateTiming(nint stream, nint callback, nint user);

    /// <summary>The latest answer, owned by the stream; null: none yet.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_get_timing_info")]
    public static partial TimingInfo* StreamTiming(nint stream);
}
