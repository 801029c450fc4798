using System.Globalization;

namespace Gateway.Benchmarks;

/// <summary>What the kernel says of a process (Linux's /proc).</summary>
/// <param name="ResidentBytes">VmRSS, as ps shows it.</param>
internal sealed record ProcessFacts(long ResidentBytes, int Threads, int OpenFiles)
{
    /// <summary>Null: it has ended.</summary>
    public static ProcessFacts? Of(int process)
    {
        try
        {
            var status = File.ReadAllLines($"/proc/{process}/status");
            if (Number(status, "VmRSS:") is not { } resident || Number(status, "Threads:") is not { } threads) return null;
            return new(1024 * resident, (int)threads, Directory.GetFileSystemEntries($"/proc/{process}/fd").Length);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static long? Number(string[] status, string name) => status.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
        ? long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
        : null;
}
