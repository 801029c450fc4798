namespace Gateway.Bluetooth.BlueZ;

/// <summary>
/// A speaker's AVRCP volume (0-127) as a percentage, without echo: after we set 50 %, many speakers report the nearest of their 16 or so steps,
/// which would look as if somebody had turned the knob, and two ends could chase each other. What is reported within
/// <see cref="s_echoWindow"/> of a set and within one step is taken as its answer, and our figure stays.
/// </summary>
internal sealed class VolumeScale
{
    private const int Max = 127;

    /// <summary>One of 16 steps.</summary>
    private const int EchoTolerance = 8;
    private static readonly TimeSpan s_echoWindow = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private int? _setPercent;
    private int _reportedAfterSet = -1;
    private TimeSpan _setAt;

    public static int ToAvrcp(int percent) => (int)Math.Round(Math.Clamp(percent, 0, 100) * Max / 100.0, MidpointRounding.AwayFromZero);

    /// <summary>0-100, and exactly the figure that <see cref="ToAvrcp"/> was given.</summary>
    public static int ToPercent(long avrcp) => (int)Math.Round(Math.Clamp(avrcp, 0, Max) * 100 / (double)Max, MidpointRounding.AwayFromZero);

    public void Set(int percent, TimeSpan now)
    {
        lock (_lock) (_setPercent, _setAt, _reportedAfterSet) = (percent, now, -1);
    }

    /// <summary>It was not set after all.</summary>
    public void Unset()
    {
        lock (_lock) _setPercent = null;
    }

    /// <summary>Something was set, and what the device reports may be its answer.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_lock) return _setPercent is not null;
        }
    }

    /// <summary>What to show for a reported value.</summary>
    public int Show(long reported, TimeSpan now)
    {
        lock (_lock) return Read(reported, now).Percent;
    }

    /// <summary>The device has reported a value.</summary>
    public void Note(long reported, TimeSpan now)
    {
        lock (_lock) (_, _setPercent, _reportedAfterSet) = Read(reported, now);
    }

    private (int Percent, int? Set, int Answer) Read(long reported, TimeSpan now)
    {
        if (_setPercent is not { } set) return (ToPercent(reported), null, _reportedAfterSet);
        var near = Math.Abs(reported - ToAvrcp(set)) <= EchoTolerance;
        var fresh = now - _setAt <= s_echoWindow;
        var answer = near && fresh ? (int)reported : _reportedAfterSet;
        // The answer stays the answer for as long as the speaker says nothing else.
        if (near && (reported == answer || reported == ToAvrcp(set))) return (set, set, answer);
        // The old value may still be on its way while the set is.
        return fresh && answer < 0 ? (set, set, answer) : (ToPercent(reported), null, answer);
    }
}
