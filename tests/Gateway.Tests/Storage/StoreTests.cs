using Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace Gateway.Tests.Storage;

public sealed class StoreTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_put_is_there_after_opening_again()
    {
        using (var store = Store.Open(_folder.FullName, TimeProvider.System))
        {
            store.Put("desired", [new("a", "1"), new("b", "2")]);
            store.Put("desired", "a", "3");
            store.Put("desired", "b", null);
            store.Put("other", "a", "x");
        }

        using var again = Store.Open(_folder.FullName, TimeProvider.System);

        Assert.Equal("3", again.Get("desired", "a"));
        Assert.Equal(["a"], again.All("desired").Keys);
        Assert.Empty(again.Notices);
    }

    [Fact]
    public void A_damaged_database_is_put_aside_and_said()
    {
        var path = Path.Combine(_folder.FullName, "tutti.db");
        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)'x', 8192)]);

        using var store = Store.Open(_folder.FullName, TimeProvider.System);
        store.Put("desired", "a", "1");

        Assert.Contains("was damaged", Assert.Single(store.Notices), StringComparison.Ordinal);
        Assert.Equal("1", store.Get("desired", "a"));
        Assert.Single(_folder.GetFiles("tutti.db.broken-*"));
    }

    [Fact]
    public void What_cannot_be_read_is_told_once_until_it_is_set_again()
    {
        using var store = Store.Open(_folder.FullName, TimeProvider.System);
        var told = new List<string>();
        store.Told += told.Add;

        for (var i = 0; i < 3; i++) store.TellUnreadable("desired", "a");
        store.TellUnreadable("desired", "b");
        Assert.Equal(2, told.Count);

        store.Put("desired", "a", "1");
        store.TellUnreadable("desired", "a");
        Assert.Equal(3, told.Count);
    }

    [Fact]
    public async Task Many_threads_may_write_at_once()
    {
        using var store = Store.Open(_folder.FullName, TimeProvider.System);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 20; i++) store.Put("scope", $"{t}/{i}", "v");
        })));

        Assert.Equal(160, store.All("scope").Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused_with_the_remedy()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<StorageException>(() => Store.Open(Path.Combine(file, "below"), TimeProvider.System));

        Assert.Contains("--data or gateway.data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_database_is_left_as_it_is()
    {
        using (var store = Store.Open(_folder.FullName, TimeProvider.System)) store.Put("desired", "a", "1");
        var path = Path.Combine(_folder.FullName, "tutti.db");
        using (var newer = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            newer.Open();
            using var command = newer.CreateCommand();
            command.CommandText = "PRAGMA user_version = 7; DROP TABLE fact";
            command.ExecuteNonQuery();
        }

        var before = File.ReadAllBytes(path);

        var refused = Assert.Throws<StorageException>(() => Store.Open(_folder.FullName, TimeProvider.System));

        Assert.Contains("newer version of Tutti (format 7; this one knows 1)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void A_database_of_before_there_were_formats_is_taken_over()
    {
        using (var old = new SqliteConnection($"Data Source={Path.Combine(_folder.FullName, "tutti.db")};Pooling=False"))
        {
            old.Open();
            using var command = old.CreateCommand();
            command.CommandText = "CREATE TABLE fact (scope TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID; INSERT INTO fact VALUES ('desired', 'a', '1')";
            command.ExecuteNonQuery();
        }

        using var store = Store.Open(_folder.FullName, TimeProvider.System);

        Assert.Equal("1", store.Get("desired", "a"));
        Assert.Empty(store.Notices);
    }

    [Fact]
    public void A_second_gateway_is_refused_and_told_who_is_there()
    {
        using (Store.Open(_folder.FullName, TimeProvider.System))
        {
            var refused = Assert.Throws<StorageException>(() => Store.Open(_folder.FullName, TimeProvider.System));

            Assert.Contains($"in use by another gateway (process {Environment.ProcessId}, since 2", refused.Message, StringComparison.Ordinal);
        }

        Store.Open(_folder.FullName, TimeProvider.System).Dispose();
    }

    [Fact]
    public void Only_its_user_may_read_it()
    {
        var folder = Path.Combine(_folder.FullName, "data");
        using (var store = Store.Open(folder, TimeProvider.System)) store.Put("desired", "a", "1");
        // As an older version left them.
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(Path.Combine(folder, "tutti.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        using var again = Store.Open(folder, TimeProvider.System);
        again.Put("desired", "a", "2");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        Assert.All(Directory.GetFiles(folder), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
    }

    [Fact]
    public void The_rights_of_a_folder_that_holds_other_things_too_are_left()
    {
        var mode = File.GetUnixFileMode(_folder.FullName) | UnixFileMode.GroupRead;
        File.SetUnixFileMode(_folder.FullName, mode);
        File.WriteAllText(Path.Combine(_folder.FullName, "options.json"), "{}");

        using var store = Store.Open(_folder.FullName, TimeProvider.System);

        Assert.Equal(mode, File.GetUnixFileMode(_folder.FullName));
    }

    [Fact]
    public void A_snapshot_of_a_database_in_use_is_whole_and_takes_its_place_where_it_is_missing()
    {
        var restored = Path.Combine(_folder.FullName, "restored");
        Directory.CreateDirectory(restored);
        using (var store = Store.Open(_folder.FullName, TimeProvider.System))
        {
            store.Put("desired", "a", "1");
            var snapshot = DataDirectory.WriteSnapshot(_folder.FullName)!;
            store.Put("desired", "a", "2");
            File.Copy(snapshot, Path.Combine(restored, Path.GetFileName(snapshot)));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(snapshot));
            Assert.Equal(snapshot, DataDirectory.WriteSnapshot(_folder.FullName)); // each backup has its own
        }

        using var back = Store.Open(restored, TimeProvider.System);

        Assert.Equal("1", back.Get("desired", "a"));
        Assert.Contains("its snapshot is used", Assert.Single(back.Notices), StringComparison.Ordinal);
    }
}
