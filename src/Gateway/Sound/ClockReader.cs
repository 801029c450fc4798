using Gateway.Engine.Ports;

namespace Gateway.Sound;

/// <summary>
/// Follows an output's clock: when the frame now taken is due, and what was played as silence. Readings come late, never early,
/// so the earliest of many is the right one. Audio thread only.
/// </summary>
internal sealed class ClockReader(IAudioOutput output)
{
    private readonly double _nanosecondsPerFrame = 1e9 / output.SampleRate;
    private OutputClock _last;

    /// <summary>Readings since the start.</summary>
    public int Readings { get; private set; }

    /// <summary>Zeros since the last reading that was new.</summary>
    public long NewUnderrun { get; private set; }

    public long UnderrunFrames => _last.UnderrunFrames;

    /// <summary>Index, among the frames that we wrote, of the one taken next.</summary>
    public long Frame => _last.FramesConsumed - _last.UnderrunFrames;

    public long AtNanoseconds => _last.AtNanoseconds;

    /// <summary>While priming: the earliest instant that fits our frame 0. Silence that the output played of itself put it off by as much.</summary>
    public double FirstFrameNanoseconds { get; private set; } = double.MaxValue;

    /// <summary>False: nothing new.</summary>
    public bool TryRead()
    {
        NewUnderrun = 0;
        if (!output.TryReadClock(out var clock) || clock == _last) return false;
        NewUnderrun = clock.UnderrunFrames - _last.UnderrunFrames;
        _last = clock;
        Readings++;
        FirstFrameNanoseconds = Math.Min(FirstFrameNanoseconds + (NewUnderrun * _nanosecondsPerFrame), clock.AtNanoseconds - (Frame * _nanosecondsPerFrame));
        return true;
    }
}
