using System.Runtime.InteropServices;

namespace Gateway.Native.Libc;

/// <summary>The few libc calls that .NET has no allocation-free equivalent for. 64-bit Linux only (struct layouts).</summary>
internal static partial class LibC
{
    private const string Library = "libc";

    public const int ClockRealtime = 0;
    public const int ClockMonotonic = 1;
    public const int TimerAbsolute = 1;
    public const int Again = 11;
    public const int Interrupted = 4;
    public const int NoMemory = 12;
    public const int NoBuffers = 105;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollErrorHangUpInvalid = 0x8 | 0x10 | 0x20;
    public const int MsgDontWait = 0x40;
    public const int MsgNoSignal = 0x4000;
    public const int SolSocket = 1;
    public const int SoSendBuffer = 7;
    public const int ScheduleFifo = 1;
    public const int ScheduleResetOnFork = 0x40000000;

    /// <summary>PRIO_PROCESS; on Linux the id is a thread's, 0 the caller's.</summary>
    public const int PriorityProcess = 0;

    [LibraryImport(Library, EntryPoint = "send", SetLastError = true)]
    public static unsafe partial nint Send(SafeHandle socket, byte* data, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "recv", SetLastError = true)]
    public static unsafe partial nint Receive(SafeHandle socket, byte* data, nuint length, int flags);

    /// <summary>Blocks for at most <paramref name="timeoutMs"/>.</summary>
    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollFd fd, nuint count, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(SafeHandle socket, int level, int option, in int value, uint length);

    /// <summary>Blocks until the absolute time; returns the error number, not -1.</summary>
    [LibraryImport(Library, EntryPoint = "clock_nanosleep")]
    public static partial int ClockNanosleep(int clock, int flags, in Timespec request, nint remaining);

    /// <summary>CLOCK_REALTIME: what servers stamp their answers with.</summary>
    public static long WallNanoseconds()
    {
        ClockGetTime(ClockRealtime, out var now);
        return (now.Seconds * 1_000_000_000) + now.Nanoseconds;
    }

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out Timespec time);

    [LibraryImport(Library, EntryPoint = "sched_setscheduler", SetLastError = true)]
    public static partial int SetScheduler(int thread, int policy, in int priority);

    /// <summary>Returns a descriptor. Without O_NONBLOCK it blocks on a named pipe until somebody writes.</summary>
    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>statx: unlike stat's, its structure is the same on every processor.</summary>
    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static unsafe partial int Statx(int folder, string path, int flags, uint mask, FileStatus* status);

    /// <summary>Returns a string of malloc's where <paramref name="buffer"/> is null, which must be released with <see cref="Free"/>; null: not there.</summary>
    [LibraryImport(Library, EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint RealPath(string path, nint buffer);

    [LibraryImport(Library, EntryPoint = "free")]
    public static partial void Free(nint memory);

    /// <summary><c>struct statx</c>, of which only the type is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct FileStatus
    {
        [FieldOffset(28)]
        public ushort Mode;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport(Library, EntryPoint = "setpriority")]
    public static partial int SetPriority(int which, int who, int nice);
}
