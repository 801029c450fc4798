using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>
/// The sound way to a simulated device: a ring that the device's exact clock empties in blocks of 240 frames. Nobody has
/// to wake for that: whoever calls first lets the device take all blocks that have come due since; frames that were not
/// there in time are zeros, and counted. One audio thread writes; the microphone and the truth read what was played; the
/// gate, held for microseconds, stands for what hardware does by itself.
/// </summary>
internal sealed class SimulatedOutput : IAudioOutput
{
    private const int Block = 240;

    /// <summary>From the first write to the device's first block, so that a writer can fill the ring.</summary>
    private const long StartNanoseconds = 20_000_000;

    /// <summary>About -100 dBFS: below it the device takes the stream for silence.</summary>
    private const float Audible = 1e-5f;

    private readonly Lock _gate = new();
    private readonly Sink _sink;
    private readonly World _world;
    private readonly Action<SimulatedOutput> _disposed;
    private readonly PlayedRecord _record = new();
    private readonly float[] _ring;
    private readonly ulong _jitterSeed;
    private readonly double _jitterNanoseconds;
    private volatile bool _open = true;

    // Under the gate.
    private DeviceClock? _clock;
    private long _written;
    private long _taken; // from the ring
    private long _consumed; // with the zeros
    private long _underrun;
    private long _starving;
    private double _lastTakenAt;
    private bool _heard;

    public SimulatedOutput(World world, Sink sink, Action<SimulatedOutput> disposed)
    {
        _world = world;
        _sink = sink;
        _disposed = disposed;
        var draw = world.Draw(sink, "output");
        _ring = new float[2 * 4096 * (2 + (int)(draw.NextUnit() * 3))]; // 171, 256 or 341 ms
        _jitterNanoseconds = draw.NextBetween(20_000, 100_000);
        _jitterSeed = draw.Next();
    }

    public Sink Sink => _sink;
    public int SampleRate => DeviceClock.SampleRate;
    public bool LatencyVisible => false;

    /// <summary>What such devices declare is a constant, and wrong.</summary>
    public double? DeclaredLatencyMs => 150;
    public bool IsOpen => _open;

    public int FreeFrames
    {
        get
        {
            lock (_gate)
            {
                TakeDue();
                return Free;
            }
        }
    }

    private int Capacity => _ring.Length / 2;
    private int Free => Capacity - (int)(_written - _taken);

    public int Write(ReadOnlySpan<float> stereo)
    {
        if (!_open) return 0;
        lock (_gate)
        {
            TakeDue(); // what comes too late must not fill a gap that has been heard
            var frames = Math.Min(stereo.Length / 2, Free);
            if (frames == 0) return 0;
            _clock ??= new DeviceClock(_world.Nanoseconds + StartNanoseconds, _sink.ClockPpm);
            var at = (int)(_written % Capacity);
            var first = Math.Min(frames, Capacity - at);
            stereo[..(first * 2)].CopyTo(_ring.AsSpan(at * 2));
            stereo[(first * 2)..(frames * 2)].CopyTo(_ring);
            _written += frames;
            return frames;
        }
    }

    public bool TryReadClock(out OutputClock clock)
    {
        lock (_gate)
        {
            TakeDue();
            clock = new OutputClock(_consumed, _underrun, _world.StartNanoseconds + (long)_lastTakenAt);
            return _consumed > 0;
        }
    }

    public void Dispose()
    {
        Close();
        _disposed(this);
    }

    /// <summary>The device is gone.</summary>
    public void Close() => _open = false;

    /// <summary>For exactly so long the device takes zeros instead of what is there.</summary>
    public void Starve(double milliseconds)
    {
        lock (_gate)
        {
            TakeDue();
            _starving += (long)Math.Round(milliseconds * SampleRate / 1000);
        }
    }

    public void SetRate(double ppm)
    {
        lock (_gate)
        {
            TakeDue();
            _clock?.SetRate(_consumed, ppm);
        }
    }

    /// <summary>Has it given out anything but silence since the last call?</summary>
    public bool TakeHeard()
    {
        lock (_gate)
        {
            TakeDue();
            var heard = _heard;
            _heard = false;
            return heard;
        }
    }

    /// <summary>
    /// What the loudspeaker gives out, at 48 kHz of another clock: sample i at <paramref name="fromNanoseconds"/> +
    /// i * <paramref name="perSample"/>, nowhere later than now. <paramref name="delayNanoseconds"/> is the way behind the loudspeaker.
    /// </summary>
    public void ReadPlayed(double fromNanoseconds, double perSample, double delayNanoseconds, Span<float> into)
    {
        lock (_gate)
        {
            TakeDue();
            if (_clock is null)
            {
                into.Clear();
                return;
            }

            var hidden = (_sink.LatencyMs * 1e6) + delayNanoseconds;
            var start = _clock.FrameAt(fromNanoseconds - hidden);
            var end = _clock.FrameAt(fromNanoseconds - hidden + (into.Length * perSample));
            _record.Read(start, (end - start) / into.Length, into);
        }
    }

    private void TakeDue()
    {
        if (_clock is null || !_open) return;
        var now = _world.Nanoseconds;
        while (true)
        {
            // One-sided: a block is taken when it is due or a little later; it is played on time in any case.
            var late = new SplitMix64(_jitterSeed + (ulong)_consumed).NextUnit() * _jitterNanoseconds;
            var at = _clock.TimeOf(_consumed) + late;
            if (at > now) return;
            TakeBlock(_sink.VolumePercent / 100f);
            _lastTakenAt = at;
        }
    }

    private void TakeBlock(float gain)
    {
        for (var i = 0; i < Block; i++)
        {
            if (_starving > 0 || _taken == _written)
            {
                if (_starving > 0) _starving--;
                _underrun++;
                _record.Add(0);
                continue;
            }

            var at = (int)(_taken % Capacity) * 2;
            var mono = 0.5f * (_ring[at] + _ring[at + 1]);
            _heard |= Math.Abs(_ring[at]) > Audible || Math.Abs(_ring[at + 1]) > Audible;
            _record.Add(gain * mono);
            _taken++;
        }

        _consumed += Block;
    }
}
