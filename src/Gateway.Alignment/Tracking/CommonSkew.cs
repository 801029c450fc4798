namespace Gateway.Alignment.Tracking;

/// <summary>
/// Follows the skew between player and microphone by what all speakers' arrivals have in common from window to window: the median
/// change. One speaker's own drift does not enter it.
/// </summary>
public sealed class CommonSkew
{
    private const double Gain = 0.5;
    private const double HighestPpm = 200;

    /// <param name="initialPpm">From the calibration.</param>
    public CommonSkew(double initialPpm) => Ppm = initialPpm;

    /// <summary>The microphone's rate error, positive = fast.</summary>
    public double Ppm { get; private set; }

    /// <summary>One window.</summary>
    /// <param name="changesUs">Each accepted speaker's change of arrival since the window before, what its drift loop moved it taken away. Reordered.</param>
    /// <param name="seconds">From that window to this.</param>
    public void Update(Span<double> changesUs, double seconds)
    {
        if (changesUs.IsEmpty || !(seconds > 0))
            return;

        changesUs.Sort();
        var median = (changesUs[(changesUs.Length - 1) / 2] + changesUs[changesUs.Length / 2]) / 2;
        if (double.IsFinite(median))
            Ppm = Math.Clamp(Ppm + Gain * median / seconds, -HighestPpm, HighestPpm);
    }
}
