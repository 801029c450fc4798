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
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly StreamAccess _access;
    private readonly OwnStream _stream;
    private readonly JitterBuffer _buffer;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _follow;
    private volatile bool _ended;
    private volatile bool _idle;
    private volatile PacketReceiver? _receiver;

    // The reader's own.
    private float _gain = 1;

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

    /// <summary>Times that the device's stream was up and silent, since the device is known.</summary>
    public int Stalls => _access.Silence.Stalls;

    public string? Problem => _access.Silence.IsStalled && !_idle && _receiver is not { Packets: > 0 }
        ? $"{_access.Name} believes that it plays, but sends nothing. Its stream and then its link are started anew."
        : null;

    public int Read(Span<float> samples)
    {
        var frames = _buffer.Read(AudioThread.NowNanoseconds, samples);
        _gain = Fade.Apply(samples[..(frames * Channels)], _gain, _access.ReceiveGain());
        return frames;
    }

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
                if (end != ReceiveEnd.Gone) continue;
                _access.Silence.Heard(); // it stopped by itself, and does not believe that it plays
                await Task.Delay(TimeSpan.FromMilliseconds(100), _access.Time, _closing.Token); // the state follows the socket
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
        using var receiver = new PacketReceiver(new PacketSocket(acquired.Socket), acquired.ReadMtu, _buffer, _access.Silence.PatienceAt(_access.Time.GetUtcNow()), _access.Name);
        _receiver = receiver;
        try
        {
            return await receiver.Ended.WaitAsync(_closing.Token);
        }
        finally
        {
            if (receiver.Packets > 0) _access.Silence.Heard();
            _receiver = null;
        }
    }

    /// <summary>First the stream is taken anew; if it stays silent, the profile is connected anew. True: start it from our side.</summary>
    private async Task<bool> ReviveAsync()
    {
        var reconnect = _access.Silence.Silent(_access.Time.GetUtcNow()) == Revival.Reconnect;
        BluetoothLog.ReceiverSilent(_access.Logger, _access.Name, SilenceWatch.Patience.TotalSeconds, reconnect ? "its link is made anew." : "the stream is opened anew.");
        await _access.ReleaseAsync(_stream.Transport);
        if (!reconnect) return true;
        await _access.ReconnectSourceAsync(_closing.Token);
        return false;
    }

    private async Task TransportChangedAsync()
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(Shown _) => changed.TrySetResult();
        _access.Changed += Note;
        _idle = true;
        try
        {
            // It may have changed before we listened.
            if (_access.Transport?.State is "pending" or "active") return;
            await Task.WhenAny(changed.Task, _stream.Cleared).WaitAsync(_closing.Token);
        }
        finally
        {
            _access.Changed -= Note;
            _idle = false;
        }
    }
}
