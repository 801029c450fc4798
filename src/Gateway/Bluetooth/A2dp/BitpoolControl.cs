namespace Gateway.Bluetooth.A2dp;

/// <summary>
/// Lowers the bitpool when a link suffers and raises it again when it is calm. A pure object: told when the radio held a packet up, asked for
/// the bitpool of the next. Numbers: a step is a seventh (the step from A2DP's "high" to "middle" quality is a third), at most one a second so
/// that the effect shows before the next; back up by 2 for every 10 calm seconds, so that a link that is full does not swing.
/// </summary>
internal sealed class BitpoolControl
{
    private const long Second = 1_000_000_000;
    private const long CalmNanoseconds = 10 * Second;

    // A2DP 1.3 table 4.7: below the "low quality" bitpool of about 20 (29 for joint stereo at "middle") music is not worth sending.
    private const int WorthSending = 20;

    private readonly int _max;
    private readonly int _floor;
    private long _lastDown = long.MinValue / 2;
    private long _calmSince = long.MinValue / 2;

    public BitpoolControl(int min, int max)
    {
        (_max, _floor) = (max, Math.Max(min, Math.Min(max, WorthSending)));
        Current = max;
    }

    public int Current { get; private set; }

    /// <summary>A packet waited for the radio.</summary>
    public void Congested(long now)
    {
        _calmSince = now;
        if (now - _lastDown < Second) return;
        _lastDown = now;
        Current = Math.Max(_floor, Current - Math.Max(1, Current / 7));
    }

    /// <summary>A packet left in time.</summary>
    public void Calm(long now)
    {
        if (Current == _max || now - _calmSince < CalmNanoseconds) return;
        _calmSince = now;
        Current = Math.Min(_max, Current + 2);
    }
}
