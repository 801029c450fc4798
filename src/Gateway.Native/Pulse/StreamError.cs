using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>
/// Why one stream failed. A connection remembers one last error for all of its streams, so that it is read in the moment in which this one fails. Made and ended under
/// the loop's lock; may be asked by any thread, afterwards too.
/// </summary>
internal sealed unsafe class StreamError
{
    private readonly int[] _code = GC.AllocateArray<int>(1, pinned: true);

    public StreamError(nint stream) => LibPulse.StreamSetStateCallback(stream, &OnState, Marshal.UnsafeAddrOfPinnedArrayElement(_code, 0));

    /// <summary>In the server's words; null: it has not failed.</summary>
    public string? Text => Code > 0 ? Marshal.PtrToStringUTF8(LibPulse.ErrorText(Code)) : null;

    /// <summary>It was opened on a device that the server has not.</summary>
    public bool IsNoSuchDevice => Code == LibPulse.ErrorNoEntity;

    private int Code => Volatile.Read(ref _code[0]);

    /// <summary>Nothing is noted any more: before the stream is let go.</summary>
    public static void End(nint stream) => LibPulse.StreamSetStateCallback(stream, null, 0);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnState(nint stream, nint code)
    {
        if (LibPulse.StreamState(stream) == LibPulse.StreamFailed) Volatile.Write(ref *(int*)code, LibPulse.ContextError(LibPulse.StreamContext(stream)));
    }
}
