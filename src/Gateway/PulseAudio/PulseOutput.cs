using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Native.Pulse;

namespace Gateway.PulseAudio;

/// <summary>Why an output ended.</summary>
internal enum PulseEnd
{
    None,

    /// <summary>Its sink or the server went away, or its owner closed it.</summary>
    Gone,
    Unknown,
    NoAnswer,
    Suspended,
    Moved,
    Untimely,
}

/// <summary>
/// A sink as an output. The server's clock for the stream runs through gaps (<see cref="PulsePlayback"/>), so that what is written keeps its place by itself; what was
/// missed is filled with silence and counted. The audio thread calls the port's members; anybody may ask why it ended, and dispose it.
/// </summary>
/// <param name="playback">Owned.</param>
internal sealed class PulseOutput(PulsePlayback playback, PulseSink sink) : IAudioOutput, IPulseStream
{
    /// <summary>What lies before the loudspeaker, most of it in the server's own buffer: it outlasts a pause of ours.</summary>
    private const int AheadMs = 200;

    /// <summary>A device may hold so much of that; what it holds beyond is <see cref="DeepFrames"/>.</summary>
    private const int ShallowMs = 60;
    private const int DeepStepMs = 50;
    private const int DeepestMs = 2_000;

    /// <summary>Between what the device has asked for and what is written after a gap.</summary>
    private const int MarginMs = 20;
    private const int LongestGapSeconds = 5;
    private const int GapsRemembered = 16;
    private const long LongestOpening = 10_000_000_000;

    /// <summary>A Bluetooth link that sleeps takes a second or two to wake.</summary>
    private const long LongestWaking = 4_000_000_000;

    /// <summary>
    /// Who does not ask for the clock gets one that is so old at most. Who does is not held back by the time: it comes at every phase of a device's periods, and
    /// would not if what comes too soon were left out.
    /// </summary>
    private const long LongestSilence = 50_000_000;

    /// <summary>What is written comes in small pieces; the server gets larger ones, each of which is a message to it.</summary>
    private const int PieceMs = 20;

    /// <summary>What has waited so long for more goes as it is.</summary>
    private const long LongestHeld = 30_000_000;

    private readonly PulseClock _clock = new(RateOf(sink));
    private readonly int _rate = RateOf(sink);
    private readonly int _capacity = RateOf(sink) / 1000 * AheadMs;
    private readonly (long Start, long Frames)[] _gaps = new (long, long)[GapsRemembered];
    private readonly double _nanosecondsPerFrame = 1e9 / RateOf(sink);
    private readonly float[] _piece = new float[2 * RateOf(sink) / 1000 * PieceMs];
    private int _held; // frames in the piece
    private long _heldSince;
    private int _gapCount;
    private long _gapsDone; // frames of the gaps that are forgotten
    private long _written; // to the server, silence counted
    private long _begun = -1; // the server's number of our frame 0
    private long _read; // the server's, at its last word
    private double _sink; // the most that was seen in the device
    private int _deep;
    private long _askedAt;
    private long _openedAt;
    private long _asleepSince;
    private OutputClock _shown;
    private volatile bool _hasShown;
    private volatile bool _released;
    private volatile PulseEnd _end;
    private volatile PulseClockFault _fault;

    public int SampleRate => _rate;

    public bool LatencyVisible => sink.TellsLatency && sink.Address is null;

    /// <summary>What the server knows of is in the clock already.</summary>
    public double? DeclaredLatencyMs => null;

    public bool IsOpen => _end == PulseEnd.None;

    /// <summary>Any thread.</summary>
    public PulseEnd End => _end;

    public string Sink => sink.Name;

    public bool IsReleased => _released;

    public string? Problem => PulseTexts.Of(_end, _fault, sink, playback.Reason);

    public int FreeFrames
    {
        get
        {
            var now = AudioThread.NowNanoseconds;
            if (now - _askedAt > LongestSilence) Poll(now);
            if (_held > 0 && now - _heldSince > LongestHeld) Send();
            if (!IsOpen || !_clock.IsFresh(now)) return 0;
            return (int)Math.Clamp(_capacity - (_written + _held - _deep - _clock.PlayedAt(now)), 0, _capacity);
        }
    }

    public int DeepFrames => _deep;

    public int Write(ReadOnlySpan<float> stereo)
    {
        var frames = Math.Min(stereo.Length / 2, FreeFrames);
        for (var done = 0; done < frames;)
        {
            if (_held == 0) _heldSince = AudioThread.NowNanoseconds;
            var taken = Math.Min(frames - done, (_piece.Length / 2) - _held);
            stereo.Slice(2 * done, 2 * taken).CopyTo(_piece.AsSpan(2 * _held));
            _held += taken;
            done += taken;
            if (2 * _held == _piece.Length && !Send()) return 0;
        }

        return frames;
    }

    public bool TryReadClock(out OutputClock clock)
    {
        Poll(AudioThread.NowNanoseconds);
        clock = _shown;
        return _hasShown;
    }

    public void Dispose()
    {
        Close(PulseEnd.Gone);
        playback.Dispose();
        _released = true;
    }

