namespace Gateway.Sound;

/// <summary>
/// Packets prepared ahead, in memory that is allocated once: one thread fills and publishes, one takes and releases; no lock, no allocation.
/// </summary>
internal sealed class PacketRing(int slots, int slotBytes)
{
    private readonly byte[] _memory = GC.AllocateArray<byte>(slots * slotBytes, pinned: true);
    private readonly int[] _lengths = new int[slots];

    // Counts since the start: published by the writer, released by the sender.
    private long _published;
    private long _released;

    public int Slots => slots;

    /// <summary>Published and not yet released.</summary>
    public int Count => (int)(Volatile.Read(ref _published) - Volatile.Read(ref _released));

    public bool IsFull => Count >= slots;

    /// <summary>The writer's: where the next packet goes; not to be used while <see cref="IsFull"/>.</summary>
    public Span<byte> WriteSlot => _memory.AsSpan((int)(_published % slots) * slotBytes, slotBytes);

    public void Publish(int length)
    {
        _lengths[_published % slots] = length;
        Volatile.Write(ref _published, _published + 1);
    }

    /// <summary>The sender's: the oldest packet, in place; empty where none is ready.</summary>
    public Span<byte> Peek()
    {
        if (Count == 0) return [];
        var slot = (int)(_released % slots);
        return _memory.AsSpan(slot * slotBytes, _lengths[slot]);
    }

    public void Release() => Volatile.Write(ref _released, _released + 1);
}
