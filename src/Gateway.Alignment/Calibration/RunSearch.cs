namespace Gateway.Alignment.Calibration;

/// <summary>Finds a run in a channel of any length, a window at a time.</summary>
internal static class RunSearch
{
    /// <summary>So long a recording is searched as a whole.</summary>
    public const int ShortSeconds = 100;

    private const int WindowSeconds = 75;

    /// <summary>The second at which a piece begins that holds the run, and where in that piece the run was found; null: nothing is heard.</summary>
    /// <param name="fromSecond">Nothing before it counts.</param>
    public static (int FromSecond, FoundProbe Found)? Find(ChannelReader channel, ProbeSet set, IReadOnlyList<float[]> probes, int fromSecond, CancellationToken cancellationToken)
    {
        var best = (FromSecond: 0, Found: default(FoundProbe));
        var window = channel.Seconds <= ShortSeconds ? ShortSeconds : WindowSeconds;
        // A probe that one window cuts lies whole in the next.
        var step = window - 2 * (set.ProbeFrames / Probe.SampleRate + 1);
        for (var from = fromSecond; from == fromSecond || from + window - step < channel.Seconds; from += step)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ProbeFinder.Find(channel.Read48KHz(from, window), probes, cancellationToken) is { } found && found.Quality > best.Found.Quality)
                best = (from, found);
            if (best.Found.Quality >= ProbeFinder.SureQuality)
                break;
        }

        return best.Found.Quality > 0 ? best : null;
    }
}
