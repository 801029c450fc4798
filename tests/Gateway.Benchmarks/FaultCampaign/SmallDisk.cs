using System.Diagnostics;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A disk of some megabytes in memory, to be full. Only root may make one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Null where this user, or this container, may not.</summary>
    public static SmallDisk? TryMake(string path)
    {
        Directory.CreateDirectory(path);
        return Run("mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tutti-bench", path) ? new SmallDisk(path) : null;
    }

    public void Fill()
    {
        try
        {
            using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true) filler.Write(block);
        }
        catch (IOException)
        {
            // full
        }
    }

    public void SetReadOnly(bool on)
    {
        if (!Run("mount", "-o", on ? "remount,ro" : "remount,rw", Path)) throw new BenchmarkException($"{Path} cannot be made {(on ? "read-only" : "writable again")}: somebody writes to it.");
    }

    public void Clear() => File.Delete(Filler);

    public void Dispose() => Run("umount", "-l", Path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
