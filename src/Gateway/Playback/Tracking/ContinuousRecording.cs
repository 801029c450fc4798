using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Playback.Audio;
using Gateway.Playback.Calibration;

namespace Gateway.Playback.Tracking;

/// <summary>
/// The last seconds of a microphone, one channel, in memory only. A thread of its own fetches what arrives: what an owner does not fetch
/// in time is lost, and moves all that follows.
/// </summary>
internal sealed class ContinuousRecording : IDisposable
{
    private const int RealTimePriority = 5;
    private const long Pause = 10_000_000; // ns
    private readonly IAudioInput _input;
    private readonly int _channel;
    private readonly float[] _ring;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private long _end;
    private volatile bool _stopping;
    private volatile bool _ended;
    private volatile Exception? _fault;

    /// <param name="input">Owned from now on.</param>
    /// <param name="channel">The one that the calibration used.</param>
    /// <param name="seconds">Kept.</param>
    /// <param name="time">What arrivals are noted by.</param>
    public ContinuousRecording(IAudioInput input, int channel, int seconds, TimeProvider time)
    {
        (_input, _channel, _time) = (input, Math.Clamp(channel, 0, input.Channels - 1), time);
        _ring = new float[seconds * input.SampleRate];
        _thread = new Thread(Record) { Name = "tracking recorder", IsBackground = true };
        _thread.Start();
    }

    public int SampleRate => _input.SampleRate;

    public CaptureClock Arrivals { get; } = new();

    /// <summary>Samples that have come so far.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>The microphone is gone.</summary>
    public bool HasEnded => _ended;

    /// <summary>A fault of ours ended it; null: none did. To be read when it has ended.</summary>
    public Exception? Fault => _fault;

    /// <summary>False: it is not there yet, or no longer.</summary>
    public bool TryRead(long from, Span<float> samples)
    {
        if (from < 0 || from + samples.Length > End) return false;
        var at = (int)(from % _ring.Length);
        var first = Math.Min(samples.Length, _ring.Length - at);
        _ring.AsSpan(at, first).CopyTo(samples);
        _ring.AsSpan(0, samples.Length - first).CopyTo(samples[first..]);
        return from >= End - _ring.Length + SampleRate; // what was overwritten while we copied
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _input.Dispose();
    }

    private void Record()
    {
        AudioThread.TryRaisePriority(RealTimePriority);
        var block = new float[_input.Channels * _input.SampleRate / 50];
        try
        {
            while (!_stopping && _input.IsOpen)
            {
                var frames = _input.Read(block);
                for (var i = 0; i < frames; i++) _ring[(int)((_end + i) % _ring.Length)] = block[(i * _input.Channels) + _channel];
                if (frames == 0)
                {
                    _time.Sleep(Pause);
                    continue;
                }

                Volatile.Write(ref _end, _end + frames);
                Arrivals.Note(_end, _time.Nanoseconds());
            }
        }
        catch (Exception fault)
        {
            _fault = fault; // whoever waits for the recording tells it: nothing may leave this thread
        }

        _ended = true;
    }
}
