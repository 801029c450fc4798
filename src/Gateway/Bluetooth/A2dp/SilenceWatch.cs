namespace Gateway.Bluetooth.A2dp;

/// <summary>What to do about a device whose stream to us is up and silent.</summary>
internal enum Revival
{
    /// <summary>Take the stream anew.</summary>
    Reopen,

    /// <summary>Connect the profile anew.</summary>
    Reconnect,
}

/// <summary>
/// An Echo was seen to believe that it plays while nothing comes (field reports): first the stream is taken anew, then the link is made anew, then the
/// device is believed: it has nothing to play. Outlives streams, as a link made anew brings a new one. Told by one follower at a time, asked by anyone.
/// </summary>
internal sealed class SilenceWatch
{
    /// <summary>
    /// So long without a packet while the stream is up is a stall, and none is longer unseen than 3 s: an Echo's bursts are some 0.2 s apart.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2.75);

    /// <summary>Churn guard: a device that simply has nothing to say is not reconnected again and again.</summary>
    public static readonly TimeSpan ReconnectPause = TimeSpan.FromMinutes(2);

    private int _silences;
    private int _stalls;
    private TimeSpan? _reconnectedAt;

    /// <summary>Times that the stream was up and silent since the device is known; however often it was revived each time.</summary>
    public int Stalls => Volatile.Read(ref _stalls);

    /// <summary>It stalled, and no packet has come since.</summary>
    public bool IsStalled => Volatile.Read(ref _silences) > 0;

    /// <summary>How long a stream that begins now may be silent; null: as long as it likes, until its first packet.</summary>
    public TimeSpan? PatienceAt(TimeSpan now) => _silences switch
    {
        0 => Patience,
        // The link is made anew next, and not yet if that was tried a moment ago.
        1 => _reconnectedAt + ReconnectPause - now is { } wait && wait > Patience ? wait : Patience,
        _ => null,
    };

    public void Heard() => Volatile.Write(ref _silences, 0);

    public Revival Silent(TimeSpan now)
    {
        Volatile.Write(ref _silences, _silences + 1);
        if (_silences == 1)
        {
            Interlocked.Increment(ref _stalls);
            return Revival.Reopen;
        }

        _reconnectedAt = now;
        return Revival.Reconnect;
    }
}
