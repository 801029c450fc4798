using System.Globalization;

namespace Gateway.Benchmarks.Sync;

/// <summary>Seconds until offsets are below a limit, for the first time and for good; infinite: not within the time watched.</summary>
internal readonly record struct Recovery(double First, double ForGood)
{
    public override string ToString() => $"{Shown(First)}, for good {Shown(ForGood)}";

    private static string Shown(double seconds) => double.IsFinite(seconds) ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s") : "not seen";
}

/// <summary>Offsets of all pairs of three speakers over a stretch of time, by windows at a fixed pace.</summary>
internal sealed class OffsetTrack
{
    public static readonly (int First, int Second)[] Pairs = [(0, 1), (0, 2), (1, 2)];
    private readonly List<(double At, double[] OffsetMs)> _ticks = [];

    /// <param name="from">Nanoseconds; where the first window begins.</param>
    /// <param name="until">Where the last one ends.</param>
    public OffsetTrack(PairCorrelator correlator, IReadOnlyList<VirtualSpeaker> speakers, double from, double until, double hopSeconds)
    {
        for (var at = from; at + (correlator.Seconds * 1e9) <= until; at += hopSeconds * 1e9)
        {
            var heard = speakers.Select(s => correlator.Hear(s, at)).ToArray();
            _ticks.Add((at + (correlator.Seconds * 0.5e9), [.. Pairs.Select(p => correlator.OffsetMs(heard[p.First], heard[p.Second]))]));
        }
    }

    /// <summary>The middles of the windows, in nanoseconds, and each pair's offset (NaN: not known).</summary>
    public IReadOnlyList<(double At, double[] OffsetMs)> Ticks => _ticks;

    /// <summary>Absolute offsets of all pairs between two instants; not known is infinite.</summary>
    public List<double> Magnitudes(double from, double until) =>
        [.. _ticks.Where(t => t.At >= from && t.At < until).SelectMany(t => t.OffsetMs).Select(o => double.IsNaN(o) ? double.PositiveInfinity : Math.Abs(o))];

    /// <summary>How long after <paramref name="from"/> these pairs are below a limit: for the first time, and for good.</summary>
    public Recovery Below(double limitMs, double from, params int[] pairs)
    {
        var first = _ticks.FindIndex(t => IsBelow(t));
        var bad = _ticks.FindLastIndex(t => !IsBelow(t));
        return new Recovery(Seconds(first), Seconds(bad + 1));

        bool IsBelow((double At, double[] OffsetMs) tick) => pairs.All(p => Math.Abs(tick.OffsetMs[p]) < limitMs);

        double Seconds(int index) => index < 0 || index >= _ticks.Count ? double.PositiveInfinity : index == 0 ? 0 : (_ticks[index].At - from) / 1e9;
    }

    /// <summary>How far a pair's offset goes from its median before an instant, at most.</summary>
    public double Movement(int pair, double before, double until)
    {
        var known = _ticks.Select(t => (t.At, Offset: t.OffsetMs[pair])).ToList();
        var median = Figures.Median([.. known.Where(t => t.At >= before - 12e9 && t.At < before - 1e9).Select(t => t.Offset)]);
        return known.Where(t => t.At >= before - 1e9 && t.At < until).Max(t => double.IsNaN(t.Offset) ? double.PositiveInfinity : Math.Abs(t.Offset - median));
    }
}
