namespace Gateway.Sound;

/// <summary>A value that one thread writes without ever waiting, and others read whole (a sequence lock: a reader that met a write reads again).</summary>
/// <param name="initial">What is read before the first write.</param>
internal sealed class Published<T>(T initial = default) where T : struct
{
    private T _value = initial;
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
