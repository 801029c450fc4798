using System.Diagnostics;
using Gateway.Alignment.Dsp;
using Gateway.Engine.Ports;
using Gateway.Playback;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// The virtual speaker of alignment.md: frame n is played at t0 + n/(fs (1 + ppm 1e-6)) of the monotonic clock whatever the scheduler
/// did; blocks of 240 frames are taken when due, by whoever calls next; what is not there is zeros, counted. Records everything.
/// </summary>
internal sealed class VirtualSpeaker : IAudioOutput
{
    private const int Block = 240;
    private const double StartNanoseconds = 20e6;
    private readonly Lock _gate = new();
    private readonly float[] _ring;
    private readonly float[] _record;
    private readonly double _perFrame;
    private double _start = double.NaN;
    private long _written;
    private long _taken;
    private long _underrun;
    private int _played;

    public VirtualSpeaker(double ppm, int capacity, double seconds)
    {
        _perFrame = 1e9 / (48_000 * (1 + (ppm * 1e-6)));
        _ring = new float[capacity];
        _record = new float[(int)(seconds * 48_000)];
    }

    public int SampleRate => 48_000;
    public bool LatencyVisible => false;
    public double? DeclaredLatencyMs => null;
    public bool IsOpen => true;
    public long Underruns => _underrun;

    /// <summary>When the first sound came.</summary>
    public double FirstSoundNanoseconds => _start + (Array.FindIndex(_record, x => x != 0) * _perFrame);

    public int FreeFrames
    {
        get
        {
            lock (_gate)
            {
                TakeDue();
                return _ring.Length - (int)(_written - _taken);
            }
        }
    }

    /// <summary>A speaker that played the test signal perfectly.</summary>
    public static VirtualSpeaker Ideal(double ppm, double seconds)
    {
        var speaker = new VirtualSpeaker(ppm, Block, seconds) { _start = 0 };
        var input = new float[2 * (int)((seconds + 1) * 48_000)];
        for (var i = 0; i < input.Length / 2; i++) input[2 * i] = input[(2 * i) + 1] = TestSignalInput.At(i);
        var output = new float[2 * speaker._record.Length];
        speaker._played = new Resampler().Process(input, output, 1 / (1 + (ppm * 1e-6)), out _);
        for (var i = 0; i < speaker._played; i++) speaker._record[i] = output[2 * i];
        return speaker;
    }

    public int Write(ReadOnlySpan<float> stereo)
    {
        lock (_gate)
        {
            TakeDue();
            if (double.IsNaN(_start)) _start = Now + StartNanoseconds;
            var frames = Math.Min(stereo.Length / 2, _ring.Length - (int)(_written - _taken));
            for (var i = 0; i < frames; i++) _ring[(_written + i) % _ring.Length] = stereo[2 * i];
            _written += frames;
            return frames;
        }
    }

    public bool TryReadClock(out OutputClock clock)
    {
        lock (_gate)
        {
            TakeDue();
            clock = new OutputClock(_played, _underrun, (long)(_start + (_played * _perFrame)));
            return _played > 0;
        }
    }

    /// <summary>What sounded at <paramref name="nanoseconds"/> and after it, at 48 kHz of the monotonic clock (cubic interpolation).</summary>
    public void Listen(double nanoseconds, Span<float> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            var at = (nanoseconds + (i * 1e9 / 48_000) - _start) / _perFrame;
            var n = (int)Math.Floor(at);
            var x = (float)(at - n);
            if (n < 1 || n + 2 >= _record.Length)
            {
                into[i] = 0;
                continue;
            }

            float a = _record[n - 1], b = _record[n], c = _record[n + 1], d = _record[n + 2];
            into[i] = b + (0.5f * x * (c - a + (x * ((2 * a) - (5 * b) + (4 * c) - d + (x * ((3 * (b - c)) + d - a))))));
        }
    }

    public void Dispose()
    {
    }

    private static double Now => Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);

    private void TakeDue()
    {
        if (double.IsNaN(_start)) return;
        while (_start + ((_played + Block) * _perFrame) <= Now && _played + Block <= _record.Length)
        {
            for (var i = 0; i < Block; i++)
            {
                if (_taken < _written) _record[_played + i] = _ring[_taken++ % _ring.Length];
                else _underrun++;
            }

            _played += Block;
        }
    }
}
