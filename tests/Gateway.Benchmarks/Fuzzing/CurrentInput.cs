using System.IO.MemoryMappedFiles;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>The input that is tried now, in a file in memory: it outlives a process that dies of it, and its number tells one that hangs.</summary>
internal sealed class CurrentInput(string path) : IDisposable
{
    public const int Longest = 64 * 1024;
    private const int Head = 16;
    private readonly MemoryMappedFile _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Head + Longest);
    private MemoryMappedViewAccessor? _view;

    private MemoryMappedViewAccessor View => _view ??= _file.CreateViewAccessor();

    /// <summary>Inputs tried so far.</summary>
    public long Number => View.ReadInt64(0);

    public byte[] Bytes
    {
        get
        {
            var bytes = new byte[Math.Clamp(View.ReadInt32(8), 0, Longest)];
            View.ReadArray(Head, bytes, 0, bytes.Length);
            return bytes;
        }
    }

    public void Set(long number, byte[] bytes)
    {
        View.Write(0, number);
        View.Write(8, bytes.Length);
        View.WriteArray(Head, bytes, 0, bytes.Length);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file.Dispose();
    }
}
