using Gateway.Storage;

namespace Gateway.Tests.Storage;

public sealed class DamageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tutti-test-");

    private string Data => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Whatever_is_damaged_it_opens_and_says_so_and_makes_nothing_up()
    {
        var (damaged, recovered) = (0, 0);
        for (var seed = 0; seed < 240; seed++)
        {
            var folder = Path.Combine(Data, $"{seed}");
            var what = DamagedDatabase.Make(folder, seed);
            Case.Run($"seed {seed}, {what}", () =>
            {
                var facts = DamagedDatabase.Facts(seed);
                using var store = Store.Open(folder, TimeProvider.System);

                var found = store.All("calibration");
                Assert.All(found, f => Assert.Equal(facts.GetValueOrDefault(f.Key), f.Value));
                if (store.Notices.Count == 0) Assert.Equal(facts.Count, found.Count);
                else Assert.Single(Directory.GetFiles(folder, "tutti.db.broken-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal));
                if (store.Notices.Count > 0) damaged++;
                if (store.Notices.Count > 0 && found.Count > 0) recovered++;
                store.Put("calibration", "new", "1");
                Assert.Equal("1", store.Get("calibration", "new"));
            });
            using var again = Store.Open(folder, TimeProvider.System);
            Assert.Empty(again.Notices);
            Assert.Equal("1", again.Get("calibration", "new"));
        }

        Assert.True(damaged > 180, $"only {damaged} were damaged");
        Assert.True(recovered > 60, $"of {damaged} damaged ones {recovered} gave anything back");
    }

    [Fact]
    public void Damage_that_is_met_while_running_loses_nothing()
    {
        var big = new string('x', 2000);
        using (var store = Store.Open(Data, TimeProvider.System))
            store.Put("big", Enumerable.Range(0, 3000).Select(i => KeyValuePair.Create($"{i:0000}", (string?)big))); // more than SQLite keeps in memory

        using (var store = Store.Open(Data, TimeProvider.System))
        {
            var told = new List<string>();
            store.Told += told.Add;
            using (var file = new FileStream(store.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                file.Position = 3 * 4096;
                file.Write(new byte[file.Length - file.Position]);
            }

            for (var i = 0; i < 3000; i += 50) store.Put("big", $"{i:0000}", "new");

            Assert.Contains("was found damaged", Assert.Single(told), StringComparison.Ordinal);
        }

        using var again = Store.Open(Data, TimeProvider.System);
        Assert.Empty(again.Notices);
        Assert.Equal(3000, again.All("big").Count);
        Assert.All(again.All("big"), f => Assert.Equal(int.Parse(f.Key, System.Globalization.CultureInfo.InvariantCulture) % 50 == 0 ? "new" : big, f.Value));
    }

    [Fact]
    public void A_database_that_is_deleted_while_running_is_written_anew()
    {
        using (var store = Store.Open(Data, TimeProvider.System))
        {
            var told = new List<string>();
            store.Told += told.Add;
            store.Put("desired", "a", "1");
            foreach (var file in _folder.GetFiles("tutti.db*")) file.Delete();

            store.Put("desired", "b", "2");

            Assert.Contains("was deleted", Assert.Single(told), StringComparison.Ordinal);
        }

        using var again = Store.Open(Data, TimeProvider.System);
        Assert.Equal(["a", "b"], again.All("desired").Keys);
    }

    [Fact]
    public void Two_damaged_ones_of_one_second_are_both_kept()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        for (var i = 0; i < 2; i++)
        {
            File.WriteAllBytes(Path.Combine(Data, "tutti.db"), [.. Enumerable.Repeat((byte)'x', 8192)]);
            using var store = Store.Open(Data, time);
            Assert.Single(store.Notices);
        }

        Assert.Equal(2, _folder.GetFiles("tutti.db.broken-*").Length);
    }
}
