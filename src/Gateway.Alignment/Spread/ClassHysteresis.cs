namespace Gateway.Alignment.Spread;

/// <summary>
/// Turns v, ten times a second, into a class that does not flutter: worse once v has been worse for 2 s, better after 10 s below
/// 0.9 × the boundary; the first class without delay. Boundaries: docs/measuring.md §5.
/// </summary>
public sealed class ClassHysteresis
{
    private const int WorseTicks = 20;
    private const int BetterTicks = 100;
    private const double Ease = 0.9;

    private const double LockedMs = 1;
    private const double TightMs = 15;
    private const double RoomwideMs = 28;
    private const double LooseMs = 40;
    private const double SmearedMs = 120;

    private int _worseFor;
    private AlignmentClass _mildest;
    private int _betterFor;
    private AlignmentClass _harshest;

    /// <summary>The class now; null until the first value.</summary>
    public AlignmentClass? Class { get; private set; }

    /// <summary>The class of a steady v.</summary>
    public static AlignmentClass Classify(double spreadMs) => spreadMs switch
    {
        <= LockedMs => AlignmentClass.Locked,
        < TightMs => AlignmentClass.Tight,
        <= RoomwideMs => AlignmentClass.Roomwide,
        < LooseMs => AlignmentClass.Loose,
        < SmearedMs => AlignmentClass.Smeared,
        _ => AlignmentClass.Split,
    };

    /// <summary>Forgets everything: the next value gives the first class.</summary>
    public void Reset() => (Class, _worseFor, _betterFor) = (null, 0, 0);

    /// <summary>One tick of 0.1 s.</summary>
    /// <param name="spreadMs">v.</param>
    /// <param name="isSplit">A member is silent, whatever v is.</param>
    public AlignmentClass Update(double spreadMs, bool isSplit = false)
    {
        var plain = isSplit ? AlignmentClass.Split : Classify(spreadMs);
        var eased = isSplit ? AlignmentClass.Split : ClassifyEased(spreadMs);
        if (Class is not { } current)
        {
            Class = plain;
            return plain;
        }

        // Worse: the mildest class of the worse ones seen for 2 s on end; better: the harshest eased class of 10 s on end.
        _mildest = _worseFor == 0 || plain < _mildest ? plain : _mildest;
        _worseFor = plain > current ? _worseFor + 1 : 0;
        _harshest = _betterFor == 0 || eased > _harshest ? eased : _harshest;
        _betterFor = eased < current ? _betterFor + 1 : 0;
        if (_worseFor >= WorseTicks)
            Change(_mildest);
        else if (_betterFor >= BetterTicks)
            Change(_harshest);
        return Class.Value;
    }

    private void Change(AlignmentClass to) => (Class, _worseFor, _betterFor) = (to, 0, 0);

    /// <summary>The class left for when v stays below 0.9 × each boundary.</summary>
    private static AlignmentClass ClassifyEased(double spreadMs) => spreadMs switch
    {
        < LockedMs * Ease => AlignmentClass.Locked,
        < TightMs * Ease => AlignmentClass.Tight,
        < RoomwideMs * Ease => AlignmentClass.Roomwide,
        < LooseMs * Ease => AlignmentClass.Loose,
        < SmearedMs * Ease => AlignmentClass.Smeared,
        _ => AlignmentClass.Split,
    };
}
