namespace Gateway.Alignment.Calibration;

/// <summary>When a probe's direct sound arrived.</summary>
/// <param name="ArrivalSamples">From the first sample of the recording given, to a fraction of a sample.</param>
/// <param name="Quality">Q: the peak over the noise floor's standard deviation; below <see cref="ArrivalEstimator.LowestQuality"/> it may be wrong by anything.</param>
/// <param name="DirectRatio">First peak over highest peak; open rooms 1.0 (5th percentile 0.78), below 0.5 the direct sound is weak.</param>
public readonly record struct ArrivalEstimate(double ArrivalSamples, double Quality, double DirectRatio)
{
    /// <summary>The quality is high enough to believe it.</summary>
    public bool IsAccepted => Quality >= ArrivalEstimator.LowestQuality;
}