    /// <summary>The server is gone, and with it all that it said. Any thread.</summary>
    public void Close(PulseEnd why)
    {
        if (_end == PulseEnd.None) _end = why;
    }

    /// <summary>The stream has its sink's rate where that is one of music: then nobody else resamples.</summary>
    internal static int RateOf(PulseSink sink) => sink.Rate == 44_100 ? 44_100 : 48_000;

    /// <summary>Sends the piece, behind the silence that has to come before it. False: it went nowhere, and the stream ends.</summary>
    private bool Send()
    {
        var (frames, isSent) = (_held, FillGap() && playback.Write(_piece.AsSpan(0, 2 * _held)));
        _held = 0;
        if (!isSent) return false;
        if (_begun < 0) _begun = _written;
        _written += frames;
        return true;
    }

    private void Poll(long now)
    {
        if (!IsOpen) return;
        if (_openedAt == 0) _openedAt = now;
        _askedAt = now;
        var state = playback.Poll(out var timing, out var isNew);
        if (state != PulsePlaybackState.Suspended) _asleepSince = 0;
        switch (state)
        {
            case PulsePlaybackState.Opening when now - _openedAt > LongestOpening:
                Close(PulseEnd.NoAnswer);
                break;
            case PulsePlaybackState.Suspended:
                if (_asleepSince == 0) _asleepSince = now;
                else if (now - _asleepSince > LongestWaking) Close(PulseEnd.Suspended);
                break;
            case PulsePlaybackState.Moved:
                Close(PulseEnd.Moved);
                break;
            case PulsePlaybackState.Ended:
                Close(playback.IsUnknown ? PulseEnd.Unknown : PulseEnd.Gone);
                break;
            case PulsePlaybackState.Playing when isNew:
                Take(timing);
                break;
        }
    }

    private void Take(PulseTiming timing)
    {
        var counts = _clock.TryAdd(timing.PlayedFrames, timing.AtNanoseconds);
        if (_clock.Fault != PulseClockFault.None)
        {
            _fault = _clock.Fault;
            Close(PulseEnd.Untimely);
        }

        if (_clock.IsAtFirst) _sink = 0; // what was said before fits nothing
        if (counts || !_clock.IsSure) _sink = Math.Max(_sink, timing.SinkFrames);
        if (!counts) return;
        _read = timing.ReadFrames;
        TakeDepth();
        Show(timing);
    }

    /// <summary>In large steps, and with room for more, for each moves the group.</summary>
    private void TakeDepth()
    {
        var step = _rate / 1000 * DeepStepMs;
        var beyond = _sink - (_rate / 1000 * ShallowMs);
        if (beyond > _deep) _deep = (int)Math.Ceiling((beyond / step) + 0.5) * step;
        if (_deep <= _rate / 1000 * DeepestMs) return;
        _fault = PulseClockFault.Deep;
        Close(PulseEnd.Untimely);
    }

    /// <summary>What the device has asked for at most: what is written before that is late.</summary>
    private double AskedFor(long now) => Math.Max(_clock.PlayedAt(now) + _sink, _read);

    /// <summary>
    /// The server has gone past what was written: silence, which it drops as late where it is, up to where sound is in time again. False: too much is
    /// missing, and the stream is begun anew.
    /// </summary>
    private bool FillGap()
    {
        if (_read <= _written && _begun >= 0) return true;
        var missing = (long)AskedFor(AudioThread.NowNanoseconds) + (_rate / 1000 * MarginMs) - _written;
        if (missing <= 0) return true;
        if (missing > LongestGapSeconds * _rate && _begun >= 0)
        {
            Close(PulseEnd.Gone);
            return false;
        }

        if (!playback.WriteSilence((int)Math.Min(missing, int.MaxValue))) return false;
        if (_begun >= 0) Remember(missing);
        _written += missing;
        return true;
    }

    private void Remember(long frames)
    {
        if (_gapCount > 0 && _gaps[_gapCount - 1] is var last && last.Start + last.Frames == _written)
        {
            _gaps[_gapCount - 1] = (last.Start, last.Frames + frames);
            return;
        }

        if (_gapCount == GapsRemembered) Forget();
        _gaps[_gapCount++] = (_written, frames);
    }

    private void Forget()
    {
        _gapsDone += _gaps[0].Frames;
        Array.Copy(_gaps, 1, _gaps, 0, --_gapCount);
    }

    /// <summary>At the instant at which the device took a whole frame.</summary>
    private void Show(PulseTiming timing)
    {
        var whole = (long)Math.Floor(timing.PlayedFrames);
        if (_begun < 0 || whole < _begun) return;
        while (_gapCount > 0 && whole >= _gaps[0].Start + _gaps[0].Frames + _rate) Forget();
        var silent = _gapsDone + Math.Max(0, whole - _written);
        for (var i = 0; i < _gapCount; i++) silent += Math.Clamp(whole - _gaps[i].Start, 0, _gaps[i].Frames);
        _shown = new OutputClock(whole - _begun, silent, timing.AtNanoseconds - (long)((timing.PlayedFrames - whole) * _nanosecondsPerFrame));
        _hasShown = true;
    }
}
