using System.Diagnostics;
using System.Text.Json;

namespace Gateway.Benchmarks.Bluetooth;

/// <summary>Runs a scenario in the lab: this same program inside, its figures back through the shared folder.</summary>
public static class LabBench
{
    /// <summary>The scenario that runs the program itself.</summary>
    public const string Product = "product";

    /// <summary>The same with an Echo as the source.</summary>
    public const string Echo = "echo";

    /// <summary>The same where PulseAudio has Bluetooth's sound, as on Home Assistant OS, for an ordinary user.</summary>
    public const string Server = "server";

    /// <summary>The scenario that runs without CAP_NET_RAW, as for an ordinary user: the controller is not listened to, and its buffers are anybody's.</summary>
    public const string Deaf = "deaf";

    /// <summary>The figure that says whether no speaker lost its link or its sound but the one that was switched off: what a busy machine must not change.</summary>
    public const string NobodySilenced = "nobody_silenced";

    /// <summary>
    /// The figure that says whether a scenario went as it must on any machine: order, content, and times that the kernel stamped less what the machine stood
    /// still. What is missing there and stands in <c>pass</c> is milliseconds, which a busy machine takes; where a scenario has none, <c>pass</c> is all.
    /// </summary>
    public const string Holds = "holds";

    private const string Result = "result.json";
    private const int RunsAtMost = 3;
    private const int Verdicts = 2;

