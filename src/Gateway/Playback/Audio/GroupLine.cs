namespace Gateway.Playback.Audio;

/// <summary>
/// The group line: the instant of the host's clock at which a timeline position is due at every output (before its delay). The
/// timeline itself is written <see cref="LeadFrames"/> ahead of it.
/// </summary>
/// <param name="StartNanoseconds">When position 0 was written, CLOCK_MONOTONIC.</param>
internal readonly record struct GroupLine(long StartNanoseconds)
{
    /// <summary>200 ms lie in the outputs, beyond the reach of the garbage collector; 60 ms are for the source's arrival and this thread's lateness.</summary>
    public const int LeadFrames = OutputLane.AheadFrames + (60 * Timeline.SampleRate / 1000);

    private const double FramesPerNanosecond = Timeline.SampleRate * 1e-9;

    /// <summary>The position due at an instant; may lie between two.</summary>
    public double PositionAt(double nanoseconds) => ((nanoseconds - StartNanoseconds) * FramesPerNanosecond) - LeadFrames;

    public double NanosecondsOf(double position) => StartNanoseconds + ((position + LeadFrames) / FramesPerNanosecond);

    /// <summary>Positions that shall have been written by an instant.</summary>
    public long WrittenBy(long nanoseconds) => (long)((nanoseconds - StartNanoseconds) * FramesPerNanosecond);
}
