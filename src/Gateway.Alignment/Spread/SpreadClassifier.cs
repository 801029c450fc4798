namespace Gateway.Alignment.Spread;

/// <summary>
/// Judges how well a group is in time, from its members' offsets ten times a second. Pure and allocation-free after construction; one
/// owner. A class is given only for what was measured: a member without acoustic evidence since its last reconnect, carried for at
/// most 24 h, makes it null unless its output's whole latency is visible.
/// </summary>
public sealed class SpreadClassifier
{
    /// <summary>Ticks per window of 10 s.</summary>
    public const int WindowTicks = 100;

    /// <summary>A change of this much within a second is a jump.</summary>
    public const double JumpMs = 2;

    private const double Percentile = 0.95;
    private const int TicksPerSecond = 10;
    private static readonly TimeSpan s_evidenceLifetime = TimeSpan.FromHours(24);

    private readonly SlidingWindow _spread = new(WindowTicks);
    private readonly ClassHysteresis _hysteresis = new();
    private readonly Member[] _members;
    private readonly double[] _sorted;
    private bool _wasQualified;

    /// <param name="members">Of the group, at least 1; a group that changes gets a new classifier.</param>
    public SpreadClassifier(int members)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(members);
        _members = new Member[members];
        for (var i = 0; i < members; i++)
            _members[i] = new Member();
        _sorted = new double[members];
    }

    /// <summary>Starts the window anew: after a calibration has set delays, and after a jump. The class is null until it holds 10 s.</summary>
    public void Restart()
    {
        _spread.Clear();
        _hysteresis.Reset();
        foreach (var member in _members)
            member.Clear();
    }

    /// <summary>One tick of 0.1 s, all members in their order.</summary>
    /// <exception cref="ArgumentException">Another number of members.</exception>
    public SpreadReading Tick(ReadOnlySpan<MemberTick> members)
    {
        if (members.Length != _members.Length)
            throw new ArgumentException($"This group has {_members.Length} members; got {members.Length}.", nameof(members));

        var (evidence, age, isQualified, anySilent) = Examine(members);
        if (isQualified != _wasQualified)
            Restart();
        _wasQualified = isQualified;

        var (earliest, latest) = Record(members);
        if (AnyUnknown(members))
            _spread.Clear();
        if (!_spread.IsFull)
            return new SpreadReading(null, null, evidence, age, earliest, latest);

        var spread = _spread.Percentile(Percentile);
        AlignmentClass? alignmentClass = isQualified ? _hysteresis.Update(spread, anySilent) : null;
        return new SpreadReading(spread, alignmentClass, evidence, age, earliest, latest);
    }

    /// <summary>One member's figures after the last tick.</summary>
    public MemberFigures GetMember(int index) => _members[index].GetFigures();

    private static (AlignmentEvidence Evidence, TimeSpan Age, bool IsQualified, bool AnySilent) Examine(ReadOnlySpan<MemberTick> members)
    {
        var (evidence, age, isQualified, anySilent) = (AlignmentEvidence.Acoustic, TimeSpan.Zero, true, false);
        foreach (ref readonly var member in members)
        {
            evidence = member.Evidence < evidence ? member.Evidence : evidence;
            age = member.EvidenceAge > age ? member.EvidenceAge : age;
            anySilent |= member.IsSilent;
            isQualified &= IsQualified(in member);
        }

        return (evidence, age, isQualified, anySilent);
    }

    private static bool IsQualified(in MemberTick member)
    {
        var isKnown = member.IsSilent || double.IsFinite(member.OffsetMs);
        var isMeasured = member.Evidence == AlignmentEvidence.Acoustic && member.EvidenceAge <= s_evidenceLifetime;
        return isKnown && (isMeasured || member.LatencyVisible && member.Evidence >= AlignmentEvidence.Host);
    }

    /// <summary>A spread that leaves out a member of unknown offset would look better than it is.</summary>
    private static bool AnyUnknown(ReadOnlySpan<MemberTick> members)
    {
        foreach (ref readonly var member in members)
        {
            if (!member.IsSilent && !double.IsFinite(member.OffsetMs))
                return true;
        }

        return false;
    }

    /// <summary>A silent member is not part of the spread: it has no arrival.</summary>
    private (int Earliest, int Latest) Record(ReadOnlySpan<MemberTick> members)
    {
        var (earliest, latest, count) = (-1, -1, 0);
        for (var i = 0; i < members.Length; i++)
        {
            if (members[i].IsSilent || !double.IsFinite(members[i].OffsetMs))
                continue;

            _sorted[count++] = members[i].OffsetMs;
            earliest = earliest < 0 || members[i].OffsetMs < members[earliest].OffsetMs ? i : earliest;
            latest = latest < 0 || members[i].OffsetMs > members[latest].OffsetMs ? i : latest;
        }

        if (count == 0)
        {
            _spread.Add(0);
            return (-1, -1);
        }

        _spread.Add(members[latest].OffsetMs - members[earliest].OffsetMs);
        var sorted = _sorted.AsSpan(0, count);
        sorted.Sort();
        var median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        for (var i = 0; i < members.Length; i++)
            _members[i].Add(members[i], median, _wasQualified);
        return (earliest, latest);
    }

    private sealed class Member
    {
        private readonly SlidingWindow _offsets = new(WindowTicks);
        private readonly SlidingWindow _deviations = new(WindowTicks);
        private readonly ClassHysteresis _hysteresis = new();

        public void Clear()
        {
            _offsets.Clear();
            _deviations.Clear();
            _hysteresis.Reset();
        }

        public void Add(in MemberTick tick, double median, bool isQualified)
        {
            if (tick.IsSilent || !double.IsFinite(tick.OffsetMs))
            {
                Clear();
                return;
            }

            _offsets.Add(tick.OffsetMs);
            _deviations.Add(Math.Abs(tick.OffsetMs - median));
            if (isQualified && _deviations.IsFull)
                _hysteresis.Update(_deviations.Percentile(Percentile));
        }

        public MemberFigures GetFigures() => new(
            _offsets.Ago(0),
            _deviations.IsFull ? _deviations.Percentile(Percentile) : null,
            _offsets.StandardDeviation(),
            _offsets.Ago(0) - _offsets.Ago(TicksPerSecond),
            _hysteresis.Class);
    }
}
