using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>How a recording is.</summary>
public enum PulseRecordingState
{
    /// <summary>The server has not answered yet.</summary>
    Opening,
    Recording,

    /// <summary>Its source sleeps: nothing comes until it is awake.</summary>
    Suspended,

    /// <summary>It records from another source than it was opened on.</summary>
    Moved,

    /// <summary>It ended: its source or the server is gone, or the server said no.</summary>
    Ended,
}

/// <summary>
/// A float32 stream at 48 kHz from one of the sound server's sources. <see cref="Read"/> from one thread, <see cref="Dispose"/> from any; what is not fetched waits in
/// libpulse (10 s of stereo), and what is lost beyond that comes as silence of the same length, so that sample counts stay times. Reading allocates nothing.
/// </summary>
public sealed unsafe class PulseRecording : IDisposable
{
    public const int SampleRate = 48_000;

    private const int FragmentMs = 20;

    private readonly Lock _lifetime = new();
    private readonly PulseConnection _connection;
    private readonly nint _stream;
    private readonly StreamError _error;
    private readonly nint _source; // its name, for comparison; 0: whatever was opened is right

    // Of the oldest piece, the frames already handed out.
    private int _taken;
    private int _state;
    private bool _disposed;

    private PulseRecording(PulseConnection connection, nint stream, string? source, bool isThisOnly, int channels, int flags)
    {
        if (stream == 0) throw connection.Locked(connection.LastError);
        (_connection, _stream, Channels) = (connection, stream, channels);
        _error = connection.Locked(() => new StreamError(stream));
        if (isThisOnly) _source = Marshal.StringToCoTaskMemUTF8(source);
        var attributes = new LibPulse.BufferAttributes
        {
            MaxLength = uint.MaxValue, TargetLength = uint.MaxValue, Prebuffer = uint.MaxValue, MinimumRequest = uint.MaxValue,
            FragmentSize = (uint)(SampleRate * FragmentMs / 1000 * channels * sizeof(float)),
        };
        if (connection.Locked(() => LibPulse.StreamConnectRecord(_stream, source, in attributes, flags | LibPulse.StreamDontMove | LibPulse.StreamAdjustLatency)) == 0) return;
        var why = connection.Locked(connection.LastError);
        Dispose();
        throw why;
    }

    public int Channels { get; private set; }

    /// <summary>As the last <see cref="Read"/> found it. Any thread.</summary>
    public PulseRecordingState State => (PulseRecordingState)Volatile.Read(ref _state);

    /// <summary>Why it ended, in the server's words. Any thread.</summary>
    public string? Reason => _error.Text;

    /// <summary>The source's own channels; null: the server's default source. Channels are known when it is ready.</summary>
    internal static PulseRecording OfChannels(PulseConnection connection, string? source, string name)
    {
        var spec = new LibPulse.SampleSpec { Format = LibPulse.Float32LittleEndian, Rate = SampleRate, Channels = 1 };
        return new PulseRecording(connection, connection.Locked(() => LibPulse.StreamNew(connection.Context, name, in spec, 0)), source, false, 1, LibPulse.StreamFixChannels);
    }

    /// <summary>In stereo, and of this source or none.</summary>
    internal static PulseRecording OfMusic(PulseConnection connection, string source, string name)
    {
        var spec = new LibPulse.SampleSpec { Format = LibPulse.Float32LittleEndian, Rate = SampleRate, Channels = 2 };
        var stream = connection.Locked(() => connection.NewStream(source, name, in spec));
        return new PulseRecording(connection, stream, source, true, 2, LibPulse.StreamStartUnmuted);
    }

    /// <summary>Copies what has arrived, interleaved; returns frames.</summary>
    public int Read(Span<float> samples)
    {
        lock (_lifetime)
        {
            if (_disposed) return 0;
            _connection.Enter();
            try
            {
                var state = Look();
                Volatile.Write(ref _state, (int)state);
                return state == PulseRecordingState.Recording ? Take(samples) : 0;
            }
            finally
            {
                _connection.Leave();
            }
        }
    }

    public void Dispose()
    {
        lock (_lifetime)
        {
            if (_disposed) return;
            _disposed = true;
            Volatile.Write(ref _state, (int)PulseRecordingState.Ended);
            _connection.Enter();
            StreamError.End(_stream);
            _ = LibPulse.StreamDisconnect(_stream);
            LibPulse.StreamUnref(_stream);
            _connection.Leave();
            Marshal.FreeCoTaskMem(_source);
        }
    }

    // All below with the loop's lock held.

    /// <summary>The server has said yes; an exception where it said no.</summary>
    internal bool IsReady()
    {
        var state = LibPulse.StreamState(_stream);
        if (state >= LibPulse.StreamFailed) throw _connection.LastError();
        if (state != LibPulse.StreamReady) return false;
        Channels = LibPulse.StreamSampleSpec(_stream)->Channels;
        return true;
    }

    /// <summary>The name of the source that it records from.</summary>
    internal string? SourceName() => Marshal.PtrToStringUTF8(LibPulse.StreamDeviceName(_stream));

    /// <summary>True: there was something.</summary>
    internal bool DropAll()
    {
        float* data;
        nuint bytes;
        var any = false;
        while (LibPulse.StreamPeek(_stream, &data, &bytes) == 0 && bytes > 0)
        {
            _ = LibPulse.StreamDrop(_stream);
            any = true;
        }

        return any;
    }

    private PulseRecordingState Look()
    {
        var state = LibPulse.StreamState(_stream);
        if (state >= LibPulse.StreamFailed) return PulseRecordingState.Ended;
        if (state != LibPulse.StreamReady) return PulseRecordingState.Opening;
        if (_source != 0 && !PulseConnection.IsSame(LibPulse.StreamDeviceName(_stream), _source)) return PulseRecordingState.Moved;
        return LibPulse.StreamIsSuspended(_stream) == 1 ? PulseRecordingState.Suspended : PulseRecordingState.Recording;
    }

    private int Take(Span<float> samples)
    {
        float* data;
        nuint bytes;
        var done = 0;
        while (samples.Length - (done * Channels) >= Channels)
        {
            if (LibPulse.StreamPeek(_stream, &data, &bytes) < 0)
            {
                // What comes after a gap of unknown length would be at a wrong time.
                Volatile.Write(ref _state, (int)PulseRecordingState.Ended);
                break;
            }

            if (bytes == 0) break;
            var piece = (int)(bytes / (nuint)(sizeof(float) * Channels));
            var frames = Math.Min(piece - _taken, (samples.Length / Channels) - done);
            var target = samples.Slice(done * Channels, frames * Channels);
            if (data == null) target.Clear();
            else new ReadOnlySpan<float>(data + (_taken * Channels), frames * Channels).CopyTo(target);
            done += frames;
            _taken += frames;
            if (_taken < piece) break;
            _taken = 0;
            _ = LibPulse.StreamDrop(_stream);
        }

        return done;
    }
}
