namespace Gateway.Storage;

/// <summary>The directory of the database: for its user alone.</summary>
internal static class DataDirectory
{
    private const string OurFiles = "tutti.";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it where it is missing. The rights of one that holds other things too are its owner's business: our files have their own.</summary>
    public static void Make(string directory)
    {
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnly);
            return;
        }

        // Another user's, or read-only: what follows says what does not work.
        StorageTrouble.Try(() =>
        {
            var ours = Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).ToList();
            if (ours.Count > 0 && ours.All(n => n!.StartsWith(OurFiles, StringComparison.Ordinal)) && File.GetUnixFileMode(directory) != OwnerOnly) File.SetUnixFileMode(directory, OwnerOnly);
        });
    }

    /// <summary>The copy of <c>tutti snapshot</c>, in the database's place where a backup brought back only the copy.</summary>
    /// <returns>It was taken.</returns>
    public static bool TakeSnapshot(string database)
    {
        var snapshot = SnapshotOf(database);
        if (File.Exists(database) || !File.Exists(snapshot)) return false;
        File.Move(snapshot, database); // not a copy: a full disk may leave half of one
        return true;
    }

    /// <summary>Writes the copy, whole or not at all; a gateway may run on the directory meanwhile.</summary>
    /// <returns>Its path; null: there is no database.</returns>
    /// <exception cref="StorageException">It could not be written.</exception>
    public static string? WriteSnapshot(string directory)
    {
        var path = Path.Combine(directory, "tutti.db");
        if (!File.Exists(path)) return null;
        var (snapshot, unfinished) = (SnapshotOf(path), SnapshotOf(path) + ".new");
        try
        {
            File.Delete(unfinished);
            using (var database = Database.Open(path)) database.CopyTo(unfinished);
            File.Move(unfinished, snapshot, overwrite: true);
            return snapshot;
        }
        catch (Exception e) when (StorageTrouble.IsKnown(e))
        {
            var trouble = StorageTrouble.Of(e, directory);
            throw new StorageException($"No snapshot was written: {trouble.Why}. {trouble.Remedy}", e);
        }
    }

    private static string SnapshotOf(string database) => Path.ChangeExtension(database, ".snapshot.db");
}
