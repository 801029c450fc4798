using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;
using Gateway.Native.Libc;
using Gateway.Timing;

namespace Gateway.Bluetooth.Streams;

/// <summary>
/// A connected speaker as an output. It is there at once; its socket comes when BlueZ has opened the stream (until then nothing fits and the
/// clock does not tick). The audio thread calls the port's members; a task of the control side opens and closes.
/// </summary>
internal sealed class A2dpOutput : IAudioOutput
{
    /// <summary>BlueZ may refuse while the two ends settle who starts the stream (AVDTP collision, seen with 5.66): a moment later it works.</summary>
    private const int AcquireTries = 4;
    private static readonly TimeSpan s_acquirePause = TimeSpan.FromMilliseconds(400);

    /// <summary>
    /// What the kernel may hold for us, in packets: enough for a moment of radio silence, little enough that a link that does not keep up is
    /// noticed. (The kernel counts its own overhead too, and doubles the figure.)
    /// </summary>
    private const int KernelPackets = 4;

    private readonly StreamAccess _access;
    private readonly OwnStream _stream;
    private readonly CancellationTokenSource _closing = new();
    private volatile A2dpStream? _open;
    private volatile bool _ended;
    private volatile string? _problem;

    public A2dpOutput(StreamAccess access, OwnStream stream)
    {
        (_access, _stream) = (access, stream);
        _ = OpenAsync();
        _ = EndWithTransportAsync();
    }

    public int SampleRate => _stream.Configuration.SampleRate;
    public bool LatencyVisible => false;

    /// <summary>The device's latest delay report: it may send another at any time.</summary>
    public double? DeclaredLatencyMs => _access.Transport?.DelayMs;
    public int FreeFrames => _open is { IsOpen: true } stream ? stream.FreeFrames : 0;
    public bool IsOpen => !_ended && _open is not { IsOpen: false };
    public string? Problem => _problem;

    /// <summary>For telemetry and the benchmark; null before the stream is open.</summary>
    public A2dpStatistics? Statistics => _open?.Statistics;

    public int Write(ReadOnlySpan<float> stereo) => _open is { IsOpen: true } stream ? stream.Write(stereo, _access.Gain()) : 0;

    public bool TryReadClock(out OutputClock clock)
    {
        if (_open is { } stream) return stream.TryReadClock(out clock);
        clock = default;
        return false;
    }

    public void Dispose()
    {
        if (_closing.IsCancellationRequested) return;
        _ended = true;
        _closing.Cancel();
        _open?.Dispose();
        _ = _access.ReleaseAsync(_stream.Transport);
    }

    private async Task OpenAsync()
    {
        var opening = AcquireAndAttachAsync();
        await opening.Ended();
        if (opening.Failure() is not { } error) return;
        BluetoothLog.StreamRefused(_access.Logger, _access.Name, error.Message);
        _problem = $"The stream to {_access.Name} could not be opened: {error.Message}";
        _ended = true;
    }

    private async Task AcquireAndAttachAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var acquiring = _access.AcquireAsync(_stream.Transport, "Acquire", _closing.Token);
            await ((Task)acquiring).Ended();
            if (acquiring.Failure() is not PortException || attempt == AcquireTries || _stream.Cleared.IsCompleted)
            {
                Attach(await acquiring);
                return;
            }

            await Task.Delay(s_acquirePause, _access.Time, CancellationToken.None);
        }
    }

    private void Attach(AcquiredStream acquired)
    {
        var socket = new PacketSocket(acquired.Socket);
        if (_closing.IsCancellationRequested)
        {
            socket.Dispose();
            return;
        }

        socket.LimitSendBuffer(KernelPackets * acquired.WriteMtu);
        try
        {
            var link = new StreamLink(_access.Name, socket, acquired.WriteMtu, _access.ShareOf(acquired.Socket, _stream.Transport), _access.Stalls);
            _open = new A2dpStream(link, _stream.Configuration, Ended);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        BluetoothLog.StreamOpen(_access.Logger, _access.Name, SampleRate, _stream.Configuration.Bitpool, acquired.WriteMtu);
        if (_closing.IsCancellationRequested) _open.Dispose();
    }

    // On the sender's thread, as its last act.
    private void Ended(StreamEnd end, Exception? fault)
    {
        if (fault is not null) _problem = $"The stream to {_access.Name} ended by an internal fault; the log has it.";
        _ended = true;
        if (fault is not null) BluetoothLog.StreamFault(_access.Logger, _access.Name, fault);
        if (_closing.IsCancellationRequested || end is StreamEnd.Closed or StreamEnd.Faulted) return;
        if (end == StreamEnd.Stalled)
        {
            BluetoothLog.StreamStalled(_access.Logger, _access.Name);
            _access.Suspect();
        }
        else
        {
            BluetoothLog.StreamGone(_access.Logger, _access.Name);
        }
    }

    private async Task EndWithTransportAsync()
    {
        await Task.WhenAny(_stream.Cleared, Task.Delay(Timeout.InfiniteTimeSpan, _closing.Token));
        _ended = true;
    }
}
