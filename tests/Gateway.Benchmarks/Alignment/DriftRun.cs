using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Drift;

namespace Gateway.Benchmarks.Alignment;

/// <summary>One speaker under one loop.</summary>
internal sealed class DriftRun
{
    private const double StepSeconds = 0.25;
    private const double SettledUs = 1_000;

    private readonly List<double> _offsets = [];
    private readonly List<double> _changes = [];

    /// <summary>The true offset once a second.</summary>
    public IReadOnlyList<double> OffsetsUs => _offsets;

    /// <summary>Changes of the correction from one measurement to the next, in the second half.</summary>
    public IReadOnlyList<double> SteadyChangesPpm => _changes;

    /// <summary>Seconds from the first measurement until the offset was below 1 ms for the first time.</summary>
    public double SettledAfter { get; private set; } = double.PositiveInfinity;

    public static IReadOnlyList<DriftRun> Many(
        int speakers, ulong scenario, DriftSource source, Func<SplitMix64, double> error, double seconds, double startUs,
        DriftLimits? limits = null, double silentFrom = double.PositiveInfinity)
    {
        var runs = new DriftRun[speakers];
        for (var i = 0; i < speakers; i++)
        {
            runs[i] = new DriftRun();
            runs[i].Run(new SplitMix64(31_000_003 * scenario + (ulong)i), source, error, seconds, startUs, limits, silentFrom);
        }

        return runs;
    }

    private void Run(
        SplitMix64 random, DriftSource source, Func<SplitMix64, double> error, double seconds, double startUs, DriftLimits? limits, double silentFrom)
    {
        var clock = new SimulatedClock(random);
        var loop = new DriftLoop(source, limits);
        loop.Start(TimeSpan.Zero);
        var offset = startUs;
        var stepsPerMeasurement = (int)(source.Period.TotalSeconds / StepSeconds);
        for (var step = 0; step < seconds / StepSeconds; step++)
        {
            var time = step * StepSeconds;
            if (step % stepsPerMeasurement == 0 && time < silentFrom)
                offset -= Measure(loop, offset + error(random), time, seconds);
            if (step % 4 == 0)
                loop.Tick(TimeSpan.FromSeconds(time));

            offset += (clock.Step(time, StepSeconds) - loop.CorrectionPpm) * StepSeconds;
            if (Math.Abs(offset) < SettledUs)
                SettledAfter = Math.Min(SettledAfter, time);
            if (step % 4 == 3)
                _offsets.Add(offset);
        }
    }

    private double Measure(DriftLoop loop, double measured, double time, double seconds)
    {
        var before = loop.CorrectionPpm;
        var step = loop.Measure(measured, TimeSpan.FromSeconds(time));
        if (time > seconds / 2)
            _changes.Add(Math.Abs(loop.CorrectionPpm - before));
        return step.JumpUs;
    }
}
