using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// What must survive a restart, as named texts in scopes (<c>desired</c>, <c>speaker</c>, <c>id</c>, <c>discovery</c>, …), in SQLite.
/// <see cref="Put"/> returns after the commit: <c>accepted</c> is said only then. Safe from any thread; one
/// connection behind one lock, because SQLite has one writer anyway and every write here is small.
/// </summary>
public sealed class Store : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SqliteConnection _connection;

    private Store(SqliteConnection connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    public string Path { get; }

    /// <summary>Set where a broken database was put aside at opening: the sentence to log. Nothing learned was readable.</summary>
    public string? Notice { get; private init; }

    /// <summary>Opens (or creates) <c>tutti.db</c> in <paramref name="directory"/>.</summary>
    /// <exception cref="StorageException">The directory cannot be written, with the reason and the remedy.</exception>
    public static Store Open(string directory, TimeProvider time)
    {
        var path = System.IO.Path.Combine(directory, "tutti.db");
        try
        {
            Directory.CreateDirectory(directory);
            try
            {
                return new Store(Connect(path), path);
            }
            catch (SqliteException broken) when (broken.SqliteErrorCode is 11 or 26) // SQLITE_CORRUPT, SQLITE_NOTADB
            {
                SqliteConnection.ClearAllPools();
                var aside = $"{path}.broken-{time.GetUtcNow():yyyyMMddTHHmmss}";
                File.Move(path, aside, overwrite: true);
                File.Delete(path + "-wal");
                File.Delete(path + "-shm");
                return new Store(Connect(path), path)
                {
                    Notice = $"The database {path} is damaged ({broken.Message}). It was moved to {aside} and a new one started: pairings, trims and what was switched on have to be set again.",
                };
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException or NotSupportedException)
        {
            throw new StorageException($"The data directory {directory} cannot be used: {e.Message} Give a directory that this user may write, with --data or gateway.data.", e);
        }
    }

    public string? Get(string scope, string key)
    {
        lock (_gate)
        {
            using var command = Command("SELECT value FROM fact WHERE scope = $scope AND key = $key", scope, key);
            return command.ExecuteScalar() as string;
        }
    }

    /// <summary>Every text of a scope by key.</summary>
    public IReadOnlyDictionary<string, string> All(string scope)
    {
        lock (_gate)
        {
            using var command = Command("SELECT key, value FROM fact WHERE scope = $scope", scope);
            using var reader = command.ExecuteReader();
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            while (reader.Read()) found[reader.GetString(0)] = reader.GetString(1);
            return found;
        }
    }

    /// <summary>Writes a text, or removes it where <paramref name="value"/> is null; committed on return.</summary>
    public void Put(string scope, string key, string? value) => Put(scope, [new(key, value)]);

    /// <summary>Writes several texts in one transaction; committed on return.</summary>
    public void Put(string scope, IEnumerable<KeyValuePair<string, string?>> values)
    {
        lock (_gate)
        {
            using var transaction = _connection.BeginTransaction();
            foreach (var (key, value) in values)
            {
                using var command = value is null
                    ? Command("DELETE FROM fact WHERE scope = $scope AND key = $key", scope, key)
                    : Command("INSERT INTO fact (scope, key, value) VALUES ($scope, $key, $value) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value", scope, key, value);
                command.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    public void Dispose()
    {
        lock (_gate) _connection.Dispose();
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            // FULL: what was accepted survives a power cut as well as a killed process.
            command.CommandText = """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA busy_timeout = 2000;
                CREATE TABLE IF NOT EXISTS fact (scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID;
                """;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private SqliteCommand Command(string sql, string scope, string? key = null, string? value = null)
    {
        var command = _connection.CreateCommand();
        command.CommandTimeout = 2; // seconds: the reconciler waits here, and the house with it
#pragma warning disable CA2100 // every text is a constant of this file
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$scope", scope);
        if (key is not null) command.Parameters.AddWithValue("$key", key);
        if (value is not null) command.Parameters.AddWithValue("$value", value);
        return command;
    }
}

/// <summary>The data directory cannot be used.</summary>
public sealed class StorageException(string message, Exception inner) : Exception(message, inner);
