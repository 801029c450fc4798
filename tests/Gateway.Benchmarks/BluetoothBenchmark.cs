using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.Bluetooth;

namespace Gateway.Benchmarks;

/// <summary>
/// <c>./bench bluetooth [--quick] [--seconds N] [--scenario NAME] [--repeat N] [--burners K]</c>: streams to three virtual speakers of a real bluetoothd for a minute
/// (10 s when quick; as long as told) and judges what they heard; the lab's own source runs beside it for comparison. With <c>--repeat</c> every run counts and is told on
/// a line of its own; with <c>--burners</c> so many programs that only use up the processor (nice 0) run beside the lab, and where a scenario says whether
/// anybody was silenced, that is the verdict: milliseconds are the burners'.
/// </summary>
internal static class BluetoothBenchmark
{
    /// <summary>Of seconds, runs, programs.</summary>
    private const int MostOfAnything = 1000;

    public static int Run(string[] args)
    {
        if (args is ["--inside", var scenario, var count, var length, .. var rest])
            return LabBench.Inside(scenario, Number(count), Number(length), rest.Contains("--compare"));

        var name = args.TextAfter("--scenario") ?? "stream";
        if (name is not ("seven" or LabBench.Product or LabBench.Echo or LabBench.Server) && !LabScenarios.Names.Contains(name))
            throw new BenchmarkException($"there is no scenario {name}. Choose one of: {string.Join(", ", LabScenarios.Names)}, seven, {LabBench.Product}, {LabBench.Echo}, {LabBench.Server}.");
        var (speakers, air) = name switch { "air" => (4, 2_000), LabBench.Product or LabBench.Server => (4, 0), "vanish" or LabBench.Deaf => (3, 3_000), "seven" or LabBench.Echo => (7, 0), "phone" or "volume" => (1, 0), "stranger" => (2, 0), _ => (3, 0) };
        var seconds = args.NumberAfter("--seconds", args.Contains("--quick") ? 10 : name == "phone" ? 15 : 60, MostOfAnything);
        using var burners = new Burners(args.NumberAfter("--burners", 0, MostOfAnything));
        if (args.Contains("--repeat")) return Repeat(name, args.NumberAfter("--repeat", 1, MostOfAnything), burners.Count > 0, () => LabBench.RunOnce(name == "seven" ? "stream" : name, speakers, seconds, air));
        var figures = LabBench.Run(name == "seven" ? "stream" : name, speakers, seconds, air, compare: name == "stream");
        Console.WriteLine($"{speakers} speakers, {seconds} s, scenario {name}:");
        foreach (var figure in figures.EnumerateObject()) Console.WriteLine($"  {figure.Name,-34} {figure.Value}");
        var pass = figures.GetProperty("pass").GetBoolean();
        Console.WriteLine($"{{\"bench\":\"bluetooth\",\"pass\":{(pass ? "true" : "false")}{string.Concat(figures.EnumerateObject().Where(f => f.Name != "pass").Select(f => $",\"{f.Name}\":{f.Value.GetRawText()}"))}}}");
        return pass ? 0 : 1;
    }

    private static int Repeat(string name, int runs, bool busy, Func<System.Text.Json.JsonElement> runOnce)
    {
        var passed = 0;
        for (var run = 1; run <= runs; run++)
        {
            var figures = runOnce();
            if (LabBench.Passed(figures, busy ? LabBench.NobodySilenced : "pass")) passed++;
            Console.WriteLine($"{run}: {figures}");
        }

        Console.WriteLine($"{{\"bench\":\"bluetooth\",\"pass\":{(passed == runs ? "true" : "false")},\"scenario\":\"{name}\",\"runs\":{runs},\"passed\":{passed}}}");
        return passed == runs ? 0 : 1;
    }

    /// <summary>Programs that do nothing but use up the processor, until this is disposed.</summary>
    private sealed class Burners : IDisposable
    {
        private readonly List<Process> _all;

        // Each ends with its parent, however that ends.
        public Burners(int count) => _all = [.. Enumerable.Range(0, count).Select(_ =>
            Process.Start(new ProcessStartInfo("sh", ["-c", "while kill -0 $PPID; do i=0; while [ $i -lt 1000000 ]; do i=$((i + 1)); done; done"]))!)];

        public int Count => _all.Count;

        public void Dispose()
        {
            foreach (var burner in _all)
            {
                burner.Kill();
                burner.Dispose();
            }
        }
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
