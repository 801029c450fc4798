using Gateway.Native.Libc;

namespace Gateway.Benchmarks.Sync;

/// <summary>
/// A speaker without hardware: a thread at real-time priority that takes 240 frames from its pipe at t0 + m 240/(fs (1 + ppm 1e-6)) of the monotonic
/// clock. Frame n is played at t0 + n/(fs (1 + ppm 1e-6)), whatever the scheduler did to the thread: that is how the record is laid on common
/// time. What is not there is zeros, counted. It runs from the start on, like a speaker that is switched on.
/// </summary>
internal sealed class VirtualSpeaker : IDisposable
{
    private const int Block = 240;
    private const int RealTimePriority = 40; // above every player's (5 and 10): a device does not wait for who feeds it
    private readonly Fifo _fifo;
    private readonly short[] _record;
    private readonly double _perFrame;
    private readonly double _start;
    private readonly Thread _thread;
    private readonly short[] _block = new short[2 * Block];
    private int _played;
    private int _firstSound = -1;
    private int _missing;
    private int _silenceLeft;
    private int _starveFrames; // > 0: the next missing frame begins a gap of exactly so many
    private int _gapEnd;
    private volatile bool _stopping;

    /// <param name="fifo">Its end of the pipe; owned.</param>
    /// <param name="ppm">Its clock's error, positive = fast.</param>
    /// <param name="seconds">How long it records at most.</param>
    public VirtualSpeaker(Fifo fifo, double ppm, double seconds, double startNanoseconds)
    {
        (_fifo, _start) = (fifo, startNanoseconds);
        _perFrame = 1e9 / (48_000 * (1 + (ppm * 1e-6)));
        _record = new short[(int)(seconds * 48_000)];
        _record.AsSpan().Clear(); // touched: no page fault while it plays
        _thread = new Thread(Run) { Name = "speaker", IsBackground = true };
    }

    /// <summary>When the first sound was played; null: none yet.</summary>
    public double? FirstSound => Volatile.Read(ref _firstSound) is var first and >= 0 ? TimeOf(first) : null;

    /// <summary>Frames that were not there in time since the first sound.</summary>
    public int Missing => Volatile.Read(ref _missing);

    /// <summary>When the last gap that was ordered ended; null: not yet.</summary>
    public double? GapEnd => Volatile.Read(ref _gapEnd) is var end and > 0 ? TimeOf(end) : null;

    /// <summary>The starving gap has begun and has less than three blocks to go: whoever feeds may begin again.</summary>
    public bool WantsFood => Volatile.Read(ref _starveFrames) == 0 && Volatile.Read(ref _silenceLeft) <= 3 * Block;

    /// <summary>How much it has played, by its own clock.</summary>
    public double Seconds => Volatile.Read(ref _played) / 48_000.0;

    /// <summary>Whether the recorder is full: it plays no more.</summary>
    public bool HasEnded => Volatile.Read(ref _played) + Block > _record.Length;

    public void Start() => _thread.Start();

    /// <summary>From now on it takes nothing, and plays zeros, for exactly so many frames.</summary>
    public void PlaySilence(int frames)
    {
        Volatile.Write(ref _gapEnd, 0);
        Volatile.Write(ref _silenceLeft, frames);
    }

    /// <summary>Nobody will feed it: the gap that begins when the pipe is empty lasts for exactly so many frames.</summary>
    public void Starve(int frames)
    {
        Volatile.Write(ref _gapEnd, 0);
        Volatile.Write(ref _starveFrames, frames);
    }

    /// <summary>What sounded at <paramref name="nanoseconds"/> and after it, at 48 kHz of the monotonic clock (cubic interpolation).</summary>
    public void Listen(double nanoseconds, Span<float> into)
    {
        var at = (nanoseconds - _start) / _perFrame;
        var step = 1e9 / 48_000 / _perFrame;
        for (var i = 0; i < into.Length; i++, at += step)
        {
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
        _stopping = true;
        if (_thread.IsAlive) _thread.Join();
        _fifo.Dispose();
    }

    private double TimeOf(int frame) => _start + (frame * _perFrame);

    private void Run()
    {
        AudioThread.TryRaisePriority(RealTimePriority);
        for (; !_stopping && !HasEnded; Volatile.Write(ref _played, _played + Block))
        {
            AudioThread.SleepUntil((long)TimeOf(_played));
            Take(_record.AsSpan(_played, Block));
        }
    }

    private void Take(Span<short> into)
    {
        var silent = Math.Min(_silenceLeft, Block);
        if (silent > 0) EndGapAfter(silent);
        var got = _fifo.Read(_block.AsSpan(0, 2 * (Block - silent)));
        for (var i = 0; i < got; i++) into[silent + i] = _block[2 * i];
        if (_firstSound < 0) NoteFirstSound(into);
        if (_firstSound < 0 || got + silent == Block) return;

        var missing = Block - silent - got;
        Volatile.Write(ref _missing, _missing + missing);
        if (_starveFrames == 0) return;
        Volatile.Write(ref _silenceLeft, Math.Max(0, _starveFrames - missing));
        Volatile.Write(ref _starveFrames, 0);
    }

    private void EndGapAfter(int silent)
    {
        Volatile.Write(ref _silenceLeft, _silenceLeft - silent);
        Volatile.Write(ref _missing, _missing + silent);
        if (_silenceLeft == 0) Volatile.Write(ref _gapEnd, _played + silent);
    }

    private void NoteFirstSound(Span<short> block)
    {
        var first = block.IndexOfAnyExcept((short)0);
        if (first >= 0) Volatile.Write(ref _firstSound, _played + first);
    }
}
