using System.Collections.Immutable;
using Gateway.Bluetooth.A2dp;
using Gateway.Bluetooth.BlueZ;
using Gateway.Native.Libc;
using Gateway.Timing;

namespace Gateway.Bluetooth.Streams;

/// <summary>
/// The stream of an Echo or phone that plays to us, from when somebody first listens until BlueZ clears it. A task of the control side takes its socket
/// whenever the device plays, and revives a stream that is up and silent while somebody listens. Listeners come and go, and the socket stays: giving it back
/// would suspend the stream, and a device that is suspended from this end may not start again by itself. What nobody listens to is taken and dropped.
/// </summary>
internal sealed class SourceStream
{
    private static readonly TimeSpan s_retryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetryPause = TimeSpan.FromMinutes(1);

    /// <summary>Packets for so long are sound that is back.</summary>
    private static readonly TimeSpan s_soundIsBack = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    private readonly StreamAccess _access;
    private readonly OwnStream _stream;
    private readonly Backoff _backoff;
    private ImmutableArray<JitterBuffer> _listeners = [];
    private volatile bool _idle;
    private volatile PacketReceiver? _receiver;

    public SourceStream(StreamAccess access, OwnStream stream)
    {
        (_access, _stream) = (access, stream);
        _backoff = new Backoff(s_retryPause, s_longestRetryPause, s_stable, access.Time);
        Followed = Task.Run(FollowAsync);
    }

    public SbcConfiguration Configuration => _stream.Configuration;

    public bool IsOpen => !_stream.Cleared.IsCompleted;

    /// <summary>Ends when the stream is over, its receiver's thread has ended and the socket is closed.</summary>
    public Task Followed { get; }

    public int Stalls => _access.Silence.Stalls;

    public string? Problem => _access.Silence.IsStalled && !_idle && !(_receiver?.FlowedFor > s_soundIsBack)
        ? $"{_access.Name} believes that it plays, but sends nothing. Its stream and then its link are started anew."
        : null;

    public float Gain() => _access.ReceiveGain();

    public void Add(JitterBuffer listener) => ImmutableInterlocked.Update(ref _listeners, static (all, one) => all.Add(one), listener);

    public void Remove(JitterBuffer listener) => ImmutableInterlocked.Update(ref _listeners, static (all, one) => all.Remove(one), listener);

    private async Task FollowAsync()
    {
        var start = false; // from our side, to revive
        while (IsOpen)
        {
            try
            {
                if (!start && !Plays)
                {
                    if (!await PlaysAgainAsync()) start = await ReviveAsync();
                    continue;
                }

                var member = !start && _access.Transport?.State == "pending" ? "TryAcquire" : "Acquire";
                start = false;
                var end = await ReceiveAsync(await _access.AcquireAsync(_stream.Transport, member, CancellationToken.None));
                if (end == ReceiveEnd.Silent) start = await ReviveAsync();
                if (end != ReceiveEnd.Gone) continue;
                _access.Silence.Heard(); // it stopped by itself, and does not believe that it plays
                await Task.Delay(TimeSpan.FromMilliseconds(100), _access.Time, CancellationToken.None); // the state follows the socket
            }
            catch (Exception error)
            {
                // Whatever it was: this stream alone has it, and is tried again less and less often.
                BluetoothLog.ReceiverRefused(_access.Logger, _access.Name, error.Message);
                start = false;
                await Task.Delay(_backoff.Failed(), _access.Time, CancellationToken.None);
            }
        }
    }

    private async Task<ReceiveEnd> ReceiveAsync(AcquiredStream acquired)
    {
        _backoff.Succeeded();
        BluetoothLog.ReceiverOpen(_access.Logger, _access.Name, Configuration.SampleRate, acquired.ReadMtu);
        using var receiver = new PacketReceiver(
            new PacketSocket(acquired.Socket), acquired.ReadMtu, () => _listeners, () => _access.Silence.PatienceAt(_access.Time.Now()), _access.Name);
        var suspended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wasActive = false; // BlueZ may show that a moment after it gave us the socket
        void Note(BlueZView _)
        {
            var state = _access.Transport?.State;
            wasActive |= state == "active";
            if (wasActive && state != "active") suspended.TrySetResult();
        }

        _receiver = receiver;
        _access.Changed += Note;
        try
        {
            // A device that pauses suspends the stream, and the socket stays open.
            var end = await Task.WhenAny(receiver.Ended, suspended.Task, _stream.Cleared);
            return end == receiver.Ended ? await receiver.Ended : end == suspended.Task ? ReceiveEnd.Gone : ReceiveEnd.Closed;
        }
        finally
        {
            _access.Changed -= Note;
            if (receiver.FlowedFor > SilenceWatch.Patience) _access.Silence.Heard();
            _receiver = null;
        }
    }

    /// <summary>First the stream is taken anew; if it stays silent, the profile is connected anew. True: start it from our side.</summary>
    private async Task<bool> ReviveAsync()
    {
        var reconnect = _access.Silence.Silent(_access.Time.Now()) == Revival.Reconnect;
        BluetoothLog.ReceiverSilent(_access.Logger, _access.Name, SilenceWatch.Patience.TotalSeconds, reconnect ? "its link is made anew." : "the stream is opened anew.");
        await _access.ReleaseAsync(_stream.Transport);
        if (!reconnect) return true;
        await _access.ReconnectSourceAsync(CancellationToken.None);
        // The new link has a stream of its own: this one only has to be shown as over, and takes nothing any more.
        await Task.WhenAny(_stream.Cleared, Task.Delay(s_retryPause, _access.Time));
        return false;
    }

    private bool Plays => _access.Transport?.State is "pending" or "active";

    /// <summary>Waits until it plays, or its stream is over. False: we suspended it because it was silent, it was to start anew, and did not.</summary>
    private async Task<bool> PlaysAgainAsync()
    {
        var plays = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(BlueZView _)
        {
            // Whatever else of the house changes meanwhile does not prolong the patience.
            if (Plays) plays.TrySetResult();
        }

        var patience = _access.Silence.IsStalled ? _access.Silence.PatienceAt(_access.Time.Now()) : null;
        _access.Changed += Note;
        _idle = patience is null;
        try
        {
            if (Plays) return true; // since before we listened
            using var over = new CancellationTokenSource();
            var late = Task.Delay(patience ?? Timeout.InfiniteTimeSpan, _access.Time, over.Token);
            var first = await Task.WhenAny(plays.Task, _stream.Cleared, late);
            await over.CancelAsync();
            return first != late;
        }
        finally
        {
            _access.Changed -= Note;
            _idle = false;
        }
    }
}
