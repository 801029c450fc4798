namespace Gateway.Playback.Audio;

/// <summary>A value that one thread writes without ever waiting, and others read whole (a sequence lock: a reader that met a write reads again).</summary>
internal sealed class Published<T> where T : struct
{
    private T _value;
    private int _version;

    public void Write(in T value)
    {
        Interlocked.Increment(ref _version);
        _value = value;
        Interlocked.Increment(ref _version);
    }

    public T Read()
    {
        while (true)
        {
            var before = Volatile.Read(ref _version);
            var value = _value;
            Interlocked.MemoryBarrier();
            if (before % 2 == 0 && before == Volatile.Read(ref _version)) return value;
            Thread.Yield();
        }
    }
}
