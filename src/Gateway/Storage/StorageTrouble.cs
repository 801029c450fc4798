using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>What stands in the way of a write, in words.</summary>
/// <param name="Why">Part of a sentence: "the disk with /data is full".</param>
/// <param name="Remedy">A sentence.</param>
internal sealed record StorageTrouble(string Why, string Remedy)
{
    // Results of SQLite, and errno of Linux.
    private const int NoSuchTable = 1;
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    internal const int Full = 13;
    private const int CannotOpen = 14;
    private const int TooBig = 18;
    private const int NotADatabase = 26;
    private const int CannotRead = InputOutput | (1 << 8);
    private const int ShortRead = InputOutput | (2 << 8);
    private const int BrokenFileSystem = InputOutput | (33 << 8);
    private const int SharedMemorySize = InputOutput | (19 << 8);
    private const int NoSpace = 28;
    private const int Quota = 122;
    private const int ReadOnlySystem = 30;

    /// <summary>The file itself is broken: nothing else than another file helps. Every statement is a constant, so an error in one is an error of the schema.</summary>
    public static bool IsDamage(Exception error) =>
        error is SqliteException { SqliteErrorCode: NoSuchTable or Corrupt or TooBig or NotADatabase } or SqliteException { SqliteExtendedErrorCode: CannotRead or ShortRead or BrokenFileSystem };

    /// <summary>An error of the disk or of its rights, as opposed to one of ours.</summary>
    public static bool IsKnown(Exception error) =>
        IsDamage(error) || error is IOException or UnauthorizedAccessException or SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or InputOutput or Full or CannotOpen };

    /// <summary>SQLite does not tell why a file cannot be opened; the system does when asked for another one.</summary>
    private static Exception? Probe(string directory)
    {
        var path = Path.Combine(directory, "tutti.probe");
        var trouble = Try(() => File.WriteAllText(path, "1"));
        Try(() => File.Delete(path));
        return trouble;
    }

    /// <summary>Does something with a file; what the disk or its rights have against it, or null: it is done.</summary>
    public static Exception? Try(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    public static StorageTrouble Of(Exception error, string directory) => error switch
    {
        // The shared memory of the write-ahead log is the first thing for which a full disk has no room.
        SqliteException { SqliteErrorCode: Full } or SqliteException { SqliteExtendedErrorCode: SharedMemorySize } or IOException { HResult: NoSpace or Quota } =>
            new($"the disk with {directory} is full", "Make room there: delete what is not needed, or give a larger disk."),
        SqliteException { SqliteErrorCode: CannotOpen or ReadOnly } when Probe(directory) is { } plain => Of(plain, directory),
        SqliteException { SqliteErrorCode: ReadOnly } or IOException { HResult: ReadOnlySystem } =>
            new($"{directory} is read-only", "Mount it writable, and see to it that the gateway's user may write there; a disk that became read-only by itself may be failing."),
        UnauthorizedAccessException or SqliteException { SqliteErrorCode: CannotOpen } =>
            new($"this user may not write in {directory}", "Give a directory that this user may write, with --data or gateway.data."),
        SqliteException { SqliteErrorCode: Busy or Locked } => new($"another program holds the database in {directory}", "Close that program."),
        SqliteException { SqliteErrorCode: InputOutput } => new($"the disk with {directory} reports errors ({error.Message.TrimEnd('.')})", "Look at the disk: it may be failing."),
        _ => new(error.Message.TrimEnd('.'), "Give a directory that this user may write, with --data or gateway.data."),
    };
}
