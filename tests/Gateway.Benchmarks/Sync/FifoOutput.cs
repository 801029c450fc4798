using Gateway.Engine.Ports;
using Gateway.Native.Libc;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// A pipe as an output of the playback engine. All that it knows of the device is how much lies in the pipe (<see cref="Fifo.Fill"/>), as
/// PulseAudio's module-pipe-sink does. One audio thread.
/// </summary>
/// <param name="capacity">Frames that the pipe holds.</param>
internal sealed class FifoOutput(Fifo fifo, int capacity) : IAudioOutput
{
    private readonly FifoGap _gap = new();
    private readonly short[] _waiting = new short[2 * capacity];
    private int _waitingFrames; // what fits by the frame count, but not by the kernel's pages
    private long _written;
    private volatile bool _starved;

    public int SampleRate => 48_000;
    public bool LatencyVisible => true;
    public double? DeclaredLatencyMs => null;
    public bool IsOpen { get; private set; } = true;
    public int FreeFrames => _starved ? 0 : capacity - fifo.Fill - _waitingFrames;

    /// <summary>While true nothing gets through: a link that hangs.</summary>
    public bool IsStarved
    {
        set => _starved = value;
    }

    public int Write(ReadOnlySpan<float> stereo)
    {
        var frames = Math.Min(stereo.Length / 2, capacity - _waitingFrames);
        for (var i = 0; i < 2 * frames; i++)
            _waiting[(2 * _waitingFrames) + i] = (short)Math.Clamp(MathF.Round(32_767 * stereo[i]), short.MinValue, short.MaxValue);
        _waitingFrames += frames;
        Flush();
        return frames;
    }

    public bool TryReadClock(out OutputClock clock)
    {
        var fill = fifo.Fill;
        var now = AudioThread.NowNanoseconds;
        var taken = _written - fill;
        _gap.Read(taken, fill == 0, now);
        if (!_starved) Flush();
        clock = new OutputClock(taken + _gap.SilentFrames, _gap.SilentFrames, now);
        return taken > 0;
    }

    public void Dispose()
    {
        IsOpen = false;
        fifo.Dispose();
    }

    private void Flush()
    {
        var frames = fifo.Write(_waiting.AsSpan(0, 2 * _waitingFrames));
        if (frames == 0) return;
        _written += frames;
        _waitingFrames -= frames;
        _waiting.AsSpan(2 * frames, 2 * _waitingFrames).CopyTo(_waiting);
    }
}
