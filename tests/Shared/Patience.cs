using System.Diagnostics;

namespace Gateway.TestSupport;

/// <summary>
/// A deadline for waiting: it ends hangs and judges nothing. It counts only the time in which this process got on, 20 ms at most for each look, so a machine
/// that stands still or is busy costs none of it; and it grants four times what is expected.
/// </summary>
internal sealed class Patience(double expectedSeconds)
{
    /// <summary>For a wait that cannot be looked at in between.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromMinutes(3);

    private const double Generosity = 4;
    private const double MostOfALookSeconds = 0.02;

    private double _seconds;
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>Asked again and again, every few milliseconds.</summary>
    public bool IsOver()
    {
        var now = Stopwatch.GetTimestamp();
        Look(Stopwatch.GetElapsedTime(_last, now).TotalSeconds);
        _last = now;
        return _seconds > Generosity * expectedSeconds;
    }

    private void Look(double seconds) => _seconds += Math.Min(seconds, MostOfALookSeconds);
}
