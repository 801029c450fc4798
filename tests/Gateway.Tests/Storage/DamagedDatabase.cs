using Gateway.Storage;

namespace Gateway.Tests.Storage;

/// <summary>Makes databases as a power cut, a worn SD card or a bad copy leaves them: a kind and a place of damage for each seed.</summary>
internal static class DamagedDatabase
{
    private const int PageSize = 4096;

    /// <summary>Facts of the size and number of a house with learned things, so that there are inner pages.</summary>
    public static IReadOnlyDictionary<string, string> Facts(int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, random.Next(100, 900)).ToDictionary(i => $"k{i:000}", _ => new string((char)random.Next('a', 'z'), random.Next(1, 400)));
    }

    /// <returns>What was done, for the test's message.</returns>
    public static string Make(string folder, int seed)
    {
        using (var store = Store.Open(folder, TimeProvider.System))
        {
            store.Put("calibration", Facts(seed).Select(f => KeyValuePair.Create(f.Key, (string?)f.Value)));
            store.Put("gateway", "id", "abcd1234");
        }

        var random = new Random(seed + 1000);
        var path = Path.Combine(folder, "tutti.db");
        using var file = new FileStream(path, FileMode.Open);
        var pages = (int)(file.Length / PageSize);
        var page = random.Next(1, pages);
        switch (seed % 8)
        {
            case 0: return Overwrite(2, pages - 2, zeros: true, "every page behind the second is zeros");
            case 1: return Overwrite(page, 1, zeros: true, $"page {page} is zeros");
            case 2: return Overwrite(page, 1, zeros: false, $"page {page} is noise");
            case 3: return Overwrite(page, random.Next(1, pages - page + 1), zeros: false, $"noise from page {page} on");
            case 4:
                file.SetLength(random.Next(1, (int)file.Length));
                return $"cut off at {file.Length}";
            case 5:
                var (from, other) = (new byte[PageSize], random.Next(1, pages));
                file.Position = (long)other * PageSize;
                file.ReadExactly(from);
                file.Position = (long)page * PageSize;
                file.Write(from);
                return $"page {page} is a copy of page {other}";
            case 6:
                // Another user_version (60..63) is another version of ours, and no damage.
                file.Position = random.Next(0, 60);
                file.WriteByte((byte)random.Next(256));
                return $"byte {file.Position - 1} of the header";
            default:
                for (var i = 0; i < 20; i++)
                {
                    // The beginning of a page says what it is and where its cells are.
                    file.Position = ((long)random.Next(1, pages) * PageSize) + random.Next(0, 64);
                    file.WriteByte((byte)random.Next(256));
                }

                return "20 bytes of the pages' heads";
        }

        string Overwrite(int first, int count, bool zeros, string what)
        {
            var noise = new byte[count * PageSize];
            if (!zeros) random.NextBytes(noise);
            file.Position = (long)first * PageSize;
            file.Write(noise);
            return what;
        }
    }
}
