namespace Gateway.Alignment.Calibration;

/// <summary>Every speaker's arrival in every probe of one run, on a recording whose skew is known.</summary>
internal sealed class RunMeasurement
{
    /// <summary>Speakers differ by less than this; so much is searched on both sides of the one found first.</summary>
    public const int SpreadFrames = Probe.SampleRate;

    /// <summary>In deviations, of the two together. Among the 1 000 lags of 20 ms noise alone reaches it once in 70 times.</summary>
    private const double EarlierSum = 6.6;

    /// <summary>Fainter than this share of the highest peak even a clean recording shows no direct sound (the first peak's own threshold).</summary>
    private const double FaintestShare = 0.20;
    private const int BeforeFrames = Probe.SampleRate / 50;

    /// <summary>The arrival's own rise.</summary>
    private const int RiseFrames = Probe.SampleRate / 4_000;

    private const double TrebleQuality = 4;
    private const int TrebleReach = 10;

    private readonly ArrivalEstimate[,] _estimates;
    private readonly bool[] _hasTreble;
    private readonly float[,][] _before;
    private readonly List<HeardSound>[,] _sounds;

    private RunMeasurement(ProbeSet set)
    {
        _estimates = new ArrivalEstimate[set.Speakers, set.Probes];
        _hasTreble = new bool[set.Speakers];
        _before = new float[set.Speakers, set.Probes][];
        _sounds = new List<HeardSound>[set.Speakers, set.Probes];
    }

    /// <summary>A probe of the speaker was believed, and its treble was there too.</summary>
    public bool HasTreble(int speaker) => _hasTreble[speaker];

    /// <summary>
    /// In both probes something stood at the same lag before the arrival, too faint for either alone: then the arrival may be a reflection's, and
    /// the direct sound lies in the noise.
    /// </summary>
    public bool HearsEarlier(int speaker, int probe, int other)
    {
        var (a, b) = (_before[speaker, probe], _before[speaker, other]);
        var threshold = Math.Max(EarlierSum, FaintestShare * (Highest(_estimates[speaker, probe]) + Highest(_estimates[speaker, other])));
        for (var i = 1; i < a.Length - 1; i++)
        {
            if (a[i] + Math.Max(b[i], Math.Max(b[i - 1], b[i + 1])) > threshold)
                return true;
        }

        return false;

        static double Highest(ArrivalEstimate estimate) => estimate.Quality / estimate.DirectRatio;
    }

    /// <summary>How long after the arrival a second sound by the same two probes begins, in samples; below 0: before; null: there is none.</summary>
    public double? FindSecondSound(int speaker, int probe, int other)
    {
        var arrival = Math.Min(_estimates[speaker, probe].ArrivalSamples, _estimates[speaker, other].ArrivalSamples);
        return HeardSound.FindSecond(_sounds[speaker, probe], _sounds[speaker, other], arrival)?.At - arrival;
    }

    /// <summary>Arrival of a probe at 48 kHz of the true clock, as if it had been played at frame 0 of the run.</summary>
    public ArrivalEstimate this[int speaker, int probe] => _estimates[speaker, probe];

    /// <param name="mono">The recording.</param>
    /// <param name="set">The run.</param>
    /// <param name="probes">Signals, by probe and speaker.</param>
    /// <param name="firstArrival">Sample at which some speaker's first probe arrives.</param>
    /// <param name="skewPpm">The recorder's.</param>
    public static RunMeasurement Measure(ReadOnlySpan<float> mono, ProbeSet set, float[][][] probes, double firstArrival, double skewPpm)
    {
        var rate = 1 + skewPpm * 1e-6;
        var run = new RunMeasurement(set);
        var estimator = new ArrivalEstimator(2 * set.ProbeFrames);
        var segment = new float[2 * set.ProbeFrames];
        for (var probe = 0; probe < set.Probes; probe++)
        {
            var begin = firstArrival + probe * (double)ProbeSet.PeriodFrames * rate - SpreadFrames;
            var from = Math.Max(0, (int)begin);
            MonoConversion.Stretch(mono[Math.Min(from, mono.Length)..], segment, rate);
            estimator.Load(segment);
            var origin = from / rate - probe * (double)ProbeSet.PeriodFrames;
            for (var speaker = 0; speaker < set.Speakers; speaker++)
            {
                var spectrum = estimator.Prepare(probes[probe][speaker]);
                var estimate = estimator.Estimate(spectrum, 0, 2 * SpreadFrames);
                if (estimate.IsAccepted && !estimator.IsReal(spectrum, estimate, 0, 2 * SpreadFrames))
                    estimate = estimate with { Quality = 0 };
                run._estimates[speaker, probe] = estimate with { ArrivalSamples = origin + estimate.ArrivalSamples };
                run._before[speaker, probe] = new float[BeforeFrames];
                if (estimate.IsAccepted)
                {
                    estimator.CopyBefore(spectrum, (int)estimate.ArrivalSamples - RiseFrames, 2 * SpreadFrames, run._before[speaker, probe]);
                    run._sounds[speaker, probe] = [.. estimator.FindSounds(spectrum, 2 * SpreadFrames, HeardSound.LowestShare, HeardSound.LowestQuality).Select(sound => sound with { At = origin + sound.At })];
                }

                run._hasTreble[speaker] |= estimate.IsAccepted && !run._hasTreble[speaker] && HearsTreble(estimator, probes[probe][speaker], estimate);
            }
        }

        return run;
    }

    private static bool HearsTreble(ArrivalEstimator estimator, float[] probe, ArrivalEstimate estimate)
    {
        var from = Math.Max(0, (int)estimate.ArrivalSamples - TrebleReach);
        return estimator.Estimate(estimator.PrepareTreble(probe), from, 2 * TrebleReach, 0, 2 * SpreadFrames).Quality >= TrebleQuality;
    }
}
