using System.Diagnostics;
using System.Globalization;
using Gateway.Engine;

namespace Gateway.Benchmarks;

/// <summary>
/// How long does an answer take? 50 members among 200 devices and 8 adapters, feasible and not. Because a clock is involved, a fixed
/// piece of work (sorting 20,000 texts) is timed between the plans: on a busy machine both stretch alike.
/// </summary>
internal static class PlannerBenchmark
{
    private const double PromiseMs = 5;

    private static readonly string[] s_words = Words();

    public static int Run(string[] args)
    {
        var rounds = args.Contains("--quick") ? 300 : 3000;
        var pass = true;
        foreach (var (name, streams) in new[] { ("feasible", 8), ("infeasible", 3) })
        {
            var house = House(streams);
            var request = new PlanRequest { Group = "party", Members = [.. Enumerable.Range(0, 50).Select(i => $"s{i}")], Source = new SourceRef(SourceKind.Echo, "e0") };
            pass &= Measure(name, house, request, rounds, expectFeasible: streams == 8);
        }

        Console.WriteLine($$"""{"bench":"planner","pass":{{(pass ? "true" : "false")}},"members":50,"devices":200,"adapters":8,"promise_p99_ms":{{Number(PromiseMs)}}}""");
        return pass ? 0 : 1;
    }

    private static bool Measure(string name, Engine.House house, PlanRequest request, int rounds, bool expectFeasible)
    {
        for (var i = 0; i < 200; i++) Planner.Plan(house, request);
        double[] plan = new double[rounds], reference = new double[rounds / 10];
        var feasible = true;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Planner.Plan(house, request);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        for (var i = 0; i < rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            feasible &= Planner.Plan(house, request).Feasible == expectFeasible;
            plan[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (i % 10 == 0) reference[i / 10] = Reference();
        }

        var (p50, p99, work50, work99) = (Percentile(plan, 0.5), Percentile(plan, 0.99), Percentile(reference, 0.5), Percentile(reference, 0.99));
        var pass = feasible && p99 < Math.Max(PromiseMs, work99);
        Console.WriteLine($$"""{"case":"{{name}}","p50_ms":{{Number(p50)}},"p99_ms":{{Number(p99)}},"allocated_bytes":{{allocated}},"reference_p50_ms":{{Number(work50)}},"reference_p99_ms":{{Number(work99)}},"p50_ratio":{{Number(p50 / work50)}},"pass":{{(pass ? "true" : "false")}}}""");
        return pass;
    }

    private static double Reference()
    {
        var copy = (string[])s_words.Clone();
        var start = Stopwatch.GetTimestamp();
        Array.Sort(copy, StringComparer.Ordinal);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static string[] Words()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 20_000).Select(_ => random.Next().ToString(CultureInfo.InvariantCulture))];
    }

    private static double Percentile(double[] values, double share)
    {
        Array.Sort(values);
        return values[Math.Clamp((int)Math.Ceiling(share * values.Length) - 1, 0, values.Length - 1)];
    }

    private static Engine.House House(int streams) => new(
        new HouseConfiguration
        {
            Echoes = [.. Enumerable.Range(0, 50).Select(i => new ConfiguredEcho { Id = $"e{i}", Name = $"Echo {i}", Model = "Echo Dot (4th gen)" })],
            Speakers = [.. Enumerable.Range(0, 150).Select(i => new ConfiguredSpeaker { Id = $"s{i}", Name = $"Speaker {i}", Model = i % 3 == 0 ? "JBL Flip 6" : null })],
            Adapters = [.. Enumerable.Range(0, 8).Select(i => new ConfiguredAdapter { Name = $"hci{i}", MaxStreams = streams })],
        },
        new HouseObservation
        {
            Adapters = [.. Enumerable.Range(0, 8).Select(i => new ObservedAdapter { Name = $"hci{i}", Powered = Fact.Of(true) })],
            Echoes = [.. Enumerable.Range(0, 50).Select(i => new ObservedEcho { Id = $"e{i}", Online = Fact.Of(true), Link = Fact.Of<EchoLink?>(i % 2 == 0 ? new EchoLink("tv", LinkRole.PlaysTo) : null) })],
            Speakers = [.. Enumerable.Range(0, 150).Select(i => new ObservedSpeaker
            {
                Id = $"s{i}", Reachable = Fact.Of(true), HeldElsewhere = Fact.Of(false), ConnectedOn = Fact.Of<string?>(null),
                PairedOn = Fact.Of<IReadOnlyList<string>>([$"hci{i % 3}"]),
            })],
            WifiGroups = [],
            StereoPairs = [],
        },
        new Catalogue([new EchoModel("A2U21SRK4QGSE1", "Echo Dot (4th gen)", Socket.Out, Socket.None, Certainty.Verified, true, null)],
            [new SpeakerModel { Rule = "S1", Model = "JBL Flip 6", Names = ["*flip 6*"], Limitation = "It powers off.", Remedy = "Keep awake.", IdlePowerOffMinutes = 10 }], []));

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
