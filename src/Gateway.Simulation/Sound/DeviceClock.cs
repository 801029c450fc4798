namespace Gateway.Simulation;

/// <summary>
/// An exact sample clock: frame n is due at t0 + n / (fs (1 + ppm 1e-6)) of the house's clock, whatever the scheduler did
/// (docs/measuring.md). A change of rate starts a new line. Not thread-safe.
/// </summary>
internal sealed class DeviceClock(long startNanoseconds, double ppm)
{
    public const int SampleRate = 48_000;

    // What is looked back on is seconds old at most; so many changes of rate within that are all that is kept.
    private const int MostLines = 16;
    private readonly List<Line> _lines = [new Line(0, 0, NanosecondsPerFrame(ppm))];

    /// <summary>In nanoseconds (<see cref="World.Nanoseconds"/>); may lie between two.</summary>
    public double TimeOf(double frame)
    {
        var line = _lines[0];
        foreach (var later in _lines)
        {
            if (later.Frame <= frame) line = later;
        }

        return startNanoseconds + line.Nanoseconds + ((frame - line.Frame) * line.PerFrame);
    }

    public double FrameAt(double nanoseconds)
    {
        var since = nanoseconds - startNanoseconds;
        var line = _lines[0];
        foreach (var later in _lines)
        {
            if (later.Nanoseconds <= since) line = later;
        }

        return line.Frame + ((since - line.Nanoseconds) / line.PerFrame);
    }

    /// <summary>From <paramref name="frame"/> on, which must not lie before an earlier change.</summary>
    public void SetRate(long frame, double newPpm)
    {
        _lines.Add(new Line(frame, TimeOf(frame) - startNanoseconds, NanosecondsPerFrame(newPpm)));
        if (_lines.Count > MostLines) _lines.RemoveAt(0);
    }

    private static double NanosecondsPerFrame(double ppm) => 1e9 / (SampleRate * (1 + (ppm * 1e-6)));

    private readonly record struct Line(long Frame, double Nanoseconds, double PerFrame);
}
