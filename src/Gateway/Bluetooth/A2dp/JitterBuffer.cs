using Gateway.Sound;

namespace Gateway.Bluetooth.A2dp;

/// <summary>What arrived, and how.</summary>
/// <param name="Gaps">Times that packets were missing.</param>
/// <param name="ConcealedFrames">Frames made up for what was missing or late.</param>
/// <param name="TargetMs">The depth that the measured jitter asks for.</param>
/// <param name="JitterMs">The largest delay of a packet behind the earliest ones, over the last 10 s.</param>
internal readonly record struct JitterStatistics(long Packets, long Frames, long Gaps, long ConcealedFrames, double TargetMs, double JitterMs);

/// <summary>
/// Turns bursts of packets into an even flow. Each frame has a position by the RTP timestamps, and is due at (the sender's clock, seen through
/// the earliest arrivals of the last 10 s) + depth; the depth follows the measured jitter. Missing frames are made up by a fading repeat and
/// counted. One thread pushes, one reads, and the reader never waits: where it meets a push it takes nothing, and what was due then is due at its next look.
/// </summary>
internal sealed class JitterBuffer(int sampleRate, int channels)
{
    private const long Second = 1_000_000_000;

    // An Echo sends in bursts of up to 150-200 ms, as its users measured. Never less than that: the next burst may be any time, and less wins nothing, as all speakers wait for the deepest.
    private const double StartMs = 175, MaxMs = 600;

    /// <summary>Beyond the measured jitter, for what was not measured yet.</summary>
    private const double MarginMs = 40;

    /// <summary>No packet for this long: the sender paused, and its next packet starts anew.</summary>
    private const long PauseNanoseconds = 400_000_000;

    /// <summary>How fast the flow may be pulled to a new depth or a drifting clock: inaudible, and far above any crystal's error.</summary>
    private const double SlewPpm = 500;
    private const int MaxGapFrames = 48_000;
    private const int FadeFrames = 1_024;
    private const int RepeatFrames = 256;

    private readonly float[] _ring = new float[2 * sampleRate * channels];
    private readonly ArrivalWindow _window = new();
    private readonly Published<JitterStatistics> _statistics = new(new JitterStatistics(0, 0, 0, 0, StartMs, 0));
    private bool _flowing;
    private long _write, _read; // positions in frames
    private ushort _sequence;
    private uint _timestamp;
    private int _lastFrames;
    private long _lastArrival, _lastSlew;
    private double _offset; // nanoseconds: position 0 leaves the buffer then
    private double _targetMs = StartMs;
    private long _packets, _frames, _gaps, _concealed;

    private int Capacity => _ring.Length / channels;

    /// <summary>Held for a copy, by the one that pushes and the one that reads; by nobody else.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Any thread.</summary>
    public JitterStatistics Statistics => _statistics.Read();

    /// <summary>Takes a packet's samples (interleaved 16-bit) in.</summary>
    public void Push(long arrival, ushort sequence, uint timestamp, ReadOnlySpan<short> pcm)
    {
        var frames = pcm.Length / channels;
        lock (Gate)
        {
            _packets++;
            _frames += frames;
            if (!_flowing || arrival - _lastArrival > PauseNanoseconds) Begin(arrival);
            else Advance(sequence, timestamp);
            (_sequence, _timestamp, _lastFrames, _lastArrival) = (sequence, timestamp, frames, arrival);
            Store(pcm, frames);
            // The packet's frames end at _write: its first one is what its timestamp speaks of.
            _window.Add(arrival, arrival - Nanoseconds(_write - frames));
            Slew(arrival);
            Show();
        }
    }

    /// <summary>Copies what is due, and returns its frames.</summary>
    public int Read(long now, Span<float> samples)
    {
        if (!Gate.TryEnter()) return 0;
        try
        {
            return ReadDue(now, samples);
        }
        finally
        {
            Gate.Exit();
        }
    }

    private int ReadDue(long now, Span<float> samples)
    {
        if (!_flowing) return 0;
        if (now - _lastArrival > PauseNanoseconds + (long)(_targetMs * 1e6))
        {
            _flowing = false;
            return 0;
        }

        Slew(now);
        var due = (long)((now - _offset) / Second * sampleRate) - _read;
        var wanted = (int)Math.Clamp(due, 0, samples.Length / channels);
        var missing = (int)(wanted - (_write - _read));
        // While the sender merely paused, its last frames run out and nothing is made up for what it never sent.
        if (missing > 0 && now - _lastArrival > PauseNanoseconds) wanted -= missing;
        else if (missing > 0) Conceal(missing);
        Copy(samples, wanted);
        Show();
        return wanted;
    }

