using System.Globalization;
using Gateway.Benchmarks.Bluetooth;

namespace Gateway.Benchmarks;

/// <summary>
/// <c>./bench bluetooth [--quick] [--seconds N] [--own-time] [--scenario NAME]</c>: streams to three virtual speakers of a real bluetoothd for a minute (10 s when quick; as long as told)
/// and judges what they heard; the lab's own source runs beside it for comparison.
/// </summary>
internal static class BluetoothBenchmark
{
    public static int Run(string[] args)
    {
        if (args is ["--inside", var scenario, var count, var length, .. var rest])
            return LabBench.Inside(scenario, Number(count), Number(length), rest.Contains("--compare"));

        var name = args.SkipWhile(a => a != "--scenario").Skip(1).FirstOrDefault() ?? "stream";
        if (name is not ("seven" or LabBench.Product or LabBench.Echo) && !LabScenarios.Names.Contains(name))
            throw new BenchmarkException($"there is no scenario {name}. Choose one of: {string.Join(", ", LabScenarios.Names)}, seven, {LabBench.Product}, {LabBench.Echo}.");
        var (speakers, air) = name switch { "air" => (4, 2_000), LabBench.Product => (4, 0), "vanish" => (3, 3_000), "seven" or LabBench.Echo => (7, 0), "phone" or "volume" => (1, 0), "stranger" => (2, 0), _ => (3, 0) };
        var told = args.SkipWhile(a => a != "--seconds").Skip(1).FirstOrDefault();
        var seconds = told is not null ? Number(told) : args.Contains("--quick") ? 10 : name == "phone" ? 15 : 60;
        var ownTime = args.Contains("--own-time");
        var figures = LabBench.Run(name == "seven" ? "stream" : name, speakers, seconds, air, compare: name == "stream" && !ownTime, ownTime);
        Console.WriteLine($"{speakers} speakers, {seconds} s, scenario {name}:");
        foreach (var figure in figures.EnumerateObject()) Console.WriteLine($"  {figure.Name,-34} {figure.Value}");
        var pass = figures.GetProperty("pass").GetBoolean();
        Console.WriteLine($"{{\"bench\":\"bluetooth\",\"pass\":{(pass ? "true" : "false")}{string.Concat(figures.EnumerateObject().Where(f => f.Name != "pass").Select(f => $",\"{f.Name}\":{f.Value.GetRawText()}"))}}}");
        return pass ? 0 : 1;
    }

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new BenchmarkException($"{text} is no number of seconds.");
}
