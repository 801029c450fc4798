using System.Runtime.InteropServices;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// A named pipe between what plays and a virtual speaker: 16 bit stereo at 48 kHz, the format that all players write. Nothing here blocks or
/// allocates. Open at both ends by everyone (O_RDWR), so that nobody's end tears the pipe.
/// </summary>
internal sealed class Fifo : IDisposable
{
    public const int BytesPerFrame = 4;
    private const int ReadWriteNonBlockingCloseOnExec = 0x2 | 0x800 | 0x80000;
    private const int SetPipeSize = 1031;
    private const nuint BytesReadable = 0x541B; // FIONREAD
    private readonly int _handle;

    private Fifo(int handle) => _handle = handle;

    /// <summary>Frames in the pipe.</summary>
    public int Fill
    {
        get
        {
            var bytes = 0;
            _ = ioctl(_handle, BytesReadable, ref bytes);
            return bytes / BytesPerFrame;
        }
    }

    /// <summary>Makes the pipe. The kernel keeps whole pages, a power of two of them: frames times 4 must be that.</summary>
    public static Fifo Create(string path, int frames)
    {
        if (mkfifo(path, 0x180 /* 0600 */) != 0) throw new BenchmarkException($"the pipe {path} cannot be made (error {Marshal.GetLastPInvokeError()}).");
        var fifo = Open(path);
        var granted = fcntl(fifo._handle, SetPipeSize, frames * BytesPerFrame);
        return granted == frames * BytesPerFrame ? fifo : throw new BenchmarkException($"the kernel gives a pipe of {granted} bytes instead of {frames * BytesPerFrame}.");
    }

    public static Fifo Open(string path)
    {
        var handle = open(path, ReadWriteNonBlockingCloseOnExec);
        return handle >= 0 ? new Fifo(handle) : throw new BenchmarkException($"the pipe {path} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Takes what is there, at most the buffer; returns the frames.</summary>
    public int Read(Span<short> stereo) => stereo.IsEmpty ? 0 : Frames(read(_handle, ref MemoryMarshal.GetReference(stereo), stereo.Length * sizeof(short)));

    /// <summary>Puts in what fits; returns the frames.</summary>
    public int Write(ReadOnlySpan<short> stereo) => stereo.IsEmpty ? 0 : Frames(write(_handle, ref MemoryMarshal.GetReference(stereo), stereo.Length * sizeof(short)));

    public void Dispose() => _ = close(_handle);

    private static int Frames(nint bytes) => bytes <= 0 ? 0 : (int)(bytes / BytesPerFrame);

    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo(string path, uint mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int open(string path, int flags);

    [DllImport("libc")]
    private static extern int fcntl(int handle, int command, int argument);

    [DllImport("libc")]
    private static extern int ioctl(int handle, nuint request, ref int value);

    [DllImport("libc")]
    private static extern nint read(int handle, ref short buffer, nint bytes);

    [DllImport("libc")]
    private static extern nint write(int handle, ref short buffer, nint bytes);

    [DllImport("libc")]
    private static extern int close(int handle);
}
