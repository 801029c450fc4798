using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Benchmarks;

/// <summary>
/// <c>./bench alignment [--scenario S3] [--quick]</c>: the scenarios of docs/measuring.md §6 with their exact random numbers, one JSON
/// line each, then the speed lines; the last line sums up. Returns 0 if all pass, 1 if not, 2 for a scenario there is none of or an option that is not known.
/// </summary>
internal static class AlignmentBenchmark
{
    private static readonly (string Name, Func<bool, IEnumerable<ScenarioResult>> Run)[] s_scenarios =
    [
        ("S1", quick => new[] { 0.3, 0.5, 0.6 }.Select(rt60 => EstimatorScenarios.S1(rt60, quick ? 6 : 30))),
        ("S2", quick => new[] { 20.0, 0, -10 }.Select(snr => EstimatorScenarios.S2(snr, quick ? 6 : 30))),
        ("S2n", quick => [EstimatorScenarios.S2N(quick ? 10 : 30)]),
        ("S3", quick => [EstimatorScenarios.S3(2, quick ? 6 : 30), EstimatorScenarios.S3(8, quick ? 2 : 10)]),
        ("S3x", quick => [EstimatorScenarios.S3X(quick ? 1 : 5)]),
        ("S4", quick => new[] { 6.0, 12, 18 }.Select(blocked => EstimatorScenarios.S4(blocked, quick ? 20 : 30))),
        ("S5", quick => new[] { 20.0, 100 }.Select(ppm => EstimatorScenarios.S5(ppm, quick ? 6 : 30))),
        ("S5c", quick => [CalibrationScenarios.S5C(quick ? 4 : 20)]),
        ("C8", quick => [CalibrationScenarios.C8(quick ? 2 : 20)]),
        ("R1", quick => [CalibrationScenarios.R1(quick ? 2 : 20)]),
        ("H1", quick => [TrackingScenarios.H1(quick ? 2 : 20)]),
        ("H2", quick => [TrackingScenarios.H2(quick ? 1 : 10)]),
        ("H3", quick => [TrackingScenarios.H3(quick ? 2 : 20)]),
        ("H4", quick => [TrackingScenarios.H4(quick ? 1 : 5)]),
        ("D1", _ => [DriftScenarios.D1(100)]),
        ("D2", _ => [DriftScenarios.D2(100)]),
        ("D3", _ => [DriftScenarios.D3(100)]),
        ("D4", _ => [DriftScenarios.D4(100)]),
        ("D5", _ => [DriftScenarios.D5(100)]),
        ("D6", _ => [DriftScenarios.D6(100)]),
        ("T1", _ => [ClassScenarios.T1()]),
        ("T2", _ => [ClassScenarios.T2()]),
        ("resampler", _ => [SpeedScenarios.Resampler()]),
        ("fft", _ => [SpeedScenarios.Fft()]),
        ("estimate", _ => [SpeedScenarios.Estimate()]),
    ];

    public static int Run(string[] args)
    {
        if (!TryParse(args, out var quick, out var wanted, out var unknown))
        {
            Console.Error.WriteLine($"bench alignment: \"{unknown}\" is not understood. Usage: ./bench alignment [--scenario NAME] [--quick]");
            return 2;
        }

        var chosen = s_scenarios.Where(scenario => wanted is null || string.Equals(scenario.Name, wanted, StringComparison.OrdinalIgnoreCase)).ToArray();
        if (chosen.Length == 0)
        {
            Console.Error.WriteLine($"There is no scenario \"{wanted}\". Choose one of: {string.Join(", ", s_scenarios.Select(scenario => scenario.Name))}.");
            return 2;
        }

        var (count, failed) = (0, 0);
        foreach (var result in chosen.SelectMany(scenario => scenario.Run(quick)))
        {
            Console.WriteLine(ToJson(writer => Write(writer, result)));
            count++;
            failed += result.Pass ? 0 : 1;
        }

        Console.WriteLine(ToJson(writer =>
        {
            writer.WriteString("bench", "alignment");
            writer.WriteBoolean("pass", failed == 0);
            writer.WriteNumber("lines", count);
            writer.WriteNumber("failed", failed);
        }));
        return failed == 0 ? 0 : 1;
    }

    /// <summary>False: the word that is none of the options, or lacks its value.</summary>
    private static bool TryParse(string[] args, out bool quick, out string? scenario, out string unknown)
    {
        (quick, scenario, unknown) = (false, null, "");
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick")
                quick = true;
            else if (args[i] == "--scenario" && i + 1 < args.Length)
                scenario = args[++i];
            else
            {
                unknown = args[i];
                return false;
            }
        }

        return true;
    }

    private static void Write(Utf8JsonWriter writer, ScenarioResult result)
    {
        writer.WriteString("scenario", result.Scenario);
        writer.WriteNumber("trials", result.Trials);
        WriteNumber(writer, "median_us", result.MedianUs);
        WriteNumber(writer, "p95_us", result.P95Us);
        WriteNumber(writer, "gross", result.Gross);
        WriteNumber(writer, "gross_accepted", result.GrossAccepted);
        WriteNumber(writer, "accepted", result.Accepted);
        writer.WriteBoolean("pass", result.Pass);
        foreach (var (name, value) in result.Figures)
            WriteNumber(writer, name, value);
    }

    /// <summary>What does not apply, or was not reached, is null.</summary>
    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            writer.WriteNumber(name, Math.Round(number, 3));
        else
            writer.WriteNull(name);
    }

    private static string ToJson(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
