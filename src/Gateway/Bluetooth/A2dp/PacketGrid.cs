namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// When packets are due. Packet k of a stream begins with audio frame k × <see cref="FramesPerPacket"/> since the zero of CLOCK_MONOTONIC, so
/// streams of the same rate and packet size are due at the same moments, and their RTP timestamps can be compared across speakers.
/// </summary>
internal readonly record struct PacketGrid(int SampleRate, int FramesPerPacket)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public long PacketNanoseconds => FramesPerPacket * NanosecondsPerSecond / SampleRate;

    /// <summary>CLOCK_MONOTONIC nanoseconds at which packet <paramref name="index"/> leaves. In two steps, as frames × 10⁹ overflows after months.</summary>
    public long DueNanoseconds(long index)
    {
        var frames = index * FramesPerPacket;
        var (seconds, rest) = Math.DivRem(frames, SampleRate);
        return (seconds * NanosecondsPerSecond) + (rest * NanosecondsPerSecond / SampleRate);
    }

    /// <summary>The first packet due at or after a time.</summary>
    public long IndexAtOrAfter(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        var index = ((seconds * SampleRate) + (rest * SampleRate / NanosecondsPerSecond)) / FramesPerPacket;
        while (DueNanoseconds(index) < nanoseconds) index++;
        return index;
    }

    /// <summary>The RTP timestamp of a packet (RFC 3550: it counts the sampling clock, modulo 2³²).</summary>
    public uint RtpTimestamp(long index) => (uint)(index * FramesPerPacket);
}
