namespace Gateway.Bluetooth.BlueZ;

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
/// device is believed: it has nothing to play. Outlives streams, as a link made anew brings a new one. Told by one follower at a time.
/// </summary>
internal sealed class SilenceWatch
{
    /// <summary>Churn guard: a device that simply has nothing to say is not reconnected again and again.</summary>
    public static readonly TimeSpan ReconnectPause = TimeSpan.FromMinutes(2);

    /// <summary>After so many revivals without a packet the device is believed.</summary>
    private const int Tries = 2;

    private int _silences;
    private DateTimeOffset? _reconnectedAt;

    /// <summary>Streams that were up and silent since the device is known.</summary>
    public int Stalls { get; private set; }

    /// <summary>False: silence is believed until a packet comes.</summary>
    public bool IsWatched => _silences < Tries;

    public void Heard() => _silences = 0;

    public Revival Silent(DateTimeOffset now)
    {
        _silences++;
        Stalls++;
        if (_silences < Tries || now - _reconnectedAt < ReconnectPause) return Revival.Reopen;
        _reconnectedAt = now;
        return Revival.Reconnect;
    }
}
