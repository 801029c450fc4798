namespace Gateway.Alignment.Spread;

/// <summary>How well a group is in time, by v = 95th percentile of its spread over 10 s. No class (null) where evidence is missing.</summary>
public enum AlignmentClass
{
    /// <summary>v ≤ 1 ms: the stereo image stands still.</summary>
    Locked,

    /// <summary>1 &lt; v &lt; 15 ms: one sound event.</summary>
    Tight,

    /// <summary>15 ≤ v ≤ 28 ms: like a Wi-Fi group; rooms apart are fine.</summary>
    Roomwide,

    /// <summary>28 &lt; v &lt; 40 ms: muddy.</summary>
    Loose,

    /// <summary>40 ≤ v &lt; 120 ms: an echo.</summary>
    Smeared,

    /// <summary>v ≥ 120 ms, or a member is silent.</summary>
    Split,
}

/// <summary>What an offset was known from; a larger value is better evidence.</summary>
public enum AlignmentEvidence
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Declared by the transport.</summary>
    Reported,

    /// <summary>The host's own clock readings.</summary>
    Host,

    /// <summary>A microphone.</summary>
    Acoustic,
}

/// <summary>One member of a group at one tick.</summary>
/// <param name="OffsetMs">Arrival minus (group line + the user's trim); NaN: not known.</param>
/// <param name="IsSilent">It should sound and does not.</param>
/// <param name="Evidence">Since its last reconnect.</param>
/// <param name="EvidenceAge">Since the last measurement of that kind.</param>
/// <param name="LatencyVisible">The output's whole latency is visible to the host (wired, null, pipe; never Bluetooth).</param>
public readonly record struct MemberTick(double OffsetMs, bool IsSilent, AlignmentEvidence Evidence, TimeSpan EvidenceAge, bool LatencyVisible);

/// <summary>A group after a tick.</summary>
/// <param name="SpreadMs">v; null until the window holds 10 s.</param>
/// <param name="Class">Null: evidence missing, or the window does not hold 10 s yet.</param>
/// <param name="Evidence">The weakest among the members.</param>
/// <param name="EvidenceAge">The oldest among the members.</param>
/// <param name="Earliest">Index of the earliest member in this tick; -1: none is known.</param>
/// <param name="Latest">Index of the latest member in this tick; -1: none is known.</param>
public readonly record struct SpreadReading(
    double? SpreadMs, AlignmentClass? Class, AlignmentEvidence Evidence, TimeSpan EvidenceAge, int Earliest, int Latest);

/// <summary>One member over the last 10 s.</summary>
/// <param name="OffsetMs">The newest; null: not known.</param>
/// <param name="DeviationMs">95th percentile of its distance from the group's median; null until the window holds 10 s.</param>
/// <param name="JitterMs">Standard deviation of its offset over the window; null with fewer than two values.</param>
/// <param name="ChangeMs">How far the offset moved during the last second; more than 2 is a jump, to be told as an event.</param>
/// <param name="Class">Of <paramref name="DeviationMs"/>, as for a group.</param>
public readonly record struct MemberFigures(double? OffsetMs, double? DeviationMs, double? JitterMs, double? ChangeMs, AlignmentClass? Class);
