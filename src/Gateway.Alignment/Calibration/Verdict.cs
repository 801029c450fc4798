using System.Globalization;

namespace Gateway.Alignment.Calibration;

/// <summary>Which of a run's estimates are believed, speaker by speaker.</summary>
internal static class Verdict
{
    private const double AgreementUs = 100;
    private const double UnstableUs = 2_000;

    /// <summary>The same between two probes, 10 s apart.</summary>
    public const double AgreementPpm = AgreementUs / 10;

    /// <summary>
    /// The search within the probes themselves is right to a few ppm. What is further off is a speaker that moved, or where all are, a recorder
    /// that lost samples.
    /// </summary>
    private const double HighestResidualPpm = 25;
    private const double SamplesToUs = 1e6 / Probe.SampleRate;

    /// <summary>Noise alone reaches about 4.7 deviations among 100 000 lags; from here on something is there.</summary>
    private const double HeardQuality = 5.5;

    public static CalibrationResult Give(RunMeasurement run, ProbeSet set, double coarseSkewPpm)
    {
        // Without a majority nothing is explained away.
        var residual = FindResidualSkew(run, set) ?? 0;
        var speakers = new SpeakerArrival[set.Speakers];
        for (var speaker = 0; speaker < speakers.Length; speaker++)
            speakers[speaker] = Judge(run, set, speaker, residual);

        return Conclude(coarseSkewPpm + residual, 0, speakers);
    }

    /// <summary>Counts from the slowest of the accepted, and says how many there are.</summary>
    public static CalibrationResult Conclude(double? skewPpm, int channel, SpeakerArrival[] speakers)
    {
        PublishRelative(speakers);
        var skew = Array.Exists(speakers, speaker => speaker.IsAccepted) ? skewPpm : null;
        var rejected = Array.Find(speakers, speaker => !speaker.IsAccepted);
        var accepted = speakers.Count(speaker => speaker.IsAccepted);
        return rejected is null
            ? new CalibrationResult(CalibrationRejection.None, accepted == 1 ? "The speaker was measured." : $"All {accepted} speakers were measured.", skew, channel, speakers)
            : new CalibrationResult(rejected.Rejection, $"{accepted} of {speakers.Length} speakers were measured. Speaker {rejected.Speaker + 1}: {rejected.Explanation}", skew, channel, speakers);
    }

    /// <summary>What the coarse skew left, ppm, as the majority of speakers shows it, each in the two probes that agree best; null: there is none.</summary>
    public static double? FindResidualSkew(RunMeasurement run, ProbeSet set)
    {
        var rates = Enumerable.Range(0, set.Speakers).Select(speaker => FindResidualSkew(run, set, speaker)).OfType<double>();
        return SkewConsensus.Find(rates, AgreementPpm, HighestResidualPpm);
    }

    /// <summary>The same as one speaker shows it; null: no two of its probes were heard.</summary>
    public static double? FindResidualSkew(RunMeasurement run, ProbeSet set, int speaker)
    {
        double? best = null;
        foreach (var (i, j) in HeardPairs(run, set, speaker))
        {
            var rate = (run[speaker, j].ArrivalSamples - run[speaker, i].ArrivalSamples) / ((j - i) * (double)ProbeSet.PeriodFrames) * 1e6;
            best = best is { } least && Math.Abs(least) <= Math.Abs(rate) ? least : rate;
        }

        return best;
    }

    private static SpeakerArrival Judge(RunMeasurement run, ProbeSet set, int speaker, double residualPpm)
    {
        var best = (Difference: double.PositiveInfinity, First: 0, Second: 0);
        var largest = 0.0;
        foreach (var (i, j) in HeardPairs(run, set, speaker))
        {
            var difference = Math.Abs(At(run, speaker, j, residualPpm) - At(run, speaker, i, residualPpm));
            largest = Math.Max(largest, difference);
            if (difference < best.Difference)
                best = (difference, i, j);
        }

        if (double.IsPositiveInfinity(best.Difference))
            return Unheard(speaker, [.. Enumerable.Range(0, set.Probes).Select(probe => run[speaker, probe].Quality).OrderDescending()]);

        var (a, b) = (run[speaker, best.First], run[speaker, best.Second]);
        // Before all else: which of two sounds is the highest may change from probe to probe.
        if (run.FindSecondSound(speaker, best.First, best.Second) is { } apart)
            return Twofold(speaker, Math.Min(a.Quality, b.Quality), Math.Min(a.DirectRatio, b.DirectRatio), best.Difference, apart * SamplesToUs);
        // A third probe decides between two that differ a little. It does not make good a speaker that moved: where is it now?
        if (best.Difference > AgreementUs || largest > UnstableUs)
            return Disagreeing(speaker, Math.Min(a.Quality, b.Quality), Math.Min(a.DirectRatio, b.DirectRatio), largest);
        if (run.HearsEarlier(speaker, best.First, best.Second))
            return Doubtful(speaker, Math.Min(a.Quality, b.Quality), Math.Min(a.DirectRatio, b.DirectRatio), best.Difference);
        if (!run.HasTreble(speaker))
            return Dull(speaker, Math.Min(a.Quality, b.Quality), Math.Min(a.DirectRatio, b.DirectRatio), best.Difference);

        var arrival = (At(run, speaker, best.First, residualPpm) + At(run, speaker, best.Second, residualPpm)) / 2;
        var ratio = Math.Min(a.DirectRatio, b.DirectRatio);
        var explanation = ratio < SpeakerArrival.WeakRatio
            ? "It was measured, but its direct sound is weak: move the microphone to where nothing stands between them."
            : "It was measured.";
        return new SpeakerArrival(speaker, CalibrationRejection.None, explanation, arrival, null, Math.Min(a.Quality, b.Quality), ratio, best.Difference);
    }