    private void Show() => _statistics.Write(new JitterStatistics(_packets, _frames, _gaps, _concealed, _targetMs, _window.SpreadNanoseconds / 1e6));

    private void Begin(long arrival)
    {
        _flowing = true;
        _window.Clear();
        if (_read < _write) _read = _write; // what a pause left over is old
        _offset = arrival + (_targetMs * 1e6) - Nanoseconds(_write);
        _lastSlew = arrival;
    }

    /// <summary>Makes room for what is missing before this packet.</summary>
    private void Advance(ushort sequence, uint timestamp)
    {
        var lost = (ushort)(sequence - _sequence - 1);
        if (lost == 0) return;
        var byClock = (int)(timestamp - _timestamp) - _lastFrames;
        var byCount = lost * _lastFrames;
        // Some senders' timestamps are constant or count something else: then the packets are counted.
        var missing = byClock > 0 && byClock <= 4 * byCount ? byClock : byCount;
        if (lost > 1_000 || missing > MaxGapFrames) return; // it started over
        _gaps++;
        // Frames made up in Read() because they were late only deepen the buffer; it is drawn down again slowly.
        Conceal(missing);
    }

    private void Store(ReadOnlySpan<short> pcm, int frames)
    {
        if (_write + frames - _read > Capacity) _read = _write + frames - Capacity; // nobody reads
        for (var i = 0; i < frames * channels; i++) _ring[(int)(((_write * channels) + i) % _ring.Length)] = pcm[i] / 32768f;
        _write += frames;
    }

    private void Conceal(int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            var gain = Math.Max(0f, 1f - ((i + 1f) / FadeFrames));
            for (var c = 0; c < channels; c++) _ring[Index(_write, c)] = gain * _ring[Index(_write + Capacity - RepeatFrames, c)];
            _write++;
        }

        _concealed += frames;
        if (_write - _read > Capacity) _read = _write - Capacity;
    }

    private void Copy(Span<float> samples, int frames)
    {
        for (var i = 0; i < frames * channels; i++) samples[i] = _ring[(int)(((_read * channels) + i) % _ring.Length)];
        _read += frames;
    }

    // Late by more than the depth: deeper at once, as that is heard anyway. Everything else is pulled slowly.
    private void Slew(long now)
    {
        var elapsed = Math.Max(0, now - _lastSlew);
        _lastSlew = Math.Max(_lastSlew, now);
        _targetMs = Math.Clamp((_window.SpreadNanoseconds / 1e6) + MarginMs, StartMs, MaxMs);
        if (_window.IsEmpty) return;
        var error = _window.EarliestNanoseconds + (_targetMs * 1e6) - _offset;
        var step = elapsed * SlewPpm / 1e6;
        _offset += error > 30e6 ? error : Math.Clamp(error, -step, step);
    }

    private int Index(long frame, int channel) => (int)(((frame * channels) + channel) % _ring.Length);

    private double Nanoseconds(long frames) => frames * (double)Second / sampleRate;

    /// <summary>Earliest and latest arrival against the sender's clock over the last 10 s, in buckets of a second.</summary>
    private sealed class ArrivalWindow
    {
        private const int Buckets = 10;
        private readonly double[] _earliest = new double[Buckets];
        private readonly double[] _latest = new double[Buckets];
        private readonly long[] _second = new long[Buckets];
        private long _now;

        public bool IsEmpty => _now == 0;

        public double EarliestNanoseconds { get; private set; }

        public double SpreadNanoseconds { get; private set; }

        public void Clear()
        {
            Array.Clear(_second);
            (_now, EarliestNanoseconds, SpreadNanoseconds) = (0, 0, 0);
        }

        public void Add(long arrival, double offset)
        {
            _now = arrival / Second;
            var bucket = (int)(_now % Buckets);
            if (_second[bucket] != _now) (_second[bucket], _earliest[bucket], _latest[bucket]) = (_now, offset, offset);
            _earliest[bucket] = Math.Min(_earliest[bucket], offset);
            _latest[bucket] = Math.Max(_latest[bucket], offset);
            var (low, high) = (double.MaxValue, double.MinValue);
            for (var i = 0; i < Buckets; i++)
            {
                if (_second[i] <= _now - Buckets || _second[i] == 0) continue;
                low = Math.Min(low, _earliest[i]);
                high = Math.Max(high, _latest[i]);
            }

            (EarliestNanoseconds, SpreadNanoseconds) = (low, high - low);
        }
    }
}
