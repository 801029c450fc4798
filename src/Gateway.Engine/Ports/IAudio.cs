namespace Gateway.Engine.Ports;

/// <summary>
/// What an output's clock shows: <paramref name="FramesConsumed"/> of those written (and of the zeros that filled gaps) had been
/// taken by the device at <paramref name="AtNanoseconds"/> of CLOCK_MONOTONIC (<c>Stopwatch</c>'s clock).
/// </summary>
/// <param name="UnderrunFrames">
/// Of these, zeros that stood in for frames not written in time. A device that can only estimate them may correct the figure later, also downwards.
/// </param>
public readonly record struct OutputClock(long FramesConsumed, long UnderrunFrames, long AtNanoseconds);

/// <summary>
/// An open way to one device's loudspeaker: interleaved stereo float32. Written and read by one audio thread; nothing
/// here blocks or allocates. What lies behind it (radio, the speaker's own buffer) is latency that only a microphone
/// tells, unless <see cref="LatencyVisible"/>.
/// </summary>
public interface IAudioOutput : IDisposable
{
    /// <summary>48 000 where the sink offers it, else 44 100.</summary>
    int SampleRate { get; }

    /// <summary>True: the whole latency is visible to us (wired, null, pipe); never so for Bluetooth.</summary>
    bool LatencyVisible { get; }

    /// <summary>What the device declares beyond our buffer, in milliseconds: a prior, never a measurement.</summary>
    double? DeclaredLatencyMs { get; }

    /// <summary>Frames that fit now.</summary>
    int FreeFrames { get; }

    /// <summary>
    /// So many frames lie between what fits and what the clock counts as taken, beyond the usual few: a device with a deep buffer of its own. It may grow while the
    /// device shows how deep it is, and never shrinks.
    /// </summary>
    int DeepFrames => 0;

    /// <summary>False once the device is gone; the owner then disposes it.</summary>
    bool IsOpen { get; }

    /// <summary>Why it is not open any more, in a sentence, where that is not plain: the device went away. Any thread.</summary>
    string? Problem => null;

    /// <summary>Takes as many frames as fit, and returns how many.</summary>
    int Write(ReadOnlySpan<float> stereo);

    /// <summary>False until the device has begun to consume.</summary>
    bool TryReadClock(out OutputClock clock);
}

/// <summary>An open way in (an Echo's or phone's link, line-in, a microphone): interleaved float32, <see cref="Channels"/> channels. One reader.</summary>
public interface IAudioInput : IDisposable
{
    int SampleRate { get; }
    int Channels { get; }
    bool IsOpen { get; }

    /// <summary>Why nothing comes although it is open, and the remedy, in sentences; null: nothing is known to be wrong. Any thread.</summary>
    string? Problem => null;

    /// <summary>Copies what has arrived, at most <paramref name="samples"/> long, and returns the frames; 0: nothing there now.</summary>
    int Read(Span<float> samples);
}
