using System.Runtime.InteropServices;
using Gateway.Native.Libc;

namespace Gateway.Native.Pulse;

/// <summary>How a stream is.</summary>
public enum PulsePlaybackState
{
    /// <summary>The server has not answered yet.</summary>
    Opening,
    Playing,

    /// <summary>Its output sleeps, and takes nothing.</summary>
    Suspended,

    /// <summary>It plays on another output than it was opened on.</summary>
    Moved,

    /// <summary>It ended: its output or the server is gone, or the server said no.</summary>
    Ended,
}

/// <summary>What the server said of a stream: <paramref name="ReadFrames"/> of it had left the server's buffer, <paramref name="PlayedFrames"/> of them had been played, at an instant of CLOCK_MONOTONIC.</summary>
/// <param name="SinkFrames">What lies between the server's buffer and the loudspeaker, as far as the server knows; at most so much when it has just been filled.</param>
public readonly record struct PulseTiming(long ReadFrames, double PlayedFrames, double SinkFrames, long AtNanoseconds);

/// <summary>
/// A stereo float32 stream to one of the sound server's outputs. Its clock never stops: what comes too late is dropped by the server, and silence stands in for it,
/// so that frame n of what was written sounds when it is due, whatever happened before. States are asked for, none is called back. One thread; the
/// main loop's lock, which it takes, lends priority. <see cref="Dispose"/> from any thread. Nothing allocates after construction.
/// </summary>
public sealed unsafe class PulsePlayback : IDisposable
{
    /// <summary>
    /// What the server is asked to hold: it shares this out between its own buffer and the device's. More may be written than that. Little, so that the
    /// device asks often, and what it has not asked for yet outlasts a pause of ours.
    /// </summary>
    private const int TargetMs = 100;
    private const int RequestMs = 10;
    private const int FrameBytes = 2 * sizeof(float);
    private const int SilenceFrames = 4096;

    /// <summary>An answer that is older says nothing any more; a wall's clock that was set makes one so, or younger than now.</summary>
    private const long OldestNanoseconds = 500_000_000;

    /// <summary>Between the two looks at one clock that frame the look at the other.</summary>
    private const long LongestLook = 50_000;

    private static readonly float[] s_silence = GC.AllocateArray<float>(2 * SilenceFrames, pinned: true);

    private readonly Lock _lifetime = new();
    private readonly PulseConnection _connection;
    private readonly nint _stream;
    private readonly StreamError _error;
    private readonly nint _sink; // its name, for comparison
    private readonly int _rate;
    private nint _asked; // an update that is under way
    private (long, long) _stamp;
    private bool _disposed;

    internal PulsePlayback(PulseConnection connection, string sink, string name, int rate)
    {
        (_connection, _rate) = (connection, rate);
        var spec = new LibPulse.SampleSpec { Format = LibPulse.Float32LittleEndian, Rate = (uint)rate, Channels = 2 };
        _stream = connection.Locked(() => connection.NewStream(sink, name, in spec));
        if (_stream == 0) throw connection.Locked(connection.LastError);
        _error = connection.Locked(() => new StreamError(_stream));
        if (connection.Locked(() => Connect(sink)) < 0)
        {
            var why = connection.Locked(connection.LastError);
            connection.Locked(Release);
            throw why;
        }

        _sink = Marshal.StringToCoTaskMemUTF8(sink);
    }

    /// <summary>Why it ended, in the server's words. Any thread.</summary>
    public string? Reason => _error.Text;

    /// <summary>The server has no such output. Any thread.</summary>
    public bool IsUnknown => _error.IsNoSuchDevice;

    /// <summary>The stream's state; and what the server last said of its time, where that is new. Asks for the next word.</summary>
    public PulsePlaybackState Poll(out PulseTiming timing, out bool isNew)
    {
        (timing, isNew) = (default, false);
        lock (_lifetime)
        {
            if (_disposed) return PulsePlaybackState.Ended;
            _connection.Enter();
            try
            {
                var state = State();
                if (state is PulsePlaybackState.Playing)
                {
                    isNew = TryTiming(out timing);
                    Ask();
                }

                return state;
            }
            finally
            {
                _connection.Leave();
            }
        }
    }

    /// <summary>Behind what was written before.</summary>
    public bool Write(ReadOnlySpan<float> stereo)
    {
        fixed (float* data = stereo) return Write(data, stereo.Length / 2);
    }

