using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Native.Libc;

/// <summary>
/// Opens what somebody else named, and takes nothing but a file on a disk: a named pipe would keep the caller waiting for ever, a device may do something when
/// it is opened. .NET's own opening cannot tell before it waits.
/// </summary>
public static class RegularFile
{
    private const int ReadOnly = 0;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const uint TypeOnly = 1;
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Directory = 0x4000;

    private const int NotPermitted = 1, NoEntry = 2, AccessDenied = 13, NotADirectory = 20;

    /// <summary>There is such a file; links are followed. False too where it may not be looked at.</summary>
    public static bool Exists(string path) => !string.IsNullOrEmpty(path) && !path.Contains('\0', StringComparison.Ordinal) && TypeOf(CurrentDirectory, path, 0) == Regular;

    /// <summary>Opens it for reading; links are followed.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="DirectoryNotFoundException">A folder on the way is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    /// <exception cref="IOException">It is no file on a disk, or cannot be read for another reason.</exception>
    public static SafeFileHandle Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("The path is not valid.", nameof(path));
        // Looked at first, as opening a device may do something; and once more when it is open, as somebody may have changed it in between.
        if (WhyNot(TypeOf(CurrentDirectory, path, 0), path) is { } no) throw no;
        var opened = LibC.Open(path, ReadOnly | NonBlocking | NoControllingTerminal | CloseOnExec);
        if (opened < 0) throw Error(Marshal.GetLastPInvokeError(), path);
        var handle = new SafeFileHandle(opened, ownsHandle: true);
        if (WhyNot(TypeOf(opened, "", EmptyPath), path) is not { } changed) return handle;
        handle.Dispose();
        throw changed;
    }

    /// <summary>Where an open file really lies, without any link; null: it is nowhere any more.</summary>
    public static string? PlaceOf(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return RealPath($"/proc/self/fd/{file.DangerousGetHandle()}");
    }

    /// <summary>An absolute path without any link; null: it is not there, or may not be looked at.</summary>
    public static string? RealPath(string path)
    {
        var found = LibC.RealPath(path, 0);
        if (found == 0) return null;
        try
        {
            return Marshal.PtrToStringUTF8(found);
        }
        finally
        {
            LibC.Free(found);
        }
    }

    private static Exception? WhyNot(int type, string path) => type switch
    {
        Regular => null,
        Directory => new UnauthorizedAccessException($"{path} is a folder."),
        < 0 => Error(-type, path),
        _ => new IOException("it is no file on a disk, but a pipe, a socket or a device"),
    };

    /// <summary>Negative: the system's error.</summary>
    private static unsafe int TypeOf(int folder, string path, int flags)
    {
        LibC.FileStatus status = default;
        return LibC.Statx(folder, path, flags, TypeOnly, &status) == 0 ? status.Mode & TypeMask : -Marshal.GetLastPInvokeError();
    }

    private static Exception Error(int error, string path) => error switch
    {
        NoEntry => new FileNotFoundException($"There is no {path}.", path),
        NotADirectory => new DirectoryNotFoundException($"There is no {path}."),
        AccessDenied or NotPermitted => new UnauthorizedAccessException($"This user may not read {path}."),
        _ => new IOException(Marshal.GetPInvokeErrorMessage(error)),
    };
}
