namespace Gateway.Playback.Audio;

/// <summary>
/// Which position of the group's line each of an output's frames has, for the frames of the last 5 s: exact through changes of
/// ratio and through jumps. Positions here include the output's delay, so that a change of delay is no change of place. One owner.
/// </summary>
internal sealed class PositionMap
{
    private const int Capacity = 1024;
    private readonly (long Frame, double Position, double Ratio)[] _blocks = new (long, double, double)[Capacity];
    private int _count;

    /// <summary>A block begins: its first frame, that frame's position, and positions per frame.</summary>
    public void Add(long frame, double position, double ratio) => _blocks[_count++ & (Capacity - 1)] = (frame, position, ratio);

    /// <summary>NaN: nothing is known of this frame.</summary>
    public double PositionOf(long frame)
    {
        for (var i = _count - 1; i >= 0 && i >= _count - Capacity; i--)
        {
            ref readonly var block = ref _blocks[i & (Capacity - 1)];
            if (block.Frame <= frame) return block.Position + ((frame - block.Frame) * block.Ratio);
        }

        return double.NaN;
    }

    public void Clear() => _count = 0;
}
