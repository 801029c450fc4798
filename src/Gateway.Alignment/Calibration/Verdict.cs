namespace Gateway.Alignment.Calibration;

/// <summary>Which of a run's estimates are believed, speaker by speaker.</summary>
internal static class Verdict
{
    private const double AgreementUs = 100;
    private const double UnstableUs = 2_000;

    /// <summary>The search within the probes themselves is right to 10 ppm; what is further off is a speaker that moved.</summary>
    private const double HighestResidualPpm = 25;

    /// <summary>So many speakers do not move by the same amount: their majority is believed whatever it shows.</summary>
    private const int Witnesses = 3;
    private const double HighestSkewPpm = 200;
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

        PublishRelative(speakers);
        var skew = Array.Exists(speakers, speaker => speaker.IsAccepted) ? coarseSkewPpm + residual : (double?)null;
        var rejected = Array.Find(speakers, speaker => !speaker.IsAccepted);
        var accepted = speakers.Count(speaker => speaker.IsAccepted);
        return rejected is null
            ? new CalibrationResult(CalibrationRejection.None, accepted == 1 ? "The speaker was measured." : $"All {accepted} speakers were measured.", skew, 0, speakers)
            : new CalibrationResult(rejected.Rejection, $"{accepted} of {speakers.Length} speakers were measured. Speaker {rejected.Speaker + 1}: {rejected.Explanation}", skew, 0, speakers);
    }

    /// <summary>What the coarse skew left, ppm, as the majority of speakers shows it in the first two probes; null: there is none.</summary>
    public static double? FindResidualSkew(RunMeasurement run, ProbeSet set)
    {
        var rates = new List<double>();
        for (var speaker = 0; speaker < set.Speakers; speaker++)
        {
            if (run[speaker, 0].IsAccepted && run[speaker, 1].IsAccepted)
                rates.Add((run[speaker, 1].ArrivalSamples - run[speaker, 0].ArrivalSamples) / ProbeSet.PeriodFrames * 1e6);
        }

        // 100 µs in 10 s are 10 ppm.
        return SkewConsensus.Find(rates, AgreementUs / 10, rates.Count < Witnesses ? HighestResidualPpm : HighestSkewPpm);
    }

    private static SpeakerArrival Judge(RunMeasurement run, ProbeSet set, int speaker, double residualPpm)
    {
        var best = (Difference: double.PositiveInfinity, First: 0, Second: 0);
        var quality = 0.0;
        for (var i = 0; i < set.Probes; i++)
        {
            quality = Math.Max(quality, run[speaker, i].Quality);
            for (var j = i + 1; j < set.Probes; j++)
            {
                var difference = Math.Abs(At(run, speaker, j, residualPpm) - At(run, speaker, i, residualPpm));
                if (run[speaker, i].IsAccepted && run[speaker, j].IsAccepted && difference < best.Difference)
                    best = (difference, i, j);
            }
        }

        if (double.IsPositiveInfinity(best.Difference))
            return Unheard(speaker, quality);

        var (a, b) = (run[speaker, best.First], run[speaker, best.Second]);
        if (best.Difference > AgreementUs)
            return Disagreeing(speaker, Math.Min(a.Quality, b.Quality), Math.Min(a.DirectRatio, b.DirectRatio), best.Difference);

        var arrival = (At(run, speaker, best.First, residualPpm) + At(run, speaker, best.Second, residualPpm)) / 2;
        var ratio = Math.Min(a.DirectRatio, b.DirectRatio);
        var explanation = ratio < SpeakerArrival.WeakRatio
            ? "It was measured, but its direct sound is weak: move the microphone to where nothing stands between them."
            : "It was measured.";
        return new SpeakerArrival(speaker, CalibrationRejection.None, explanation, arrival, null, Math.Min(a.Quality, b.Quality), ratio, best.Difference);
    }

    /// <summary>In µs, on the scale of the first probe.</summary>
    private static double At(RunMeasurement run, int speaker, int probe, double residualPpm) =>
        run[speaker, probe].ArrivalSamples * SamplesToUs - probe * residualPpm * ProbeSet.PeriodFrames / Probe.SampleRate;

    private static SpeakerArrival Unheard(int speaker, double quality) => quality < HeardQuality
        ? new(speaker, CalibrationRejection.NoProbe, "Its probe is not heard: check that it is on, connected and not muted.", null, null, quality, 0, null)
        : new(speaker, CalibrationRejection.LowQuality, $"Its probe is too faint to be sure (quality {quality:F1}, 8 is needed): turn it up, or bring the microphone nearer, or make the room quieter.", null, null, quality, 0, null);

    private static SpeakerArrival Disagreeing(int speaker, double quality, double ratio, double differenceUs) => differenceUs > UnstableUs
        ? new(speaker, CalibrationRejection.Unstable, $"It moved by {differenceUs / 1000:F1} ms between two probes: it re-buffers by itself. Measure again; if it stays so, use another codec or adapter.", null, null, quality, ratio, differenceUs)
        : new(speaker, CalibrationRejection.Disagreement, $"Its probes differ by {differenceUs:F0} µs: measure again.", null, null, quality, ratio, differenceUs);

    private static void PublishRelative(SpeakerArrival[] speakers)
    {
        var slowest = speakers.Max(speaker => speaker.ArrivalUs);
        for (var i = 0; i < speakers.Length; i++)
            speakers[i] = speakers[i] with { RelativeUs = speakers[i].ArrivalUs - slowest };
    }
}
