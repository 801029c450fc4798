using Gateway.Engine.Ports;

namespace Gateway.Tests.Playback;

/// <summary>
/// A device whose clock is exact and whose time the test moves: it takes 240 frames at a time when
/// they are due, zeros where none are there, and remembers each frame with its index.
/// </summary>
internal sealed class ExactOutput(int capacity, double ppm, int sampleRate = 48_000) : IAudioOutput
{
    private const int Block = 240;
    private readonly Queue<float> _ring = new();
    private readonly double _perFrame = 1e9 / (sampleRate * (1 + (ppm * 1e-6)));
    private double _start = double.NaN;
    private long _underrun;
    private long _starving;
    private double _takenAt;

    public long Now { get; set; }

    /// <summary>Left samples in the order in which they sounded; NaN stands for a gap.</summary>
    public List<float> Played { get; } = [];
    public int SampleRate => sampleRate;
    public bool LatencyVisible => false;
    public double? DeclaredLatencyMs => null;
    public bool IsOpen { get; set; } = true;

    public int FreeFrames
    {
        get
        {
            TakeDue();
            return capacity - _ring.Count;
        }
    }

    public void Starve(int frames)
    {
        TakeDue();
        _starving += frames;
    }

    /// <summary>What it says of its gaps is wrong by so many frames, for now.</summary>
    public int MisreportedFrames { get; set; }

    /// <summary>From now on writing to it is a fault of ours.</summary>
    public bool Breaks { get; set; }

    public double NanosecondsOf(int frame) => _start + (frame * _perFrame);

    public int Write(ReadOnlySpan<float> stereo)
    {
        if (Breaks) throw new InvalidOperationException("broken");
        TakeDue();
        if (double.IsNaN(_start)) _start = Now + 20e6;
        var frames = Math.Min(stereo.Length / 2, capacity - _ring.Count);
        for (var i = 0; i < frames; i++) _ring.Enqueue(stereo[2 * i]);
        return frames;
    }

    public bool TryReadClock(out OutputClock clock)
    {
        TakeDue();
        clock = new OutputClock(Played.Count + MisreportedFrames, _underrun + MisreportedFrames, (long)_takenAt);
        return Played.Count > 0;
    }

    public void Dispose() => IsOpen = false;

    /// <summary>Says, as the port asks, when the last block had been taken: at the end of its last frame.</summary>
    private void TakeDue()
    {
        while (!double.IsNaN(_start) && NanosecondsOf(Played.Count + Block) <= Now)
        {
            for (var i = 0; i < Block; i++)
            {
                var gap = _starving > 0 || _ring.Count == 0;
                if (_starving > 0) _starving--;
                if (gap) _underrun++;
                Played.Add(gap ? float.NaN : _ring.Dequeue());
            }

            _takenAt = NanosecondsOf(Played.Count);
        }
    }
}
