using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>A stored text; null: removed.</summary>
internal readonly record struct StoredText(string Scope, string Key, string? Value);

/// <summary>What a database file held.</summary>
/// <param name="Facts">All, or of a damaged one those that could still be read.</param>
/// <param name="Damage">SQLite's words; null: it is whole.</param>
internal sealed record Content(IReadOnlyList<StoredText> Facts, string? Damage);

/// <summary>The SQLite file: one table. Every method throws what SQLite says. Not thread-safe.</summary>
internal sealed class Database : IDisposable
{
    /// <summary>In <c>user_version</c>. A change that an older program would misread raises it.</summary>
    public const int Format = 1;

    /// <summary>For another program's lock: the reconciler waits here, and the house with it.</summary>
    private const int PatienceSeconds = 2;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string[] s_parts = ["", "-wal", "-shm"];
    private readonly SqliteConnection _connection;

    private Database(SqliteConnection connection) => _connection = connection;

    /// <param name="mostPages">For tests: the file may not grow beyond, as on a full disk.</param>
    /// <exception cref="StorageException">It was written by a newer version, or is another program's: it is left as it is.</exception>
    public static Database Open(string path, int? mostPages = null)
    {
        CreatePrivate(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = PatienceSeconds }.ToString());
        try
        {
            connection.Open();
            var version = Convert.ToInt64(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
            if (version > Format)
            {
                throw new StorageException($"The database {path} was written by a newer version of Tutti (format {version}; this one knows {Format}), and is left as it is. Install that version again, or give this one a directory of its own, with --data or gateway.data.");
            }

            if (mostPages is { } most) Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {most}"));
            // FULL: what was accepted survives a power cut as well as a killed process. A small cache: what is read is in memory already.
            Execute(connection, "PRAGMA cache_size = -256; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
            if (version < Format)
            {
                Execute(connection, string.Create(CultureInfo.InvariantCulture, $"""
                    BEGIN;
                    CREATE TABLE IF NOT EXISTS fact (scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID;
                    PRAGMA user_version = {Format};
                    COMMIT;
                    """));
            }

            MakePrivate(path);
            return new Database(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads everything there is. Damage is looked for first: a page that nobody reads today is needed tomorrow.</summary>
    public Content Read()
    {
        string? damage;
        try
        {
            damage = Scalar(_connection, "PRAGMA integrity_check(1)") as string is "ok" ? null : "an inner page is broken";
            if (damage is null) return new Content(ReadRows("scope, key"), null);
        }
        catch (SqliteException e) when (StorageTrouble.IsDamage(e))
        {
            damage = e.Message;
        }

        // From both ends up to what is broken.
        var found = new Dictionary<(string, string), StoredText>();
        foreach (var order in new[] { "scope, key", "scope DESC, key DESC" }) foreach (var fact in ReadRows(order, salvage: true)) found.TryAdd((fact.Scope, fact.Key), fact);
        return new Content([.. found.Values], damage);
    }

    /// <summary>Writes all in one transaction; committed on return.</summary>
    public void Write(IEnumerable<StoredText> facts)
    {
        using var transaction = _connection.BeginTransaction();
        using var put = Command("INSERT INTO fact (scope, key, value) VALUES ($scope, $key, $value) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value");
        using var remove = Command("DELETE FROM fact WHERE scope = $scope AND key = $key");
        foreach (var fact in facts)
        {
            var command = fact.Value is null ? remove : put;
            command.Parameters.Clear();
            command.Parameters.AddWithValue("$scope", fact.Scope);
            command.Parameters.AddWithValue("$key", fact.Key);
            if (fact.Value is not null) command.Parameters.AddWithValue("$value", fact.Value);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    /// <summary>Writes a consistent copy to <paramref name="path"/>, also while another process writes.</summary>
    public void CopyTo(string path)
    {
        CreatePrivate(path);
        using var command = Command("VACUUM INTO $path");
        command.CommandTimeout = 30;
        command.Parameters.AddWithValue("$path", path);
        command.ExecuteNonQuery();
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Reads a database where nothing can be written, by a copy of its files elsewhere.</summary>
    public static Content ReadCopy(string path)
    {
        var elsewhere = Directory.CreateTempSubdirectory("tutti-");
        try
        {
            var copy = Path.Combine(elsewhere.FullName, Path.GetFileName(path));
            foreach (var part in s_parts.Take(2).Where(p => File.Exists(path + p)))
            {
                File.Copy(path + part, copy + part);
                File.SetUnixFileMode(copy + part, OwnerOnly);
            }

            using var database = Open(copy);
            return database.Read();
        }
        catch (SqliteException e) when (e.SqliteErrorCode != StorageTrouble.Full)
        {
            return new Content([], e.Message); // here everything may be done with it
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    /// <summary>Moves a damaged database out of the way with all its parts; returns where to.</summary>
    public static string MoveAside(string path, TimeProvider time)
    {
#pragma warning disable RS0030 // a name for people
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.broken-{time.GetUtcNow():yyyyMMddTHHmmss}");
#pragma warning restore RS0030
        var free = aside;
        // A machine without a clock of its own has the same time at each start.
        for (var i = 2; File.Exists(free); i++) free = string.Create(CultureInfo.InvariantCulture, $"{aside}-{i}");
        File.Move(path, free);
        foreach (var part in s_parts.Skip(1).Where(p => File.Exists(path + p))) File.Move(path + part, free + part);
        return free;
    }

    /// <summary>The order proves each row: what a broken page makes up, or shows twice, ends the reading.</summary>
    private List<StoredText> ReadRows(string order, bool salvage = false)
    {
        var found = new List<StoredText>();
        try
        {
            using var command = Command($"SELECT scope, key, value FROM fact ORDER BY {order}");
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (reader.GetValue(0) is not string scope || reader.GetValue(1) is not string key || reader.GetValue(2) is not string value) continue;
                if (salvage && found.Count > 0 && Math.Sign(string.CompareOrdinal($"{scope}\0{key}", $"{found[^1].Scope}\0{found[^1].Key}")) != (order.Contains("DESC", StringComparison.Ordinal) ? -1 : 1)) break;
                found.Add(new StoredText(scope, key, value));
            }
        }
        catch (SqliteException) when (salvage)
        {
        }

        return found;
    }

    /// <summary>For its user alone; the other parts take the file's mode when SQLite makes them.</summary>
    private static void MakePrivate(string path)
    {
        foreach (var part in s_parts)
        {
            // Another user's file, or a file system without rights: it works without.
            StorageTrouble.Try(() =>
            {
                if (File.Exists(path + part) && File.GetUnixFileMode(path + part) != OwnerOnly) File.SetUnixFileMode(path + part, OwnerOnly);
            });
        }
    }

    /// <summary>Empty is as good as new to SQLite, and it would let everybody read what it makes itself.</summary>
    private static void CreatePrivate(string path)
    {
        if (!File.Exists(path)) File.Open(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }).Dispose();
    }

    private SqliteCommand Command(string sql) => Command(_connection, sql);

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        return command.ExecuteScalar();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }
}
