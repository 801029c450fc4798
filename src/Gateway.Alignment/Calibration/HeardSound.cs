namespace Gateway.Alignment.Calibration;

/// <summary>A peak of the correlation with one probe.</summary>
/// <param name="At">In samples.</param>
/// <param name="Quality">In deviations of the floor.</param>
/// <param name="Share">Of the highest peak.</param>
/// <param name="Prominence">Over the mean level (rms) of what comes just before it.</param>
internal readonly record struct HeardSound(double At, double Quality, double Share, double Prominence)
{
    /// <summary>So far the estimator itself looks before the highest peak for the first.</summary>
    private const double BeforeSamples = ArrivalEstimator.LookBackSamples;

    /// <summary>So far behind a blocked direct sound a wall's reflection may still be as loud: 14 m of detour.</summary>
    private const double BehindSamples = Probe.SampleRate / 25;

    /// <summary>Nothing of a speaker can sound before its direct sound does: there, what the estimator's own threshold would take for sound.</summary>
    private const double EarlierShare = ArrivalEstimator.FirstPeakShare;

    /// <summary>What is fainter than this behind the arrival is taken for an echo.</summary>
    private const double LaterShare = 0.4;

    /// <summary>
    /// And a reverberation's peaks are as high with the microphone 4 m away, yet dense and normally distributed: none stands out from its
    /// own surroundings so far, as a direct sound does.
    /// </summary>
    private const double LaterProminence = 6;

    /// <summary>A second player may have its own clock: 100 ppm in the 10 s from probe to probe.</summary>
    private const double SameSamples = 48;

    /// <summary>Both together. Among all pairs of lags so near each other noise reaches it once in 3 000 runs.</summary>
    private const double LowestSum = 9.5;

    /// <summary>Below this it takes no part: what is searched for.</summary>
    public const double LowestShare = EarlierShare;

    /// <summary>The same in deviations; less, and the other probe's would have to be above 6.</summary>
    public const double LowestQuality = 3.5;

    /// <summary>
    /// The sound, present in both probes, that is not the arrival nor a reflection of it: a second speaker plays the same file. Null: there is none.
    /// </summary>
    /// <param name="probe">Sounds of one probe, all on the scale of the first.</param>
    /// <param name="other">Those of another.</param>
    /// <param name="arrival">The earlier of the two probes' arrivals.</param>
    public static HeardSound? FindSecond(IEnumerable<HeardSound> probe, IReadOnlyList<HeardSound> other, double arrival)
    {
        foreach (var sound in probe)
        {
            if (sound.At - arrival is >= -BeforeSamples and <= BehindSamples)
                continue;

            var (share, prominence) = sound.At < arrival ? (EarlierShare, 0) : (LaterShare, LaterProminence);
            foreach (var same in other)
            {
                if (Math.Abs(same.At - sound.At) <= SameSamples && sound.Quality + same.Quality >= LowestSum
                    && Math.Min(sound.Share, same.Share) >= share && Math.Min(sound.Prominence, same.Prominence) >= prominence)
                {
                    return sound;
                }
            }
        }

        return null;
    }
}
