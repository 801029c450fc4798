namespace Gateway.Alignment.Calibration;

/// <summary>
/// Turns the recording of one calibration run (<see cref="ProbeSet"/>) into each speaker's relative arrival: checks it, finds the run
/// in it, measures and removes the recorder's skew, estimates each speaker in each probe, and believes what agrees. Takes about a second
/// for 8 speakers and holds the recording in memory: not for an audio thread. Thread-safe.
/// </summary>
public static class CalibrationAnalysis
{
    /// <summary>Below this rate the recording lacks the treble that tells direct sound from reflections.</summary>
    public const int LowestSampleRate = 32_000;

    /// <summary>The highest rate read.</summary>
    public const int HighestSampleRate = 192_000;

    /// <summary>A probe of 2.7 s is smeared by 20 µs at this skew: worth a second pass.</summary>
    private const double SmearingSkewPpm = 8;

    /// <summary>Analyses a recording that may begin and end anywhere around the run.</summary>
    /// <param name="interleaved">Full scale = 1; the best channel is used.</param>
    /// <param name="channels">1 and up.</param>
    /// <param name="sampleRate">In Hz, nominal.</param>
    /// <param name="set">The run that was played.</param>
    public static CalibrationResult Analyse(ReadOnlySpan<float> interleaved, int channels, int sampleRate, ProbeSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (channels < 1 || interleaved.Length % channels != 0)
            return Reject(set, CalibrationRejection.Invalid, $"{interleaved.Length} samples are no recording of {channels} channels.");
        if (sampleRate < LowestSampleRate)
            return Reject(set, CalibrationRejection.Bandwidth, $"The recording has {sampleRate} Hz; at least {LowestSampleRate} Hz are needed to tell direct sound from reflections. Set the recorder to 48 000 Hz.");
        if (sampleRate > HighestSampleRate)
            return Reject(set, CalibrationRejection.Invalid, $"The recording has {sampleRate} Hz; at most {HighestSampleRate} Hz are read. Set the recorder to 48 000 Hz.");

        var (mono, channel, rejection, explanation) = RecordingCheck.SelectChannel(interleaved, channels);
        if (rejection != CalibrationRejection.None)
            return Reject(set, rejection, explanation, channel);

        return Analyse(MonoConversion.To48KHz(mono, sampleRate), set) with { Channel = channel };
    }

    private static CalibrationResult Analyse(float[] mono, ProbeSet set)
    {
        var probes = CreateProbes(set);
        if (ProbeFinder.Find(mono, probes[0]) is not { } found)
            return Reject(set, CalibrationRejection.NoProbe, "No speaker's probe is heard in the recording. Check that this recording belongs to this run, that the speakers played, and that the microphone hears them.");

        var end = found.Arrival + (set.Probes - 1) * (double)ProbeSet.PeriodFrames + set.ProbeFrames;
        if (end > mono.Length)
            return Reject(set, CalibrationRejection.TooShort, $"The recording ends {(end - mono.Length) / Probe.SampleRate:F1} s before the last probe does. Record until the sound is over, and a second more.");

        var skewPpm = SkewSearch.Refine(mono, probes[0][found.Speaker], found);
        var run = RunMeasurement.Measure(mono, set, probes, found.Arrival, skewPpm);
        if (run.LacksTreble)
            return Reject(set, CalibrationRejection.Bandwidth, "The recording has no treble, without which reflections cannot be told from direct sound. Use a recorder that keeps 8 to 14 kHz (no telephone or speech mode).");

        if (Verdict.FindResidualSkew(run, set) is { } residual && Math.Abs(residual) > SmearingSkewPpm)
        {
            skewPpm += residual;
            run = RunMeasurement.Measure(mono, set, probes, found.Arrival, skewPpm);
        }

        return Verdict.Give(run, set, skewPpm);
    }

    private static float[][][] CreateProbes(ProbeSet set)
    {
        var probes = new float[set.Probes][][];
        for (var probe = 0; probe < set.Probes; probe++)
            probes[probe] = [.. Enumerable.Range(0, set.Speakers).Select(speaker => Probe.Create(set.GetCode(speaker, probe), set.ProbeFrames))];
        return probes;
    }

    private static CalibrationResult Reject(ProbeSet set, CalibrationRejection rejection, string explanation, int channel = 0) => new(
        rejection, explanation, null, channel,
        [.. Enumerable.Range(0, set.Speakers).Select(speaker => new SpeakerArrival(speaker, rejection, explanation, null, null, 0, 0, null))]);
}
