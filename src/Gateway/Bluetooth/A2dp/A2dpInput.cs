using Gateway.Bluetooth.BlueZ;
using Gateway.Engine.Ports;
using Gateway.Native.Libc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// An Echo or phone that plays to us. A task of the control side follows the transport: it takes the socket when the device starts to play, and
/// revives a stream that is up and silent; the receiver's thread fills the buffer, the audio thread reads from it.
/// </summary>
internal sealed class A2dpInput : IAudioInput
{
    /// <summary>Churn guard: a device that simply has nothing to say is not reconnected again and again.</summary>
    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly StreamAccess _access;
    private readonly OwnStream _stream;
    private readonly JitterBuffer _buffer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _follow;
    private volatile bool _ended;

    // The follower's own: consecutive silences, and what was tried.
    private int _silences;
    private long _reconnectedAt = long.MinValue;

    public A2dpInput(StreamAccess access, OwnStream stream)
    {
        (_access, _stream) = (access, stream);
        _buffer = new JitterBuffer(SampleRate, Channels);
        _follow = Task.Run(FollowAsync);
    }

    public int SampleRate => _stream.Configuration.SampleRate;
    public int Channels => _stream.Configuration.Channels;
    public bool IsOpen => !_ended && !_stream.Cleared.IsCompleted;

    public JitterStatistics Statistics => _buffer.Statistics;

    /// <summary>Streams that were up and silent.</summary>
    public int Stalls { get; private set; }

    public int Read(Span<float> samples) => _buffer.Read(AudioThread.NowNanoseconds, samples);

    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _closing.Cancel();
    }

    /// <summary>Ends when the receiver's thread has ended and the socket is closed; for tests.</summary>
    internal Task Followed => _follow;

    private async Task FollowAsync()
    {
        var start = false; // from our side, to revive
        while (IsOpen)
        {
            try
            {
                if (!start && _access.Transport?.State is not ("pending" or "active"))
                {
                    await TransportChangedAsync();
                    continue;
                }

                var member = !start && _access.Transport?.State == "pending" ? "TryAcquire" : "Acquire";
                start = false;
                var end = await ReceiveAsync(await _access.AcquireAsync(_stream.Transport, member, _closing.Token));
                if (end == ReceiveEnd.Silent) start = await ReviveAsync();
                else if (end == ReceiveEnd.Gone) await Task.Delay(TimeSpan.FromMilliseconds(100), _access.Time, _closing.Token); // the state follows the socket
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (PortException error)
            {
                BluetoothLog.ReceiverRefused(_access.Logger, _access.Name, error.Message);
                start = false;
                await Task.Delay(RetryPause, _access.Time, CancellationToken.None);
            }
        }

        _ended = true;
    }

    private async Task<ReceiveEnd> ReceiveAsync(AcquiredStream acquired)
    {
        BluetoothLog.ReceiverOpen(_access.Logger, _access.Name, SampleRate, acquired.ReadMtu);
        // After two revivals without a packet the device is believed: it has nothing to play.
        using var receiver = new PacketReceiver(new PacketSocket(acquired.Socket), acquired.ReadMtu, _buffer, _silences < 2, _access.Name);
        try
        {
            return await receiver.Ended.WaitAsync(_closing.Token);
        }
        finally
        {
            if (receiver.Packets > 0) _silences = 0;
        }
    }

    /// <summary>First the stream is taken anew; if it stays silent, the profile is connected anew. True: start it from our side.</summary>
    private async Task<bool> ReviveAsync()
    {
        _silences++;
        Stalls++;
        var now = _access.Time.GetTimestamp();
        var reconnect = _silences > 1 && (_reconnectedAt == long.MinValue || _access.Time.GetElapsedTime(_reconnectedAt, now) > ReconnectPause);
        BluetoothLog.ReceiverSilent(_access.Logger, _access.Name, PacketReceiver.SilenceSeconds, reconnect ? "its link is made anew." : "the stream is opened anew.");
        await _access.ReleaseAsync(_stream.Transport);
        if (!reconnect) return true;
        _reconnectedAt = now;
        await _access.ReconnectSourceAsync(_closing.Token);
        return false;
    }

    private async Task TransportChangedAsync()
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(Shown _) => changed.TrySetResult();
        _access.Changed += Note;
        try
        {
            // It may have changed before we listened.
            if (_access.Transport?.State is "pending" or "active") return;
            await Task.WhenAny(changed.Task, _stream.Cleared).WaitAsync(_closing.Token);
        }
        finally
        {
            _access.Changed -= Note;
        }
    }
}
