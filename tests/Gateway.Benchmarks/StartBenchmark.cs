using System.Diagnostics;

namespace Gateway.Benchmarks;

/// <summary>
/// From the start of the process to the moment at which a broker has handed out the last of 100 devices' discovery payloads, and
/// the resident memory when nothing happens afterwards. Each run has a fresh broker and a fresh data directory.
/// </summary>
internal static class StartBenchmark
{
    private const double AotStartMs = 300, AotIdleMb = 40, PortableStartMs = 1500, PortableIdleMb = 90;
    private static readonly TimeSpan s_announceLimit = TimeSpan.FromSeconds(30);

    public static int Run(string[] args)
    {
        var quick = args.Contains("--quick");
        var runs = quick ? 2 : 7;
        var idle = TimeSpan.FromSeconds(quick ? 2 : 10);
        var figures = new Dictionary<string, double>();

        var baseline = Figures.Median([.. Enumerable.Range(0, runs).Select(_ => BaselineMs())]);
        figures["baseline_ms"] = baseline;
        Console.WriteLine($"baseline  {baseline,7:F0} ms  start of a program that only connects and publishes {HundredDevices.Announced} messages (portable)");

        foreach (var build in new[] { Build.Aot(), Build.Portable })
        {
            var measured = Enumerable.Range(0, runs).Select(_ => Measure(build, idle)).ToArray();
            var startMs = Figures.Median([.. measured.Select(m => m.StartMs)]);
            var idleMb = Figures.Median([.. measured.Select(m => m.IdleMb)]);
            figures[$"{build.Name}_start_ms"] = startMs;
            figures[$"{build.Name}_start_worst_ms"] = measured.Max(m => m.StartMs);
            figures[$"{build.Name}_start_ratio"] = startMs / baseline;
            figures[$"{build.Name}_idle_mb"] = idleMb;
            Console.WriteLine($"{build.Name,-9} {startMs,7:F0} ms  = {startMs / baseline:F2} x baseline; idle {idleMb:F1} MB (medians of {runs} runs)");
        }

        var pass = figures["aot_start_ms"] < AotStartMs && figures["aot_idle_mb"] < AotIdleMb
            && figures["portable_start_ms"] < PortableStartMs && figures["portable_idle_mb"] < PortableIdleMb;
        return Figures.Conclude("start", pass, figures);
    }

    private static (double StartMs, double IdleMb) Measure(Build build, TimeSpan idle)
    {
        using var broker = Broker.Start();
        using var work = new WorkDirectory(Path.GetTempPath());
        var configuration = Path.Combine(work.Path, "bench.yaml");
        File.WriteAllText(configuration, HundredDevices.Yaml(broker.Port));
        using var announced = new Arrivals(broker.Port, "homeassistant/device/+/config");

        var since = Stopwatch.GetTimestamp();
        using var gateway = GatewayProcess.Run(build, configuration, work.Path);
        var last = announced.WaitFor(HundredDevices.Announced, s_announceLimit, () => gateway.HasExited ? gateway.Log : null);
        Thread.Sleep(idle);
        return (Stopwatch.GetElapsedTime(since, last).TotalMilliseconds, gateway.ResidentBytes() / 1e6);
    }

    private static double BaselineMs()
    {
        using var broker = Broker.Start();
        using var published = new Arrivals(broker.Port, PublishBaseline.TopicPrefix + "+");
        var since = Stopwatch.GetTimestamp();
        using var program = Process.Start(new ProcessStartInfo(Environment.ProcessPath!,
            [Path.Combine(AppContext.BaseDirectory, "tutti-bench.dll"), PublishBaseline.Name, $"{broker.Port}"]))!;
        var last = published.WaitFor(HundredDevices.Announced, s_announceLimit, () => null);
        program.WaitForExit();
        return Stopwatch.GetElapsedTime(since, last).TotalMilliseconds;
    }
}
