namespace Gateway.Alignment.Calibration;

/// <summary>
/// A direct path blocked by 18 dB and more cannot be told from one place: its first strong reflection looks like direct sound, 0.3 to
/// 4 ms late. A second run with the microphone elsewhere can contradict it: between two places an arrival cannot differ by more than
/// the way moved.
/// </summary>
public static class SecondPlace
{
    /// <summary>Further than a microphone is moved in a room.</summary>
    public const double FurthestMetres = 20;

    private const double SpeedOfSound = 343;
    private const double ToleranceUs = 200;

    /// <summary>
    /// What the first place showed, less the speakers that the second does not confirm: it did not measure them, or heard them at a time that the
    /// way moved does not explain. The slowest of those that are left has 0.
    /// </summary>
    /// <param name="first">Where the speakers are to be in time.</param>
    /// <param name="second">The same speakers, playing the same probes, the microphone elsewhere.</param>
    /// <param name="metresMoved">From place to place, 0 to <see cref="FurthestMetres"/>.</param>
    /// <exception cref="ArgumentException">Other speakers, or the distance is none.</exception>
    public static CalibrationResult Confirm(CalibrationResult first, CalibrationResult second, double metresMoved)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Speakers.Count != second.Speakers.Count)
            throw new ArgumentException($"The first run has {first.Speakers.Count} speakers, the second {second.Speakers.Count}.");
        if (metresMoved is not (>= 0 and <= FurthestMetres))
            throw new ArgumentException($"A microphone is moved by 0 to {FurthestMetres} m, not by {metresMoved} m.", nameof(metresMoved));

        var reachUs = 2 * metresMoved / SpeedOfSound * 1e6 + ToleranceUs;
        var median = MedianChange(first, second);
        return Verdict.Conclude(first.SkewPpm, first.Channel, [.. first.Speakers.Zip(second.Speakers, Judge)]);

        SpeakerArrival Judge(SpeakerArrival here, SpeakerArrival there)
        {
            if (!here.IsAccepted)
                return here;
            if (!there.IsAccepted)
                return Reject(here, there.Rejection, $"At the second place it was not measured: {there.Explanation}");
            var change = there.RelativeUs!.Value - here.RelativeUs!.Value - median;
            return Math.Abs(change) <= reachUs
                ? here
                : Reject(here, CalibrationRejection.Disagreement,
                    $"It is {Math.Abs(change) / 1000:F1} ms {(change < 0 ? "earlier" : "later")} at the second place, against the others, and {metresMoved:0.##} m explain {reachUs / 1000:F1} ms: at one of the places something stands before it. Choose places that see every speaker.");
        }
    }

    /// <summary>Both runs count from their own slowest speaker: the median change takes that difference out.</summary>
    private static double MedianChange(CalibrationResult first, CalibrationResult second)
    {
        var changes = first.Speakers.Zip(second.Speakers, (a, b) => b.RelativeUs - a.RelativeUs).OfType<double>().Order().ToArray();
        return changes.Length == 0 ? 0 : (changes[(changes.Length - 1) / 2] + changes[changes.Length / 2]) / 2;
    }

    private static SpeakerArrival Reject(SpeakerArrival speaker, CalibrationRejection rejection, string explanation) =>
        speaker with { Rejection = rejection, Explanation = explanation, ArrivalUs = null, RelativeUs = null };
}
