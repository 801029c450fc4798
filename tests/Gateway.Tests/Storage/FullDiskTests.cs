using System.Diagnostics;
using Gateway.Storage;

namespace Gateway.Tests.Storage;

public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-test-");
    private bool _mounted;

    private string Data => _folder.FullName;

    public void Dispose()
    {
        if (_mounted) Run("umount", Data);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void What_finds_no_room_is_refused_and_what_is_so_in_any_case_is_kept_until_it_can_be_written()
    {
        var told = new List<string>();
        using (var store = Store.Open(Data, TimeProvider.System, mostPages: 40))
        {
            store.Told += told.Add;
            for (var i = 0; i < 10; i++) store.Put("desired", $"{i}", new string('x', 4000));
            store.Put("desired", "0", null);
            var full = Assert.Throws<StorageException>(() => store.Put("desired", "big", new string('x', 200_000)));
            var unstored = store.Keep("desired", "off", new string('y', 200_000));

            Assert.Contains("is full. Make room", full.Message, StringComparison.Ordinal);
            Assert.Contains("is full", unstored, StringComparison.Ordinal);
            Assert.Contains("is full", store.Problem, StringComparison.Ordinal);
            Assert.Single(told);
            Assert.Null(store.Get("desired", "big"));
            Assert.NotNull(store.Get("desired", "off"));

            Assert.Null(store.Keep("desired", "off", "z")); // small enough
            Assert.Null(store.Problem);
            Assert.Contains("can be written again", told[^1], StringComparison.Ordinal);
        }

        using var again = Store.Open(Data, TimeProvider.System);
        Assert.Equal("z", again.Get("desired", "off"));
        Assert.Equal(10, again.All("desired").Count);
    }

    /// <summary>Needs a file system of its own, which only root may mount; the others are told by the test above.</summary>
    [Fact]
    public void A_disk_that_is_full_or_read_only_at_the_start_keeps_nobody_from_starting()
    {
        if (!TryMount()) return;
        using (var store = Store.Open(Data, TimeProvider.System)) store.Put("desired", "a", "1");
        Fill();

        using (var store = Store.Open(Data, TimeProvider.System))
        {
            Assert.Contains("is full. The gateway goes on", Assert.Single(store.Notices), StringComparison.Ordinal);
            Assert.Equal("1", store.Get("desired", "a"));
            Assert.Throws<StorageException>(() => store.Put("desired", "a", "2"));
            Assert.NotNull(store.Keep("desired", "b", "1"));
            File.Delete(Path.Combine(Data, "filler"));
            store.Put("desired", "c", "1");
        }

        Run("mount", "-o", "remount,ro", Data);
        using (var store = Store.Open(Data, TimeProvider.System))
        {
            Assert.Contains("is read-only", Assert.Single(store.Notices), StringComparison.Ordinal);
            Assert.Equal(["a", "b", "c"], store.All("desired").Keys);
            Assert.NotNull(store.Keep("desired", "d", "1"));
            Run("mount", "-o", "remount,rw", Data);
        }

        using var again = Store.Open(Data, TimeProvider.System);
        Assert.Equal(["a", "b", "c", "d"], again.All("desired").Keys);
    }

    [Fact]
    public void A_full_disk_without_a_database_is_called_full()
    {
        if (!TryMount()) return;
        Fill();

        var full = Assert.Throws<StorageException>(() => Store.Open(Data, TimeProvider.System));

        Assert.Contains("is full. Make room", full.Message, StringComparison.Ordinal);
    }

    private bool TryMount() => _mounted = Environment.UserName == "root" && Run("mount", "-t", "tmpfs", "-o", "size=200k", "none", Data) == 0;

    private void Fill()
    {
        using var filler = new FileStream(Path.Combine(Data, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
