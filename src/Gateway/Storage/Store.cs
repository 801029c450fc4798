using System.Collections.Immutable;

namespace Gateway.Storage;

/// <summary>
/// What must survive a restart, as named texts in scopes (<c>desired</c>, <c>speaker</c>, <c>id</c>, <c>discovery</c>, …): all of it in memory, and on the disk in
/// SQLite. Reading costs no disk and no lock, so any loop may read. <c>Put</c> returns after the commit: <c>accepted</c> is said only then.
/// A disk that fails while we run (full, read-only, damaged, deleted) takes nothing from memory, and gets everything back with the first write that works again.
/// Safe from any thread; one connection behind one lock, because SQLite has one writer anyway and every write here is small.
/// </summary>
public sealed class Store : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly int? _mostPages;
    private readonly List<string> _notices = []; // guarded by _gate; told while nobody listened yet
    private readonly HashSet<(string Scope, string Key)> _unwritten = []; // guarded by _gate: in memory only
    private readonly HashSet<(string Scope, string Key)> _unreadable = []; // guarded by _gate: found so, and told
    private IDisposable? _lock; // guarded by _gate
    private Database? _database; // guarded by _gate; null: it cannot be opened for writing
    private StorageTrouble? _trouble; // set under _gate: told already
    private volatile ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> _facts = ImmutableDictionary<string, ImmutableSortedDictionary<string, string>>.Empty;

    private Store(string directory, TimeProvider time, int? mostPages)
    {
        (_directory, _time, _mostPages) = (directory, time, mostPages);
        Path = System.IO.Path.Combine(directory, "tutti.db");
    }

    /// <summary>A trouble of the disk, or its end, in a sentence for the log and the user; on the thread that met it.</summary>
    public event Action<string>? Told;

    public string Path { get; }

    /// <summary>Why nothing can be stored now, with the remedy; null: everything can, as far as the last write showed.</summary>
    public string? Problem => Volatile.Read(ref _trouble) is { } trouble ? $"What is set cannot be stored: {trouble.Why}. {trouble.Remedy}".TrimEnd() : null;

    /// <summary>What there is to tell of the opening, in sentences.</summary>
    public IReadOnlyList<string> Notices
    {
        get
        {
            lock (_gate) return [.. _notices];
        }
    }

    /// <summary>Opens (or creates) <c>tutti.db</c> in <paramref name="directory"/>. A damaged one is put aside; one that cannot be written is read, and the gateway goes on.</summary>
    /// <exception cref="StorageException">The directory cannot be used, or another gateway uses it, or a newer version did: with the reason and the remedy.</exception>
    public static Store Open(string directory, TimeProvider time) => Open(directory, time, null);

    /// <inheritdoc cref="Database.Open"/>
    internal static Store Open(string directory, TimeProvider time, int? mostPages)
    {
        var store = new Store(directory, time, mostPages);
        try
        {
            DataDirectory.Make(directory);
            store._lock = DirectoryLock.Take(directory, time);
            if (DataDirectory.TakeSnapshot(store.Path)) store._notices.Add($"There was no database in {directory}, as after a backup was brought back: its snapshot is used.");
            store.Load();
            return store;
        }
        catch (Exception e)
        {
            store.Dispose();
            if (e is StorageException || !StorageTrouble.IsKnown(e)) throw;
            var trouble = StorageTrouble.Of(e, directory);
            throw new StorageException($"The data directory {directory} cannot be used: {trouble.Why}. {trouble.Remedy}{string.Concat(store._notices.Select(n => " " + n))}", e);
        }
    }

    public string? Get(string scope, string key) => _facts.GetValueOrDefault(scope)?.GetValueOrDefault(key);

    /// <summary>Every text of a scope by key, as it is now.</summary>
    public IReadOnlyDictionary<string, string> All(string scope) => _facts.GetValueOrDefault(scope) ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Writes a text, or removes it where <paramref name="value"/> is null; committed on return.</summary>
    /// <exception cref="StorageException">It could not be stored, and is not in memory either.</exception>
    public void Put(string scope, string key, string? value) => Put(scope, [new(key, value)]);

    /// <summary>Writes several texts in one transaction; committed on return.</summary>
    /// <exception cref="StorageException">They could not be stored, and are not in memory either.</exception>
    public void Put(string scope, IEnumerable<KeyValuePair<string, string?>> values)
    {
        if (Write(scope, values, keep: false) is { } trouble) throw new StorageException($"{trouble.Why}. {trouble.Remedy}");
    }

    /// <inheritdoc cref="Keep(string, IEnumerable{KeyValuePair{string, string?}})"/>
    public string? Keep(string scope, string key, string? value) => Keep(scope, [new(key, value)]);

    /// <summary>Keeps what is so in any case (learned, or acted upon): in memory at once, on the disk now or with the first write that works again. Never throws for the disk's sake.</summary>
    /// <returns>Why it is not on the disk, as a part of a sentence; null: it is.</returns>
    public string? Keep(string scope, IEnumerable<KeyValuePair<string, string?>> values) => Write(scope, values, keep: true)?.Why;

    /// <summary>Somebody found a text that this version cannot read: it counts as none, stays where it is, and is told once.</summary>
    public void TellUnreadable(string scope, string key)
    {
        lock (_gate)
        {
            if (!_unreadable.Add((scope, key))) return;
        }

        Tell($"What is stored as {scope}/{key} cannot be read: it counts as not set, and stays in {Path} until it is set again.");
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_unwritten.Count > 0) TryWrite([], []);
            _database?.Dispose();
            _database = null;
            _lock?.Dispose();
        }
    }

    private void Load()
    {
        Content content;
        StorageTrouble? trouble = null;
        try
        {
            _database = Database.Open(Path, _mostPages);
            content = _database.Read();
        }
        catch (Exception e) when (StorageTrouble.IsDamage(e))
        {
            content = new Content([], e.Message);
        }
        catch (Exception e) when (StorageTrouble.IsKnown(e) && new FileInfo(Path) is { Exists: true, Length: > 0 })
        {
            trouble = StorageTrouble.Of(e, _directory);
            content = Database.ReadCopy(Path);
        }

        Remember(content.Facts);
        if (trouble is not null)
        {
            _trouble = trouble;
            _notices.Add($"The database {Path} cannot be written: {trouble.Why}. The gateway goes on with what it holds; switching off works, and whatever has to be stored is refused until that is mended. {trouble.Remedy}");
            if (content.Damage is not null) _notices.Add($"It is damaged too ({content.Damage}): {Recovered(content.Facts)}.");
        }
        else if (content.Damage is { } damage)
        {
            var aside = PutAside();
            _notices.Add($"The database {Path} was damaged ({damage}). It was moved to {aside} and a new one started: {Recovered(content.Facts)}.");
            _database = Database.Open(Path, _mostPages);
            _database.Write(content.Facts);
        }
    }

    private static string Recovered(IReadOnlyList<StoredText> facts) => facts.Count == 0
        ? "nothing in it could be read, so pairings, trims and what was switched on have to be set again"
        : $"{facts.Count} entries could still be read and were taken over; look whether a pairing, a trim or something that was switched on is missing";

    private StorageTrouble? Write(string scope, IEnumerable<KeyValuePair<string, string?>> values, bool keep)
    {
        StoredText[] facts = [.. values.Select(v => new StoredText(scope, v.Key, v.Value))];
        if (facts.Length == 0) return null;
        var tell = new List<string>();
        StorageTrouble? trouble;
        lock (_gate)
        {
            trouble = TryWrite(facts, tell);
            if (trouble is null || keep)
            {
                Remember(facts);
                foreach (var fact in facts) _unreadable.Remove((fact.Scope, fact.Key));
            }

            if (trouble is not null && keep) foreach (var fact in facts) _unwritten.Add((fact.Scope, fact.Key));
        }

        foreach (var text in tell) Tell(text);
        return trouble;
    }

    /// <summary>Writes them with whatever else is not on the disk; null: it is all there. Under the lock.</summary>
    private StorageTrouble? TryWrite(IReadOnlyList<StoredText> facts, List<string> tell)
    {
        try
        {
            if (_database is not null && !File.Exists(Path))
            {
                _database.Dispose();
                _database = null;
                tell.Add($"The database {Path} was deleted while the gateway runs: it is written anew.");
            }

            try
            {
                WriteAll(facts);
            }
            catch (Exception e) when (StorageTrouble.IsDamage(e))
            {
                tell.Add($"The database {Path} was found damaged ({e.Message}). It was moved to {PutAside()} and is written anew from memory: nothing is lost.");
                WriteAll(facts);
            }

            _unwritten.Clear();
            if (_trouble is not null) tell.Add($"The database {Path} can be written again: everything is stored.");
            return _trouble = null;
        }
        catch (Exception e) when (e is StorageException || StorageTrouble.IsKnown(e))
        {
            var trouble = e is StorageException ? new(e.Message.TrimEnd('.'), "") : StorageTrouble.Of(e, _directory);
            if (_trouble is null) tell.Add($"The database {Path} cannot be written: {trouble.Why}. Switching off still works, and whatever has to be stored is refused until that is mended. {trouble.Remedy}");
            return _trouble = trouble;
        }
    }

    /// <summary>A database that is opened anew gets everything: what it missed, and what it never had.</summary>
    private void WriteAll(IReadOnlyList<StoredText> facts)
    {
        var now = facts.Select(f => (f.Scope, f.Key)).ToHashSet();
        var missing = _unwritten.Where(u => !now.Contains(u)).Select(u => new StoredText(u.Scope, u.Key, Get(u.Scope, u.Key)));
        if (_database is not null)
        {
            _database.Write(missing.Concat(facts));
            return;
        }

        _lock ??= DirectoryLock.Take(_directory, _time);
        var database = Database.Open(Path, _mostPages);
        try
        {
            var all = _facts.SelectMany(s => s.Value.Select(f => new StoredText(s.Key, f.Key, f.Value)));
            database.Write(all.Concat(missing).Concat(facts));
            _database = database;
        }
        finally
        {
            if (_database is null) database.Dispose();
        }
    }

    private string PutAside()
    {
        _database?.Dispose();
        _database = null;
        return Database.MoveAside(Path, _time);
    }

    private void Remember(IEnumerable<StoredText> facts)
    {
        var all = _facts;
        foreach (var scope in facts.GroupBy(f => f.Scope))
        {
            var changed = (all.GetValueOrDefault(scope.Key) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)).ToBuilder();
            foreach (var fact in scope)
            {
                if (fact.Value is null) changed.Remove(fact.Key);
                else changed[fact.Key] = fact.Value;
            }

            all = all.SetItem(scope.Key, changed.ToImmutable());
        }

        _facts = all;
    }

    private void Tell(string notice)
    {
        if (Told is { } told) told(notice);
        else lock (_gate) if (!_notices.Contains(notice)) _notices.Add(notice);
    }
}
