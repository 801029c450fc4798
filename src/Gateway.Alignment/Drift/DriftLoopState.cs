namespace Gateway.Alignment.Drift;

/// <summary>What a <see cref="DriftLoop"/> is doing.</summary>
public enum DriftLoopState
{
    /// <summary>Nothing plays.</summary>
    Idle,

    /// <summary>The output's buffer fills up to its target; it will start on the group line.</summary>
    Priming,

    /// <summary>Playing, but more than 2 ms off, or not yet measured three times.</summary>
    Acquiring,

    /// <summary>Within 2 ms and corrected at each measurement.</summary>
    Tracking,

    /// <summary>No measurement for three periods: the last known rate is held.</summary>
    Coasting,

    /// <summary>Coasted for more than 60 s, or the transport is gone.</summary>
    Lost,
}

/// <summary>What became of a measurement.</summary>
public enum DriftOutcome
{
    /// <summary>No measurement came in (a tick), or the loop is not running.</summary>
    None,

    /// <summary>One of the first three, of which the median starts the filter.</summary>
    Collected,

    /// <summary>Used.</summary>
    Accepted,

    /// <summary>More than five deviations off: not used, at most twice running.</summary>
    Refused,

    /// <summary>The third running that is far off: the speaker has really moved; used, with the old certainty given up.</summary>
    Relocated,

    /// <summary>Far off twice in agreement: the read pointer is to be moved at once.</summary>
    Jumped,

    /// <summary>Not a number, or older than the one before: ignored.</summary>
    Invalid,
}

/// <summary>What the owner of the output has to do after a measurement or a tick.</summary>
/// <param name="Outcome">What became of the measurement.</param>
/// <param name="CorrectionPpm">u: run the resampler at nominal ratio × (1 + u × 1e-6); positive plays faster.</param>
/// <param name="JumpUs">Move the read pointer by this with a 15 ms equal-power cross-fade; positive skips ahead (the speaker was late). 0: no jump.</param>
public readonly record struct DriftStep(DriftOutcome Outcome, double CorrectionPpm, double JumpUs);

/// <summary>A loop's figures at one time.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="OffsetUs">Estimated offset, positive = late. Null until the filter has started.</param>
/// <param name="OffsetDeviationUs">Standard deviation of that estimate.</param>
/// <param name="DriftPpm">The device clock's rate error, positive = fast (the negated skew). Null until the filter has started.</param>
/// <param name="CorrectionPpm">u, as in <see cref="DriftStep"/>.</param>
/// <param name="BiasUs">What the microphone showed the host-side measurement to be wrong by.</param>
/// <param name="MeasuredAt">Time of the last measurement that was used.</param>
/// <param name="TimeAtLimit">How long the correction has been at its limit; above 10 s is worth an event.</param>
/// <param name="IsUnstable">Two jumps within the last minute and a third was due: it is refused, the speaker is at fault.</param>
public readonly record struct DriftStatus(
    DriftLoopState State, double? OffsetUs, double OffsetDeviationUs, double? DriftPpm, double CorrectionPpm, double BiasUs,
    TimeSpan? MeasuredAt, TimeSpan TimeAtLimit, bool IsUnstable);

/// <summary>Limits of a loop's correction; the defaults are below what is heard (pitch: 2000 ppm = 3.5 cents).</summary>
/// <param name="SteadyPpm">Normally.</param>
/// <param name="FarPpm">While more than 2 ms off and the music is heard.</param>
/// <param name="JumpsAllowed">False: errors of any size are slewed.</param>
public sealed record DriftLimits(double SteadyPpm = 500, double FarPpm = 2000, bool JumpsAllowed = true);
