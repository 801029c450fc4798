using System.Globalization;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// Players of unlike clocks: the time from a speaker's first probe to its second differs from the others', and so does the stretch under
/// which each of its probes stands out best. The second tells a clock from a speaker that moved between two probes. One delay cannot hold for
/// such a speaker (10 ppm part by 1 ms in 100 s), so none is given.
/// </summary>
internal sealed class PlayerClocks(float[] mono, ProbeSet set, float[][][] probes, double firstArrival)
{
    /// <summary>The search within a probe is right to 1 to 3 ppm; a move that is noticed at all makes 10.</summary>
    private const double ConfirmedPpm = 5;

    /// <summary>From the skew of the others: within 30 ppm of each a probe is heard, beyond it is smeared.</summary>
    private static readonly double[] s_guessesPpm = [60, -60];

    /// <summary>The result, with the true reason where a player's clock is its own.</summary>
    /// <param name="result">Of the run, not all accepted.</param>
    /// <param name="run">Measured at this skew.</param>
    /// <param name="skewPpm">Of the recorder, as far as is known; it may be one player's.</param>
    public CalibrationResult Explain(CalibrationResult result, RunMeasurement run, double skewPpm, CancellationToken cancellationToken)
    {
        var clocks = Find(result, run, skewPpm, cancellationToken);
        var known = clocks.OfType<double>().ToArray();
        if (known.Length < 2 || known.Max() - known.Min() <= Verdict.AgreementPpm)
            return result;

        // Without a majority nobody knows whose clock is right: then no delay is, and the recorder's clock is not known either.
        var common = SkewConsensus.Find(known, Verdict.AgreementPpm, double.PositiveInfinity);
        if (common is { } recorder && Math.Abs(recorder - skewPpm) > Verdict.AgreementPpm)
            result = Verdict.Give(RunMeasurement.Measure(mono, set, probes, firstArrival, recorder), set, recorder);

        var speakers = result.Speakers.ToArray();
        for (var speaker = 0; speaker < speakers.Length; speaker++)
        {
            if (clocks[speaker] is not { } clock || common is not null && speakers[speaker].IsAccepted)
                continue;

            var others = common ?? known.Where((_, i) => i != Array.IndexOf(known, clock)).Average();
            if (common is null || Math.Abs(clock - others) > Verdict.AgreementPpm)
                speakers[speaker] = Reject(speakers[speaker], others - clock);
        }

        return Verdict.Conclude(common is null ? null : result.SkewPpm, result.Channel, speakers);
    }

    /// <summary>The skew between each player's clock and the recorder's, ppm; null: not known, or no clock's.</summary>
    private double?[] Find(CalibrationResult result, RunMeasurement run, double skewPpm, CancellationToken cancellationToken)
    {
        var clocks = new double?[set.Speakers];
        for (var speaker = 0; speaker < clocks.Length; speaker++)
        {
            clocks[speaker] = result.Speakers[speaker].IsAccepted
                ? skewPpm + Verdict.FindResidualSkew(run, set, speaker)
                : Confirm(speaker, run, skewPpm);
        }

        foreach (var guess in s_guessesPpm)
        {
            // Heard twice, and yet unexplained: it moved. The others may only have been smeared.
            var unheard = result.Speakers.Where(speaker => clocks[speaker.Speaker] is null && speaker.DisagreementUs is null).ToArray();
            if (unheard.Length == 0 || Array.TrueForAll(clocks, clock => clock is null))
                break;

            cancellationToken.ThrowIfCancellationRequested();
            var other = RunMeasurement.Measure(mono, set, probes, firstArrival, skewPpm + guess);
            foreach (var speaker in unheard)
                clocks[speaker.Speaker] = Confirm(speaker.Speaker, other, skewPpm + guess);
        }

        return clocks;
    }

    /// <summary>What its two probes show, if each of them shows it by itself too.</summary>
    private double? Confirm(int speaker, RunMeasurement run, double skewPpm)
    {
        if (skewPpm + Verdict.FindResidualSkew(run, set, speaker) is not { } between)
            return null;

        var within = Enumerable.Range(0, set.Probes).Where(probe => run[speaker, probe].IsAccepted).Average(probe =>
        {
            var arrival = (run[speaker, probe].ArrivalSamples + probe * (double)ProbeSet.PeriodFrames) * (1 + skewPpm * 1e-6);
            return SkewSearch.Refine(mono, probes[probe][speaker], new FoundProbe(speaker, arrival, skewPpm, 0));
        });
        return Math.Abs(within - between) <= ConfirmedPpm ? between : null;
    }

    /// <param name="fastPpm">How much faster than the others' its clock runs.</param>
    private static SpeakerArrival Reject(SpeakerArrival speaker, double fastPpm) => speaker with
    {
        Rejection = CalibrationRejection.Disagreement,
        Explanation = string.Create(CultureInfo.InvariantCulture, $"Its player's clock runs {Math.Abs(fastPpm):F0} ppm {(fastPpm < 0 ? "slower" : "faster")} than the others': one delay cannot hold, for they part by 1 ms in {1000 / Math.Abs(fastPpm):F0} s. Let one machine play all the files."),
        ArrivalUs = null,
        RelativeUs = null,
    };
}