    /// <summary>The pairs of a speaker's probes that were both heard well.</summary>
    private static IEnumerable<(int First, int Second)> HeardPairs(RunMeasurement run, ProbeSet set, int speaker) =>
        from i in Enumerable.Range(0, set.Probes)
        from j in Enumerable.Range(i + 1, set.Probes - i - 1)
        where run[speaker, i].IsAccepted && run[speaker, j].IsAccepted
        select (i, j);

    /// <summary>In µs, on the scale of the first probe.</summary>
    private static double At(RunMeasurement run, int speaker, int probe, double residualPpm) =>
        run[speaker, probe].ArrivalSamples * SamplesToUs - probe * residualPpm * ProbeSet.PeriodFrames / Probe.SampleRate;

    /// <param name="qualities">Of its probes, the best first.</param>
    private static SpeakerArrival Unheard(int speaker, double[] qualities)
    {
        var (best, next) = (qualities[0], qualities[1]);
        if (best < HeardQuality)
            return new(speaker, CalibrationRejection.NoProbe, "Its probe is not heard: check that it is on, connected and not muted, and that it started within a second of the others.", null, null, best, 0, null);

        return best >= ArrivalEstimator.LowestQuality && next < HeardQuality
            ? new(speaker, CalibrationRejection.LowQuality, string.Create(CultureInfo.InvariantCulture, $"It is heard in one probe only (quality {best:F1}, then {next:F1}): did it stop, or was it started twice? Start it once, with the others, and let it play to the end."), null, null, best, 0, null)
            : new(speaker, CalibrationRejection.LowQuality, string.Create(CultureInfo.InvariantCulture, $"Its probe is too faint to be sure (quality {Math.Min(best, next):F1}, 8 is needed): turn it up, or bring the microphone nearer, or make the room quieter."), null, null, best, 0, null);
    }

    private static SpeakerArrival Doubtful(int speaker, double quality, double ratio, double differenceUs) => new(
        speaker, CalibrationRejection.LowQuality,
        "Something fainter arrives before what may be only its reflection: turn it up, or bring the microphone nearer, to where nothing stands between them.",
        null, null, quality, ratio, differenceUs);

    private static SpeakerArrival Twofold(int speaker, double quality, double ratio, double differenceUs, double apartUs) => new(
        speaker, CalibrationRejection.Disagreement,
        string.Create(CultureInfo.InvariantCulture, $"Two sounds carry its probe, {Math.Abs(apartUs) / 1000:F0} ms apart: another speaker plays it, too (a swapped file, the player's own loudspeaker, a twin that follows it), or an echo is as loud. Let it sound from one speaker only."),
        null, null, quality, ratio, differenceUs);

    private static SpeakerArrival Dull(int speaker, double quality, double ratio, double differenceUs) => new(
        speaker, CalibrationRejection.Bandwidth,
        "It is heard without treble, and then a reflection cannot be told from direct sound: use a recorder and a link that keep 8 to 14 kHz (no telephone, speech or hands-free mode), and no subwoofer.",
        null, null, quality, ratio, differenceUs);

    private static SpeakerArrival Disagreeing(int speaker, double quality, double ratio, double differenceUs) => differenceUs > UnstableUs
        ? new(speaker, CalibrationRejection.Unstable, $"It moved by {differenceUs / 1000:F1} ms between two probes: it re-buffers by itself. Measure again; if it stays so, use another codec or adapter.", null, null, quality, ratio, differenceUs)
        : new(speaker, CalibrationRejection.Disagreement, $"Its probes differ by {differenceUs:F0} µs: measure again. If it stays so, let the player of the others play it, too.", null, null, quality, ratio, differenceUs);

    private static void PublishRelative(SpeakerArrival[] speakers)
    {
        var slowest = speakers.Max(speaker => speaker.ArrivalUs);
        for (var i = 0; i < speakers.Length; i++)
            speakers[i] = speakers[i] with { RelativeUs = speakers[i].ArrivalUs - slowest };
    }
}
