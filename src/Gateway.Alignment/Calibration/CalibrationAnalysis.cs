using Gateway.Alignment.Dsp;

namespace Gateway.Alignment.Calibration;

/// <summary>
/// Turns the recording of one calibration run (<see cref="ProbeSet"/>) into each speaker's relative arrival: checks it, finds the run
/// in it, measures and removes the recorder's skew, estimates each speaker in each probe, and believes what agrees. Takes about a second
/// for 8 speakers; an hour in which the run is late or missing takes minutes, and 200 MB: not for an audio thread. Thread-safe.
/// </summary>
public static class CalibrationAnalysis
{
    /// <summary>Below this rate the recording lacks the treble that tells direct sound from reflections.</summary>
    public const int LowestSampleRate = 32_000;

    /// <summary>The highest rate read.</summary>
    public const int HighestSampleRate = 192_000;

    /// <summary>A probe of 2.7 s is smeared by 20 µs at this skew: worth a second pass.</summary>
    private const double SmearingSkewPpm = 8;

    /// <summary>So long a recording is tried at other rates: what its header says of its seconds may be wrong.</summary>
    private const long MostFramesRerated = RunSearch.ShortSeconds * 96_000L;

    private const int SecondsBefore = 2;
    private const int SecondsAfter = 3;

    /// <summary>2 ms: what the search at a fourth of the rate can be off.</summary>
    private const int HeardReachFrames = Probe.SampleRate / 500;

    /// <summary>Analyses a recording that may begin and end anywhere around the run.</summary>
    /// <param name="interleaved">Full scale = 1; the best channel is used.</param>
    /// <param name="channels">1 and up.</param>
    /// <param name="sampleRate">In Hz, nominal.</param>
    /// <param name="set">The run that was played.</param>
    public static CalibrationResult Analyse(ReadOnlyMemory<float> interleaved, int channels, int sampleRate, ProbeSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return channels < 1 || interleaved.Length % channels != 0
            ? Reject(set, CalibrationRejection.Invalid, $"{interleaved.Length} samples are no recording of {channels} channels.")
            : Analyse(new MemoryRecording(interleaved, channels, sampleRate), set, CancellationToken.None);
    }

