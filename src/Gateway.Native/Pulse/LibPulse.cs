using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>
/// libpulse 16 (Debian package libpulse0), which PulseAudio and PipeWire both serve. Everything but the main loop's own calls is made
/// with its lock held.
/// </summary>
internal static unsafe partial class LibPulse
{
    public const string Library = "libpulse.so.0";

    public const int ContextNoAutospawn = 1;
    public const int ContextReady = 4;
    public const int ContextFailed = 5;

    public const int StreamReady = 2;
    public const int StreamFailed = 3;

    /// <summary>PA_STREAM_DONT_MOVE: another source would be another microphone, at another place.</summary>
    public const int StreamDontMove = 0x200;

    /// <summary>PA_STREAM_FIX_CHANNELS: the source's own channels, not a mixture of them.</summary>
    public const int StreamFixChannels = 0x100;

    /// <summary>PA_STREAM_ADJUST_LATENCY: the source itself delivers pieces of the size asked for.</summary>
    public const int StreamAdjustLatency = 0x2000;

    public const int Float32LittleEndian = 5;
    public const int OperationRunning = 0;

    public const int ErrorAccess = 1;
    public const int ErrorNoEntity = 5;
    public const int ErrorConnectionRefused = 6;
    public const int ErrorAuthenticationKey = 9;
    public const int ErrorInvalidServer = 13;

    [StructLayout(LayoutKind.Sequential)]
    public struct SampleSpec
    {
        public int Format;
        public uint Rate;
        public byte Channels;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct BufferAttributes
    {
        public uint MaxLength;
        public uint TargetLength;
        public uint Prebuffer;
        public uint MinimumRequest;
        public uint FragmentSize;
    }

    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_new")]
    public static partial nint MainLoopNew();

    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_start")]
    public static partial int MainLoopStart(nint loop);

    /// <summary>Blocks until the loop's thread has ended. Not with the lock held.</summary>
    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_stop")]
    public static partial void MainLoopStop(nint loop);

    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_free")]
    public static partial void MainLoopFree(nint loop);

    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_lock")]
    public static partial void MainLoopLock(nint loop);

    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_unlock")]
    public static partial void MainLoopUnlock(nint loop);

    /// <summary>Owned by the loop.</summary>
    [LibraryImport(Library, EntryPoint = "pa_threaded_mainloop_get_api")]
    public static partial nint MainLoopApi(nint loop);

    [LibraryImport(Library, EntryPoint = "pa_context_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ContextNew(nint api, string name);

    [LibraryImport(Library, EntryPoint = "pa_context_connect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ContextConnect(nint context, string? server, int flags, nint spawn);

    [LibraryImport(Library, EntryPoint = "pa_context_get_state")]
    public static partial int ContextState(nint context);

    [LibraryImport(Library, EntryPoint = "pa_context_errno")]
    public static partial int ContextError(nint context);

    [LibraryImport(Library, EntryPoint = "pa_context_disconnect")]
    public static partial void ContextDisconnect(nint context);

    [LibraryImport(Library, EntryPoint = "pa_context_unref")]
    public static partial void ContextUnref(nint context);

    /// <summary>The callback gets a <c>pa_source_info*</c>, and "end of list" not 0 at the end. The operation is ours to unref.</summary>
    [LibraryImport(Library, EntryPoint = "pa_context_get_source_info_list")]
    public static partial nint ContextSources(nint context, delegate* unmanaged[Cdecl]<nint, DeviceInfo*, int, nint, void> callback, nint user);

    [LibraryImport(Library, EntryPoint = "pa_operation_get_state")]
    public static partial int OperationState(nint operation);

    [LibraryImport(Library, EntryPoint = "pa_operation_cancel")]
    public static partial void OperationCancel(nint operation);

    [LibraryImport(Library, EntryPoint = "pa_operation_unref")]
    public static partial void OperationUnref(nint operation);

    [LibraryImport(Library, EntryPoint = "pa_stream_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint StreamNew(nint context, string name, in SampleSpec spec, nint map);

    [LibraryImport(Library, EntryPoint = "pa_stream_connect_record", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StreamConnectRecord(nint stream, string? source, in BufferAttributes attributes, int flags);

    /// <summary>Called with the lock held; none: no callback.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_set_state_callback")]
    public static partial void StreamSetStateCallback(nint stream, delegate* unmanaged[Cdecl]<nint, nint, void> callback, nint user);

    /// <summary>Owned by the stream.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_get_context")]
    public static partial nint StreamContext(nint stream);

    [LibraryImport(Library, EntryPoint = "pa_stream_get_state")]
    public static partial int StreamState(nint stream);

    /// <summary>Owned by the stream.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_get_sample_spec")]
    public static partial SampleSpec* StreamSampleSpec(nint stream);

    /// <summary>Owned by the stream.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_get_device_name")]
    public static partial nint StreamDeviceName(nint stream);

    /// <summary>1: the source sleeps, and nothing arrives.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_is_suspended")]
    public static partial int StreamIsSuspended(nint stream);

    /// <summary>The oldest piece; the same again until it is dropped. Length 0: nothing there; no data and a length: a gap.</summary>
    [LibraryImport(Library, EntryPoint = "pa_stream_peek")]
    public static partial int StreamPeek(nint stream, float** data, nuint* bytes);

    [LibraryImport(Library, EntryPoint = "pa_stream_drop")]
    public static partial int StreamDrop(nint stream);

    [LibraryImport(Library, EntryPoint = "pa_stream_disconnect")]
    public static partial int StreamDisconnect(nint stream);

    [LibraryImport(Library, EntryPoint = "pa_stream_unref")]
    public static partial void StreamUnref(nint stream);

    /// <summary>A static text.</summary>
    [LibraryImport(Library, EntryPoint = "pa_strerror")]
    public static partial nint ErrorText(int error);
}
