using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.Fuzzing;

namespace Gateway.Benchmarks;

/// <summary>
/// Hostile bytes for everything that reads what somebody else wrote, led by the branches that they reach (SharpFuzz's instrumentation of a copy of the program).
/// Each surface runs in a process of its own, whose end or silence is a fault of the input that it was at. The branches are numbered at random in each copy, so a
/// seed repeats a run only roughly: what is found is kept. Native code (libsbc, SQLite) is run, but its branches are not seen.
/// </summary>
internal static class FuzzBenchmark
{
    private const int Full = 1_000_000;
    private const int Quick = 20_000;
    private const int MostEnds = 20;
    private static readonly TimeSpan s_hung = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(0.5);

    public static int Run(string[] args)
    {
        var inputs = args.NumberAfter("--inputs", args.Contains("--quick") ? Quick : Full, int.MaxValue);
        var seed = args.NumberAfter("--seed", 1, int.MaxValue);
        var only = args.TextAfter("--surface");
        if (only is not null && !Surface.Names.Contains(only)) throw new BenchmarkException($"there is no surface {only}. There are: {string.Join(", ", Surface.Names)}.");
        using var work = new WorkDirectory(Directory.CreateDirectory(Path.Combine(RepositoryFiles.Root, "artifacts", "fuzz")).FullName);
        // A file and a commit for each input: a disk would be most of the time.
        using var memory = WorkDirectory.InMemory();
        var program = InstrumentedCopy.Make(Path.Combine(work.Path, "program"));
        var found = Path.Combine(RepositoryFiles.Root, "artifacts", "fuzz", "found");
        var total = new Totals();
        foreach (var surface in Surface.Names.Where(s => only is null || s == only)) total.Add(One(surface, inputs, seed, program, memory.Path, found));
        return Figures.Conclude("fuzz", total is { Crashes: 0, Slow: 0 }, new Dictionary<string, double>
        {
            ["surfaces"] = total.Surfaces, ["inputs"] = total.Inputs, ["branches"] = total.Branches, ["crashes"] = total.Crashes, ["slow"] = total.Slow, ["slowest_ms"] = total.SlowestMs,
        });
    }

    private static Totals One(string surface, int inputs, int seed, string program, string work, string found)
    {
        var here = Directory.CreateDirectory(Path.Combine(work, surface)).FullName;
        using var current = new CurrentInput(Path.Combine(here, "current"));
        var since = Stopwatch.StartNew();
        var total = new Totals { Surfaces = 1 };
        for (var ends = 0; total.Inputs < inputs && ends < MostEnds; ends++)
        {
            current.Set(0, []);
            string[] words = [program, SurfaceRun.Name, surface, Text(inputs - total.Inputs), Text(seed + ends), here, found];
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, words) { RedirectStandardOutput = true })!;
            var figures = Task.Run(() => Follow(process.StandardOutput));
            var hung = !Ends(process, current);
            total.Inputs += current.Number;
            if (figures.Result is [var branches, _, var crashes, var slow, var slowest])
            {
                total.Add(new Totals { Branches = Math.Max(0, branches - total.Branches), Crashes = crashes, Slow = slow, SlowestMs = slowest });
                continue;
            }

            total.Inputs++;
            total.Add(new Totals { Crashes = 1 });
            SurfaceRun.Found(found, surface, current.Bytes, hung ? $"no answer within {s_hung.TotalSeconds:F0} s" : $"the process ended with {process.ExitCode}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $$"""{"surface":"{{surface}}","inputs":{{total.Inputs}},"branches":{{total.Branches}},"crashes":{{total.Crashes}},"slow":{{total.Slow}},"slowest_ms":{{total.SlowestMs:F1}},"inputs_per_s":{{total.Inputs / since.Elapsed.TotalSeconds:F0}}}"""));
        return total;
    }

    /// <summary>What it finds is printed as it comes; its last line are the figures, empty where it had none.</summary>
    private static double[] Follow(StreamReader output)
    {
        double[] figures = [];
        while (output.ReadLine() is { } line)
        {
            if (line.StartsWith("figures ", StringComparison.Ordinal)) figures = [.. line.Split(' ')[1..].Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
            else Console.WriteLine(line);
        }

        return figures;
    }

    /// <summary>False: it stayed at one input, and was ended. Counts its looks and not the clock: both may be suspended.</summary>
    private static bool Ends(Process process, CurrentInput current)
    {
        var (number, looks) = (-1L, 0);
        while (!process.WaitForExit(s_look))
        {
            (number, looks) = (current.Number, current.Number == number ? looks + 1 : 0);
            if (looks < s_hung / s_look) continue;
            process.Kill();
            process.WaitForExit();
            return false;
        }

        return true;
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed class Totals
    {
        public int Surfaces { get; set; }
        public double Inputs { get; set; }
        public double Branches { get; set; }
        public double Crashes { get; set; }
        public double Slow { get; set; }
        public double SlowestMs { get; set; }

        public void Add(Totals more)
        {
            (Surfaces, Inputs, Branches) = (Surfaces + more.Surfaces, Inputs + more.Inputs, Branches + more.Branches);
            (Crashes, Slow, SlowestMs) = (Crashes + more.Crashes, Slow + more.Slow, Math.Max(SlowestMs, more.SlowestMs));
        }
    }
}
