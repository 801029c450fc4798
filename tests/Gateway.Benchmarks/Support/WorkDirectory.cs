namespace Gateway.Benchmarks;

/// <summary>A directory of one run, removed with it.</summary>
internal sealed class WorkDirectory : IDisposable
{
    public WorkDirectory(string parent)
    {
        Path = System.IO.Path.Combine(parent, $"tutti-bench-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