    /// <summary><c>tests/btlab</c> of the checkout that this program was built in.</summary>
    public static string LabFolder
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var lab = Path.Combine(folder.FullName, "tests", "btlab");
                if (File.Exists(Path.Combine(lab, "run"))) return lab;
            }

            throw new BenchmarkException($"the lab (tests/btlab/run) is not above {AppContext.BaseDirectory}.");
        }
    }

    /// <summary>
    /// Boots the lab, runs a scenario in it, and returns its figures. A failed run is made anew and the second verdict stands: the emulated machine
    /// shares its one processor with whatever else its host does, and what the product does wrong it does twice. A run in which the machine itself
    /// stood still is no verdict at all, and is repeated up to three times. Throws <see cref="BenchmarkException"/> where there are no figures.
    /// </summary>
    /// <param name="airKbps">The shared bandwidth of all links; 0: no limit.</param>
    /// <param name="verdict">The figure that decides.</param>
    public static JsonElement Run(string scenario, int speakers, int seconds, int airKbps = 0, bool compare = false, string verdict = "pass")
    {
        var failures = 0;
        for (var run = 1; ; run++)
        {
            var figures = RunOnce(scenario, speakers, seconds, airKbps, compare);
            if (Passed(figures, verdict)) return figures;
            var steady = figures.GetProperty(MachineMeter.Steady).GetBoolean();
            if (run == RunsAtMost || (steady && ++failures == Verdicts)) return figures;
            Console.Error.WriteLine($"{(steady ? $"{scenario} failed" : $"The machine stood still while {scenario} ran")}; once more: {figures}");
        }
    }

    public static bool Passed(JsonElement figures, string verdict) => (figures.TryGetProperty(verdict, out var found) ? found : figures.GetProperty("pass")).GetBoolean();

    /// <summary>One run, whatever it gives.</summary>
    public static JsonElement RunOnce(string scenario, int speakers, int seconds, int airKbps = 0, bool compare = false)
    {
        // In memory where there is room: the guest waits for each write to its host, and a busy disk would stop its clock.
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"tutti-btlab-{Guid.NewGuid():N}"));
        try
        {
            var program = Path.Combine(AppContext.BaseDirectory, "tutti-bench.dll");
            var limit = (seconds * (compare || scenario == Echo ? 2 : 1)) + 1_200; // ends a hang, and judges nothing
            if (scenario is Product or Echo or Server) BuildProgram();
            List<string> arguments =
            [
                "-n", $"{speakers}", "-t", $"{limit}", "-o", folder.FullName, "--air", $"{airKbps}",
                .. scenario == Echo ? ["--adapters", "2", "--echo"] : Array.Empty<string>(),
                .. scenario == Server ? ["--pulseaudio"] : Array.Empty<string>(),
                "--", .. scenario == Deaf ? ["setpriv", "--bounding-set", "-net_raw"] : Array.Empty<string>(),
                Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", program,
                "bluetooth", "--inside", scenario, $"{speakers}", $"{seconds}",
            ];
            if (compare) arguments.Add("--compare");
            var start = new ProcessStartInfo(Path.Combine(LabFolder, "run"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            // Inside there is one processor and no terminal: nothing that spreads work or talks to a server of the host.
            start.Environment["DOTNET_TieredPGO"] = "0";
            start.Environment["DOTNET_gcServer"] = "0";
            // Each change of a memory map costs the emulated machine a hundred times what it costs a real one: compiled code is not mapped twice.
            start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
            start.Environment.Remove("VSTEST_HOST_DEBUG");
            using var lab = Process.Start(start)!;
            var errors = lab.StandardError.ReadToEndAsync();
            var lines = lab.StandardOutput.ReadToEnd();
            lab.WaitForExit();
            var result = Path.Combine(folder.FullName, Result);
            if (!File.Exists(result)) throw new BenchmarkException($"the lab ended with {lab.ExitCode} and without figures.\n{lines}\n{errors.Result}");
            using var document = JsonDocument.Parse(File.ReadAllText(result));
            return document.RootElement.Clone();
        }
        finally
        {
            if (Environment.GetEnvironmentVariable("BTLAB_KEEP") is null) folder.Delete(recursive: true);
            else Console.Error.WriteLine($"The lab's files are in {folder.FullName}.");
        }
    }

    /// <summary>Inside nothing can be built: <c>./tutti</c> does it here, as it does for anyone.</summary>
    private static void BuildProgram()
    {
        using var build = Process.Start(new ProcessStartInfo(Path.Combine(RepositoryFiles.Root, "tutti"), ["version"]) { RedirectStandardOutput = true })!;
        var said = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0) throw new BenchmarkException($"./tutti could not be built: {said}");
    }

    /// <summary>The inside of <see cref="Run"/>.</summary>
    internal static int Inside(string scenario, int speakers, int seconds, bool compare)
    {
        var figures = new Dictionary<string, object>();
        using var machine = new MachineMeter();
        try
        {
            var run = scenario switch
            {
                Product => new ProductScenario(seconds, machine).RunAsync(),
                Server => new ServerScenario(seconds, machine, figures).RunAsync(),
                Echo => new EchoScenario(speakers, seconds, machine, figures).RunAsync(),
                _ => new LabScenarios(speakers, seconds, machine).RunAsync(scenario),
            };
            foreach (var (name, value) in run.GetAwaiter().GetResult().ToList()) figures[name] = value;
            if (compare) Compare(figures, speakers);
        }
        catch (Exception error)
        {
            figures["pass"] = figures[Holds] = false;
            figures["error"] = error.ToString();
        }

        machine.AddTo(figures);
        using var file = File.Create(Path.Combine(LabHouse.Out, Result));
        using var writer = new Utf8JsonWriter(file);
        Write(writer, figures);
        return figures["pass"] is true ? 0 : 1;
    }

    // The lab's own source on the same machine in the same run: what the same work costs elsewhere.
    private static void Compare(Dictionary<string, object> figures, int speakers)
    {
        const int Seconds = 20;
        var script = Path.Combine(LabFolder, "source-check.py");
        var start = new ProcessStartInfo("bash", ["-c", $"TIMEFORMAT='cpu %U %S'; time /usr/bin/python3 '{script}' --speakers {speakers} --seconds {Seconds}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp",
        };
        using var source = Process.Start(start)!;
        var errors = source.StandardError.ReadToEndAsync();
        var lines = source.StandardOutput.ReadToEnd();
        source.WaitForExit();
        var cpu = errors.Result.Split('\n').LastOrDefault(l => l.StartsWith("cpu ", StringComparison.Ordinal))?.Split(' ');
        if (cpu is not { Length: 3 }) return;
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        figures["lab_source_cpu_percent_per_speaker"] = Math.Round(100 * (double.Parse(cpu[1], culture) + double.Parse(cpu[2], culture)) / Seconds / speakers, 2);
        File.WriteAllText(Path.Combine(LabHouse.Out, "source-check.log"), lines + errors.Result);
        var late = lines.Split('\n').Where(l => l.Contains("worst_late_ms", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l[l.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("worst_late_ms").GetDouble());
        figures["lab_source_worst_late_ms"] = late.DefaultIfEmpty(double.NaN).Max();
    }

    private static void Write(Utf8JsonWriter writer, Dictionary<string, object> figures)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in figures)
        {
            switch (value)
            {
                case bool flag: writer.WriteBoolean(name, flag); break;
                case int number: writer.WriteNumber(name, number); break;
                case long number: writer.WriteNumber(name, number); break;
                case double number when double.IsFinite(number): writer.WriteNumber(name, number); break;
                case double: writer.WriteNull(name); break;
                default: writer.WriteString(name, value.ToString()); break;
            }
        }

        writer.WriteEndObject();
    }
}
