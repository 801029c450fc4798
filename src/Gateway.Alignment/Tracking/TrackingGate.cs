using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tracking;

/// <summary>
/// Which windows of one speaker are passed on to its drift loop: quality 8 and more; a deviation of more than 1 ms only when two
/// windows running agree on it, for a single one may be a reflection.
/// </summary>
public sealed class TrackingGate
{
    /// <summary>A move beyond this wants a second window.</summary>
    public const double LargeUs = 1_000;

    private const double AgreementUs = 300;

    private double? _pendingUs;

    /// <summary>True: use it.</summary>
    /// <param name="estimate">Of the window.</param>
    /// <param name="offsetUs">Arrival minus where the speaker should be.</param>
    public bool Accept(ArrivalEstimate estimate, double offsetUs)
    {
        if (!estimate.IsAccepted || !double.IsFinite(offsetUs))
            return false;

        var before = _pendingUs;
        _pendingUs = Math.Abs(offsetUs) > LargeUs ? offsetUs : null;
        return _pendingUs is null || before is { } first && Math.Abs(offsetUs - first) <= AgreementUs;
    }

    /// <summary>The speaker was moved or reconnected: what was pending means nothing any more.</summary>
    public void Reset() => _pendingUs = null;
}
