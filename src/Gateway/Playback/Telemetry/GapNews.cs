namespace Gateway.Playback.Telemetry;

/// <summary>When a speaker's gaps are told: the first at once, those of the next minute together. A machine that is too slow has some every second.</summary>
internal sealed class GapNews
{
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private int _told;
    private TimeSpan? _toldAt;

    /// <param name="gaps">All there were so far.</param>
    /// <returns>How many are to be told now.</returns>
    public int Take(int gaps, TimeSpan now)
    {
        _told = Math.Min(_told, gaps); // the count began anew
        if (gaps == _told || now - _toldAt < Pause) return 0;
        var fresh = gaps - _told;
        (_told, _toldAt) = (gaps, now);
        return fresh;
    }
}
