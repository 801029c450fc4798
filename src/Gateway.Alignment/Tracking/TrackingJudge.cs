using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tracking;

/// <summary>What a window says of one speaker.</summary>
/// <param name="DeviationUs">What it is off by against its calibration (positive = late), the microphone's own part taken away. Null: nothing to go by.</param>
/// <param name="HasMoved">It moved by more than a millisecond, and two windows running agree on it: to be taken over whole.</param>
public readonly record struct TrackingVerdict(double? DeviationUs, bool HasMoved);

/// <summary>
/// Tells from window to window what the microphone's clock did (all arrivals move alike) and what each speaker did (its own moves).
/// One run of the microphone without a break; one owner.
/// </summary>
public sealed class TrackingJudge
{
    /// <summary>A move by less may be everybody's: 10 ppm of skew over a window of 30 s.</summary>
    private const double CommonUs = 300;

    /// <summary>The first window: who was calibrated together is heard together.</summary>
    private const double TogetherUs = 1_000;

    private readonly CommonSkew _skew;
    private readonly TrackingGate[] _gates;
    private readonly double[] _changes;
    private double? _common;

    /// <param name="speakers">Two and more.</param>
    /// <param name="skewPpm">The microphone's, from the calibration.</param>
    public TrackingJudge(int speakers, double skewPpm)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(speakers, 2);
        _skew = new CommonSkew(skewPpm);
        _gates = [.. Enumerable.Range(0, speakers).Select(_ => new TrackingGate())];
        _changes = new double[speakers];
    }

    /// <summary>The microphone's rate error, positive = fast: for the next window.</summary>
    public double SkewPpm => _skew.Ppm;

    /// <summary>What all arrivals have in common against the calibration: two openings of a microphone do not begin alike. Null: no window has told yet.</summary>
    public double? CommonOffsetUs => _common;

    /// <summary>Judges a window. False: it tells nothing, not even what the microphone's clock did, and is as if it had not been.</summary>
    /// <param name="estimates">By speaker.</param>
    /// <param name="arrivedUs">By speaker: arrival minus where the calibration and the host's clocks say it should be.</param>
    /// <param name="knownUs">By speaker: the deviation that is accounted for already.</param>
    /// <param name="seconds">Since the window before.</param>
    /// <param name="verdicts">By speaker, filled.</param>
    public bool Judge(ReadOnlySpan<ArrivalEstimate> estimates, ReadOnlySpan<double> arrivedUs, ReadOnlySpan<double> knownUs, double seconds, Span<TrackingVerdict> verdicts)
    {
        verdicts.Clear();
        if (!TryFollowMicrophone(estimates, arrivedUs, knownUs, seconds))
            return false;

        for (var k = 0; k < _gates.Length; k++)
        {
            var deviation = arrivedUs[k] - _common!.Value;
            if (_gates[k].Accept(estimates[k], deviation - knownUs[k]))
                verdicts[k] = new TrackingVerdict(deviation, Math.Abs(deviation - knownUs[k]) > TrackingGate.LargeUs);
        }

        return true;
    }

    private bool TryFollowMicrophone(ReadOnlySpan<ArrivalEstimate> estimates, ReadOnlySpan<double> arrivedUs, ReadOnlySpan<double> knownUs, double seconds)
    {
        var heard = 0;
        for (var k = 0; k < _gates.Length; k++)
        {
            if (estimates[k].IsAccepted)
                _changes[heard++] = arrivedUs[k] - knownUs[k] - (_common ?? 0);
        }

        var changes = _changes.AsSpan(0, heard);
        changes.Sort();
        var settled = changes;
        if (_common is not null)
        {
            settled = Within(changes, -CommonUs, CommonUs);
            if (!settled.IsEmpty)
                _skew.Update(settled, seconds);
        }

        if (settled.IsEmpty || _common is null)
        {
            // Nobody is where the microphone's clock would have them: it begins anew, or lost samples. At least two have to agree.
            settled = LargestAgreement(changes, _common is null ? TogetherUs : CommonUs);
            if (settled.Length < 2)
                return false;
        }

        _common = (_common ?? 0) + (settled[(settled.Length - 1) / 2] + settled[settled.Length / 2]) / 2;
        return true;
    }

    private static Span<double> Within(Span<double> sorted, double low, double high)
    {
        var (from, to) = (0, sorted.Length);
        while (from < to && sorted[from] < low)
            from++;
        while (to > from && sorted[to - 1] > high)
            to--;
        return sorted[from..to];
    }

    /// <summary>The most values that lie no further apart than <paramref name="width"/>.</summary>
    private static Span<double> LargestAgreement(Span<double> sorted, double width)
    {
        var best = sorted[..0];
        var from = 0;
        for (var to = 1; to <= sorted.Length; to++)
        {
            while (sorted[to - 1] - sorted[from] > width)
                from++;
            if (to - from > best.Length)
                best = sorted[from..to];
        }

        return best;
    }
}
