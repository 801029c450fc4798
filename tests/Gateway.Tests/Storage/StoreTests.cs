using Gateway.Storage;

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
        Assert.Null(again.Notice);
    }

    [Fact]
    public void A_damaged_database_is_put_aside_and_said()
    {
        var path = Path.Combine(_folder.FullName, "tutti.db");
        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)'x', 8192)]);

        using var store = Store.Open(_folder.FullName, TimeProvider.System);
        store.Put("desired", "a", "1");

        Assert.Contains("is damaged", store.Notice, StringComparison.Ordinal);
        Assert.Equal("1", store.Get("desired", "a"));
        Assert.Single(_folder.GetFiles("tutti.db.broken-*"));
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
}
