using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>
/// A recording from one of the sound server's sources: 48 kHz float32, the source's own channels. <see cref="Read"/> from one thread,
/// <see cref="Dispose"/> from any; what is not fetched waits in libpulse (some 20 s of mono), and what is lost beyond that comes as
/// silence of the same length, so that sample counts stay times.
/// </summary>
public sealed unsafe class PulseCapture : IDisposable
{
    public const int SampleRate = 48_000;

    private const int FragmentMs = 20;

    private readonly Lock _lifetime = new();
    private readonly PulseConnection _connection;
    private readonly nint _stream;

    // Of the oldest piece, the frames already handed out.
    private int _taken;
    private bool _disposed;
    private bool _ended;

    private PulseCapture(PulseConnection connection, nint stream) => (_connection, _stream) = (connection, stream);

    /// <summary>The source's.</summary>
    public int Channels { get; private set; }

    /// <summary>The source's name, also where the default was asked for.</summary>
    public string Source { get; private set; } = "";

    /// <summary>False once the server, the source or the stream is gone or asleep: nothing more comes, ever.</summary>
    public bool IsOpen => !Volatile.Read(ref _ended) && !Volatile.Read(ref _disposed);

    /// <summary>Begins to record; returns when sound arrives, and the first sample read is one of then.</summary>
    /// <param name="server">Null: as PULSE_SERVER and the user's settings say.</param>
    /// <param name="source">Null: the server's default.</param>
    /// <param name="patience">For each of the server's answers.</param>
    /// <exception cref="PulseException">It cannot be recorded from: <see cref="PulseException.Failure"/> says why.</exception>
    public static PulseCapture Open(string? server, string? source, TimeSpan patience)
    {
        var connection = new PulseConnection(server, patience);
        PulseCapture? capture = null;
        try
        {
            var spec = new LibPulse.SampleSpec { Format = LibPulse.Float32LittleEndian, Rate = SampleRate, Channels = 1 };
            var stream = connection.Locked(() => LibPulse.StreamNew(connection.Context, "Calibration", in spec, 0));
            if (stream == 0) throw connection.Locked(connection.LastError);
            capture = new PulseCapture(connection, stream);
            capture.Begin(source);
            return capture;
        }
        catch (PulseException no) when (no.Failure == PulseFailure.NoSuchSource)
        {
            throw new PulseException(no.Failure, no.Message, connection.ListSources());
        }
        finally
        {
            if (capture is null) connection.Dispose();
            else if (capture.Channels == 0) capture.Dispose();
        }
    }

    /// <summary>Copies what has arrived, interleaved; returns frames. Allocates nothing.</summary>
    public int Read(Span<float> samples)
    {
        lock (_lifetime)
        {
            if (!IsOpen) return 0;
            _connection.Enter();
            try
            {
                return Take(samples);
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
            Volatile.Write(ref _disposed, true);
        }

        _connection.Enter();
        _ = LibPulse.StreamDisconnect(_stream);
        LibPulse.StreamUnref(_stream);
        _connection.Leave();
        _connection.Dispose();
    }

    private void Begin(string? source)
    {
        var attributes = new LibPulse.BufferAttributes
        {
            MaxLength = uint.MaxValue, TargetLength = uint.MaxValue, Prebuffer = uint.MaxValue, MinimumRequest = uint.MaxValue,
            FragmentSize = SampleRate * FragmentMs / 1000 * sizeof(float),
        };
        const int Flags = LibPulse.StreamDontMove | LibPulse.StreamFixChannels | LibPulse.StreamAdjustLatency;
        if (_connection.Locked(() => LibPulse.StreamConnectRecord(_stream, source, in attributes, Flags)) < 0) throw _connection.Locked(_connection.LastError);
        _connection.WaitUntil(
            () => LibPulse.StreamState(_stream) is var state && state < LibPulse.StreamFailed ? state == LibPulse.StreamReady : throw _connection.LastError(),
            PulseFailure.NoAnswer, "it did not open the source");
        var channels = _connection.Locked(() => (int)LibPulse.StreamSampleSpec(_stream)->Channels);
        Source = _connection.Locked(() => Marshal.PtrToStringUTF8(LibPulse.StreamDeviceName(_stream))) ?? source ?? "";
        // A Bluetooth microphone may need a second to wake: the recording begins with its first sound, not before.
        _connection.WaitUntil(DropAll, PulseFailure.NoSound, "it delivered no sound");
        Channels = channels;
    }

    /// <summary>True: there was something. With the lock held.</summary>
    private bool DropAll()
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

    private int Take(Span<float> samples)
    {
        float* data;
        nuint bytes;
        var done = 0;
        while (samples.Length - done * Channels >= Channels)
        {
            if (LibPulse.StreamState(_stream) != LibPulse.StreamReady || LibPulse.StreamIsSuspended(_stream) == 1 || LibPulse.StreamPeek(_stream, &data, &bytes) < 0)
            {
                // What comes after a gap of unknown length would be at a wrong time.
                Volatile.Write(ref _ended, true);
                break;
            }

            if (bytes == 0) break;
            var piece = (int)(bytes / (nuint)(sizeof(float) * Channels));
            var frames = Math.Min(piece - _taken, samples.Length / Channels - done);
            var target = samples.Slice(done * Channels, frames * Channels);
            if (data == null) target.Clear();
            else new ReadOnlySpan<float>(data + _taken * Channels, frames * Channels).CopyTo(target);
            done += frames;
            _taken += frames;
            if (_taken < piece) break;
            _taken = 0;
            _ = LibPulse.StreamDrop(_stream);
        }

        return done;
    }
}