    /// <summary>The same for a recording of any length, which is read piece by piece.</summary>
    /// <exception cref="OperationCanceledException">The token said so.</exception>
    public static CalibrationResult Analyse(IRecording recording, ProbeSet set, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recording);
        ArgumentNullException.ThrowIfNull(set);
        if (recording.SampleRate > HighestSampleRate)
            return Reject(set, CalibrationRejection.Invalid, $"The recording has {recording.SampleRate} Hz; at most {HighestSampleRate} Hz are read. Set the recorder to 48 000 Hz.");
        if (RecordingSurvey.FindChannels(recording, cancellationToken) is not { } channels)
            return Reject(set, CalibrationRejection.Invalid, "The recording contains values that are not numbers. Record it again.");
        var result = Analyse(recording, channels, set, cancellationToken);
        // Nothing was heard twice: what sounds like too short, too dull or silent may only be played at another rate than it was recorded at.
        var isHeard = result.Speakers.Any(speaker => speaker.IsAccepted || speaker.DisagreementUs is not null);
        return !isHeard && channels.Count > 0 && FindTrueRate(new ChannelReader(recording, channels[0]), recording, set, cancellationToken) is { } wrong
            ? Reject(set, CalibrationRejection.SampleRate, wrong.Explanation)
            : result;
    }

    private static WrongRate.Found? FindTrueRate(ChannelReader channel, IRecording recording, ProbeSet set, CancellationToken cancellationToken)
    {
        if (recording.Frames > MostFramesRerated)
            return null;

        var probes = CreateProbes(set);
        return WrongRate.Find(channel.ReadNormalised(0, (int)Math.Ceiling(channel.Seconds)), recording.SampleRate, probes[0], probes[1], cancellationToken);
    }

    private static CalibrationResult Analyse(IRecording recording, IReadOnlyList<int> channels, ProbeSet set, CancellationToken cancellationToken)
    {
        if (recording.SampleRate < LowestSampleRate)
            return Reject(set, CalibrationRejection.Bandwidth, $"The recording has {recording.SampleRate} Hz; at least {LowestSampleRate} Hz are needed to tell direct sound from reflections. Set the recorder to 48 000 Hz.");

        var shortestSeconds = ((set.Probes - 1) * ProbeSet.PeriodFrames + set.ProbeFrames) / (double)Probe.SampleRate;
        var seconds = (double)recording.Frames / recording.SampleRate;
        if (seconds < shortestSeconds)
            return Reject(set, CalibrationRejection.TooShort, $"The recording is {seconds:F1} s long, and the probes alone take {shortestSeconds:F1} s. Begin before the speakers do, record until the sound is over, and a second more.");
        if (channels.Count == 0)
            return Reject(set, CalibrationRejection.NoProbe, "The recording is silent. Check that the microphone is on, not muted, and the right one.");

        return BestOf(channels, channel => Analyse(new ChannelReader(recording, channel), set, cancellationToken) with { Channel = channel });
    }

    /// <summary>The first channel that shows every speaker; else the one that shows most, or at least knows more than that nothing is heard.</summary>
    private static CalibrationResult BestOf(IReadOnlyList<int> channels, Func<int, CalibrationResult> analyse)
    {
        CalibrationResult? best = null;
        foreach (var channel in channels)
        {
            var result = analyse(channel);
            if (best is null || Worth(result) > Worth(best))
                best = result;
            if (best.IsAccepted)
                break;
        }

        return best!;
    }

    private static int Worth(CalibrationResult result) =>
        2 * result.Speakers.Count(speaker => speaker.IsAccepted) + (result.Rejection == CalibrationRejection.NoProbe ? 0 : 1);

    private static CalibrationResult Analyse(ChannelReader channel, ProbeSet set, CancellationToken cancellationToken)
    {
        var probes = CreateProbes(set);
        CalibrationResult? first = null;
        var second = 0;
        while (RunSearch.Find(channel, set, probes[0], second, cancellationToken) is { } search)
        {
            var result = Analyse(channel, set, probes, search, cancellationToken);
            if (result.Rejection == CalibrationRejection.TooShort || result.Speakers.Any(speaker => speaker.DisagreementUs is not null))
                return result;

            // No speaker was heard twice: a start that was given up. The true one may follow, later than any speaker's first probe of this one.
            first ??= result;
            second = search.FromSecond + (int)Math.Ceiling(search.Found.Arrival / Probe.SampleRate) + RunMeasurement.SpreadFrames / Probe.SampleRate;
        }

        return first ?? RejectUnfound(channel, set, probes, cancellationToken);
    }

    private static CalibrationResult Analyse(ChannelReader channel, ProbeSet set, float[][][] probes, (int FromSecond, FoundProbe Found) search, CancellationToken cancellationToken)
    {
        // The run alone, from a whole second on, so that nothing outside of it counts.
        var from = search.FromSecond + Math.Max(0, (int)(search.Found.Arrival / Probe.SampleRate) - SecondsBefore);
        var found = search.Found with { Arrival = search.Found.Arrival - (from - search.FromSecond) * (double)Probe.SampleRate };
        var raw = channel.ReadRaw(from, set.TotalFrames / Probe.SampleRate + 1 + SecondsBefore + SecondsAfter);
        var isClipped = Clipping.IsClipped(raw);
        var result = isClipped
            ? Reject(set, CalibrationRejection.Clipped, "The recording is overdriven. Lower the recording level or the volume and record it again.")
            : Analyse(channel.To48KHz(raw), set, probes, found, cancellationToken);
        return result.Shift(from * 1e6);
    }

    private static CalibrationResult Analyse(float[] mono, ProbeSet set, float[][][] probes, FoundProbe found, CancellationToken cancellationToken)
    {
        var end = found.Arrival + (set.Probes - 1) * (double)ProbeSet.PeriodFrames + set.ProbeFrames;
        if (end > mono.Length)
            return !IsHeard(mono, probes[0][found.Speaker], found) ? RejectUnheard(set) : Reject(set, CalibrationRejection.TooShort, $"The recording ends {(end - mono.Length) / Probe.SampleRate:F1} s before the last probe does. Record until the sound is over, and a second more.");

        var skewPpm = SkewSearch.Refine(mono, probes[0][found.Speaker], found);
        cancellationToken.ThrowIfCancellationRequested();
        var run = RunMeasurement.Measure(mono, set, probes, found.Arrival, skewPpm);
        if (Verdict.FindResidualSkew(run, set) is { } residual && Math.Abs(residual) > SmearingSkewPpm)
        {
            skewPpm += residual;
            run = RunMeasurement.Measure(mono, set, probes, found.Arrival, skewPpm);
        }

        var result = Verdict.Give(run, set, skewPpm);
        return result.IsAccepted ? result : new PlayerClocks(mono, set, probes, found.Arrival).Explain(result, run, skewPpm, cancellationToken);
    }

    /// <summary>
    /// The search takes the best of some million lags, at a fourth of the rate. What it found stands there at the whole rate too, or it was chance, and no
    /// advice may follow from it.
    /// </summary>
    private static bool IsHeard(float[] mono, float[] probe, FoundProbe found)
    {
        var rate = 1 + SkewSearch.Refine(mono, probe, found) * 1e-6;
        var from = Math.Max(0, (int)found.Arrival - Probe.SampleRate / 10);
        var estimator = new ArrivalEstimator(2 * probe.Length);
        var segment = new float[2 * probe.Length];
        MonoConversion.Stretch(mono.AsSpan(from), segment, rate);
        estimator.Load(segment);
        var at = (int)((found.Arrival - from) / rate);
        var first = Math.Max(0, at - HeardReachFrames);
        var spectrum = estimator.Prepare(probe);
        var estimate = estimator.Estimate(spectrum, first, 2 * HeardReachFrames, 0, Probe.SampleRate / 5);
        return estimate.IsAccepted && estimator.IsReal(spectrum, estimate, 0, Probe.SampleRate / 5);
    }

    private static CalibrationResult RejectUnheard(ProbeSet set) =>
        Reject(set, CalibrationRejection.NoProbe, "No speaker's probe is heard in the recording. Check that this recording belongs to this run, that the speakers played, and that the microphone hears them.");

    /// <summary>A recording that was begun too late holds a later probe and not the first.</summary>
    private static CalibrationResult RejectUnfound(ChannelReader channel, ProbeSet set, float[][][] probes, CancellationToken cancellationToken) =>
        channel.Seconds <= RunSearch.ShortSeconds && RunSearch.Find(channel, set, probes[1], 0, cancellationToken) is not null
            ? Reject(set, CalibrationRejection.TooShort, "The recording begins after the first probe did. Begin to record before the speakers are started.")
            : RejectUnheard(set);

    private static float[][][] CreateProbes(ProbeSet set)
    {
        var probes = new float[set.Probes][][];
        var fft = new RealFft(set.ProbeFrames);
        for (var probe = 0; probe < set.Probes; probe++)
            probes[probe] = [.. Enumerable.Range(0, set.Speakers).Select(speaker => Probe.Create(set.GetCode(speaker, probe), fft))];
        return probes;
    }

    private static CalibrationResult Reject(ProbeSet set, CalibrationRejection rejection, string explanation) => new(
        rejection, explanation, null, 0,
        [.. Enumerable.Range(0, set.Speakers).Select(speaker => new SpeakerArrival(speaker, rejection, explanation, null, null, 0, 0, null))]);
}
