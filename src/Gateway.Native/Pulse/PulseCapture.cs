namespace Gateway.Native.Pulse;

/// <summary>
/// A recording from one of the sound server's sources, with a connection of its own: 48 kHz float32, the source's own channels. <see cref="Read"/> from one thread,
/// <see cref="Dispose"/> from any.
/// </summary>
public sealed class PulseCapture : IDisposable
{
    public const int SampleRate = PulseRecording.SampleRate;

    private readonly PulseConnection _connection;
    private readonly PulseRecording _recording;
    private int _disposed;
    private bool _ended;

    private PulseCapture(PulseConnection connection, PulseRecording recording, string source) => (_connection, _recording, Source) = (connection, recording, source);

    /// <summary>The source's.</summary>
    public int Channels => _recording.Channels;

    /// <summary>The source's name, also where the default was asked for.</summary>
    public string Source { get; }

    /// <summary>False once the server, the source or the stream is gone or asleep: nothing more comes, ever.</summary>
    public bool IsOpen => !Volatile.Read(ref _ended) && Volatile.Read(ref _disposed) == 0;

    /// <summary>Begins to record; returns when sound arrives, and the first sample read is one of then.</summary>
    /// <param name="server">Null: as PULSE_SERVER and the user's settings say.</param>
    /// <param name="source">Null: the server's default.</param>
    /// <param name="patience">For each of the server's answers.</param>
    /// <exception cref="PulseException">It cannot be recorded from: <see cref="PulseException.Failure"/> says why.</exception>
    public static PulseCapture Open(string? server, string? source, TimeSpan patience)
    {
        var connection = new PulseConnection(server, patience);
        PulseRecording? recording = null;
        PulseCapture? capture = null;
        try
        {
            recording = PulseRecording.OfChannels(connection, source, "Calibration");
            connection.WaitUntil(recording.IsReady, PulseFailure.NoAnswer, "it did not open the source");
            var name = connection.Locked(recording.SourceName) ?? source ?? "";
            // A Bluetooth microphone may need a second to wake: the recording begins with its first sound, not before.
            connection.WaitUntil(recording.DropAll, PulseFailure.NoSound, "it delivered no sound");
            return capture = new PulseCapture(connection, recording, name);
        }
        catch (PulseException no) when (no.Failure == PulseFailure.NoSuchSource)
        {
            throw new PulseException(no.Failure, no.Message, connection.ListSources());
        }
        finally
        {
            if (capture is null)
            {
                recording?.Dispose();
                connection.Dispose();
            }
        }
    }

    /// <summary>Copies what has arrived, interleaved; returns frames. Allocates nothing.</summary>
    public int Read(Span<float> samples)
    {
        if (!IsOpen) return 0;
        var frames = _recording.Read(samples);
        // What comes after a gap of unknown length would be at a wrong time.
        if (_recording.State != PulseRecordingState.Recording) Volatile.Write(ref _ended, true);
        return frames;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _recording.Dispose();
        _connection.Dispose();
    }
}
