namespace Gateway.Alignment.Drift;

/// <summary>
/// A kind of measurement of a speaker's offset, and the loop tuning that goes with it. The figures come from the scenarios of
/// docs/measuring.md §4: each tuning minimises the offset held, with every speaker's clock wandering by 0.02 ppm per √s.
/// </summary>
/// <param name="Name">For telemetry and messages.</param>
/// <param name="Period">Nominal time between measurements; after three periods without one the loop coasts.</param>
/// <param name="DeviationUs">Standard deviation of one measurement, µs.</param>
/// <param name="TimeConstant">In which an offset is corrected to 1/e.</param>
/// <param name="SkewWalk">How fast the clock's rate may wander, ppm per √s.</param>
public sealed record DriftSource(string Name, TimeSpan Period, double DeviationUs, TimeSpan TimeConstant, double SkewWalk)
{
    /// <summary>Queue and delay reports of a transport, median of 20. Holds 239 µs (95 %).</summary>
    public static DriftSource Reports { get; } = Create("reports", 2, 480, 10, 0.4);

    /// <summary>Four-timestamp exchanges over Wi-Fi, the one of least round trip out of 8. Holds 178 µs.</summary>
    public static DriftSource WifiTimestamps { get; } = Create("wifi timestamps", 8, 151, 20, 0.2);

    /// <summary>The same over a cable or within one host (7.5 µs measured, 10 used). Holds 18 µs.</summary>
    public static DriftSource CableTimestamps { get; } = Create("timestamps", 8, 10, 20, 0.4);

    /// <summary>A microphone that hears each speaker. Holds 60 µs.</summary>
    public static DriftSource Microphone { get; } = Create("microphone", 5, 61, 10, 0.2);

    /// <summary>A microphone that hears the hidden probes, 30 s windows. Holds 235 µs.</summary>
    public static DriftSource HiddenProbe { get; } = Create("hidden probe", 30, 82, 80, 0.1);

    private static DriftSource Create(string name, double period, double deviation, double timeConstant, double walk) =>
        new(name, TimeSpan.FromSeconds(period), deviation, TimeSpan.FromSeconds(timeConstant), walk);
}
