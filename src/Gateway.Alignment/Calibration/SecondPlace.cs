namespace Gateway.Alignment.Calibration;

/// <summary>
/// A direct path blocked by 18 dB and more cannot be told from one place: its first strong reflection looks like direct sound, 0.3 to
/// 4 ms late. A second run with the microphone elsewhere can contradict it: between two places an arrival cannot differ by more than
/// the way moved.
/// </summary>
public static class SecondPlace
{
    private const double SpeedOfSound = 343;
    private const double ToleranceUs = 200;

    /// <summary>The speakers, accepted in both runs, whose two results no straight way explains.</summary>
    /// <param name="first">At the first place.</param>
    /// <param name="second">At the second; the same speakers in the same order.</param>
    /// <param name="metresMoved">From place to place.</param>
    /// <exception cref="ArgumentException">Other speakers, or the distance is no length.</exception>
    public static IReadOnlyList<int> FindContradictions(CalibrationResult first, CalibrationResult second, double metresMoved)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Speakers.Count != second.Speakers.Count)
            throw new ArgumentException($"The first run has {first.Speakers.Count} speakers, the second {second.Speakers.Count}.");
        if (!(metresMoved >= 0 && double.IsFinite(metresMoved)))
            throw new ArgumentException($"A microphone cannot be moved by {metresMoved} m.", nameof(metresMoved));

        var changes = first.Speakers.Zip(second.Speakers, (a, b) => (a.Speaker, Change: b.RelativeUs - a.RelativeUs)).Where(pair => pair.Change is not null).ToArray();
        if (changes.Length < 2)
            return [];

        // Both runs count from their own slowest speaker: the median change takes that difference out.
        var sorted = changes.Select(pair => pair.Change!.Value).Order().ToArray();
        var median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        var reach = 2 * metresMoved / SpeedOfSound * 1e6 + ToleranceUs;
        return [.. changes.Where(pair => Math.Abs(pair.Change!.Value - median) > reach).Select(pair => pair.Speaker)];
    }
}
