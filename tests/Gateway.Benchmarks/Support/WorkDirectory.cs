namespace Gateway.Benchmarks;

/// <summary>A directory of one run, removed with it.</summary>
internal sealed class WorkDirectory : IDisposable
{
    public WorkDirectory(string parent)
    {
        Path = System.IO.Path.Combine(parent, $"tutti-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    /// <summary>In memory, where this machine has such a place: whoever writes there all the time waits for no disk.</summary>
    public static WorkDirectory InMemory() => new(Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath());

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