    public bool WriteSilence(int frames)
    {
        fixed (float* data = s_silence)
        {
            for (; frames > 0; frames -= SilenceFrames)
                if (!Write(data, Math.Min(frames, SilenceFrames))) return false;
        }

        return true;
    }

    public void Dispose()
    {
        lock (_lifetime)
        {
            if (_disposed) return;
            _disposed = true;
            _connection.Locked(Release);
            Marshal.FreeCoTaskMem(_sink);
        }
    }

    private int Connect(string sink)
    {
        var attributes = new LibPulse.BufferAttributes
        {
            MaxLength = uint.MaxValue, TargetLength = Bytes(TargetMs), Prebuffer = 0 /* its clock runs from the start on, and through gaps */, MinimumRequest = Bytes(RequestMs), FragmentSize = uint.MaxValue,
        };
        var volume = new LibPulse.ChannelVolumes { Channels = 2 };
        (volume.Values[0], volume.Values[1]) = (LibPulse.VolumeNorm, LibPulse.VolumeNorm);
        const int Flags = LibPulse.StreamDontMove | LibPulse.StreamAdjustLatency | LibPulse.StreamStartUnmuted | LibPulse.StreamRelativeVolume;
        return LibPulse.StreamConnectPlayback(_stream, sink, in attributes, Flags, in volume, 0);

        uint Bytes(int milliseconds) => (uint)(_rate * milliseconds / 1000 * FrameBytes);
    }

    // All below with the loop's lock held.
    private PulsePlaybackState State()
    {
        var state = LibPulse.StreamState(_stream);
        if (state >= LibPulse.StreamFailed) return PulsePlaybackState.Ended;
        if (state != LibPulse.StreamReady) return PulsePlaybackState.Opening;
        if (!PulseConnection.IsSame(LibPulse.StreamDeviceName(_stream), _sink)) return PulsePlaybackState.Moved;
        return LibPulse.StreamIsSuspended(_stream) == 1 ? PulsePlaybackState.Suspended : PulsePlaybackState.Playing;
    }

    private bool TryTiming(out PulseTiming timing)
    {
        timing = default;
        var info = LibPulse.StreamTiming(_stream);
        if (info == null || info->ReadIndexCorrupt != 0 || (info->Seconds, info->Microseconds) == _stamp) return false;
        _stamp = (info->Seconds, info->Microseconds);
        if (!TryLook(out var monotonic, out var wall)) return false;
        var age = wall - ((info->Seconds * 1_000_000_000) + (info->Microseconds * 1000));
        if (age is < 0 or > OldestNanoseconds) return false;
        var read = info->ReadIndex / FrameBytes;
        timing = new PulseTiming(read, read - Frames(info->SinkUsec), Math.Max(Frames(info->SinkUsec), Frames(info->ConfiguredSinkUsec)), monotonic - age);
        return true;
    }

    /// <summary>Both clocks at one instant; false: something came between.</summary>
    private static bool TryLook(out long monotonic, out long wall)
    {
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var before = AudioThread.NowNanoseconds;
            wall = LibC.WallNanoseconds();
            monotonic = AudioThread.NowNanoseconds;
            if (monotonic - before > LongestLook) continue;
            monotonic = before + ((monotonic - before) / 2);
            return true;
        }

        (monotonic, wall) = (0, 0);
        return false;
    }

    private void Ask()
    {
        if (_asked != 0)
        {
            if (LibPulse.OperationState(_asked) == LibPulse.OperationRunning) return;
            LibPulse.OperationUnref(_asked);
        }

        _asked = LibPulse.StreamUpdateTiming(_stream, 0, 0);
    }

    private bool Write(float* data, int frames)
    {
        lock (_lifetime)
        {
            if (_disposed) return false;
            _connection.Enter();
            var written = LibPulse.StreamState(_stream) == LibPulse.StreamReady
                && LibPulse.StreamWrite(_stream, data, (nuint)(frames * FrameBytes), 0, 0, LibPulse.SeekRelative) == 0;
            _connection.Leave();
            return written;
        }
    }

    private bool Release()
    {
        if (_asked != 0) PulseConnection.End(_asked);
        _asked = 0;
        StreamError.End(_stream);
        _ = LibPulse.StreamDisconnect(_stream);
        LibPulse.StreamUnref(_stream);
        return true;
    }

    private double Frames(ulong microseconds) => microseconds * (_rate / 1e6);
}
