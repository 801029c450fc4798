using System.Globalization;

namespace Gateway.Storage;

/// <summary>
/// One gateway has a data directory: a lock on a file in it, which the kernel takes back when its process ends, however it ends. A file beside it
/// names the holder, as the locked one cannot be read.
/// </summary>
internal static class DirectoryLock
{
    private const string LockName = "tutti.lock";
    private const string HolderName = "tutti.holder";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>EWOULDBLOCK: the only refusal that means a holder.</summary>
    private const int WouldBlock = 11;

    /// <summary>Null: no lock can be taken here (a read-only or full disk), where nobody can write either.</summary>
    /// <exception cref="StorageException">Another gateway has it.</exception>
    public static IDisposable? Take(string directory, TimeProvider time)
    {
        try
        {
            var file = new FileStream(Path.Combine(directory, LockName), Options(FileMode.OpenOrCreate, FileShare.None));
            Sign(Path.Combine(directory, HolderName), time);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (e is not IOException { HResult: WouldBlock } taken) return null;
            throw new StorageException($"The data directory {directory} is in use by another gateway ({Holder(Path.Combine(directory, HolderName))}). Stop that one, or give this one a directory of its own, with --data or gateway.data.", taken);
        }
    }

    /// <summary>The lock counts also where a full disk has no room for the name.</summary>
    private static void Sign(string path, TimeProvider time) => StorageTrouble.Try(() =>
    {
        using var file = new FileStream(path, Options(FileMode.Create, FileShare.ReadWrite));
#pragma warning disable RS0030 // shown
        file.Write(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, since {time.GetUtcNow():yyyy-MM-dd HH:mm:ss} UTC\n")));
#pragma warning restore RS0030
    });

    private static string Holder(string path)
    {
        string? holder = null;
        return StorageTrouble.Try(() => holder = File.ReadLines(path).FirstOrDefault()) is null ? holder ?? "it had no room to write down who it is" : "who it is cannot be read";
    }

    /// <summary>Nothing is buffered: what finds no room shall not be tried again at the closing.</summary>
    private static FileStreamOptions Options(FileMode mode, FileShare share) => new() { Mode = mode, Access = FileAccess.Write, Share = share, UnixCreateMode = OwnerOnly, BufferSize = 0 };
}
