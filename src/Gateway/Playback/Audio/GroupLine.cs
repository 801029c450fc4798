namespace Gateway.Playback.Audio;

/// <summary>
/// The group line: the instant of the host's clock at which a timeline position is due at every output (before its delay). The
/// timeline itself is written <see cref="Lead"/> ahead of it. Moved by the audio thread only; may be read by anyone.
/// </summary>
/// <param name="startNanoseconds">When position 0 was written, CLOCK_MONOTONIC.</param>
internal sealed class GroupLine(long startNanoseconds)
{
    /// <summary>200 ms lie in the outputs, beyond the reach of the garbage collector; 60 ms are for the source's arrival and this thread's lateness.</summary>
    public const int LeadFrames = OutputLane.AheadFrames + (60 * Timeline.SampleRate / 1000);

    private const double FramesPerNanosecond = Timeline.SampleRate * 1e-9;

    private int _lead = LeadFrames;

    public long StartNanoseconds => startNanoseconds;

    /// <summary><see cref="LeadFrames"/>, and what lies in the deepest output beyond that.</summary>
    public int Lead => Volatile.Read(ref _lead);

    /// <summary>Everything is due later by so many frames.</summary>
    public void Delay(int frames) => Volatile.Write(ref _lead, _lead + frames);

    /// <summary>The position due at an instant; may lie between two.</summary>
    public double PositionAt(double nanoseconds) => ((nanoseconds - StartNanoseconds) * FramesPerNanosecond) - Lead;

    public double NanosecondsOf(double position) => StartNanoseconds + ((position + Lead) / FramesPerNanosecond);

    /// <summary>Positions that shall have been written by an instant.</summary>
    public long WrittenBy(long nanoseconds) => (long)((nanoseconds - StartNanoseconds) * FramesPerNanosecond);
}
