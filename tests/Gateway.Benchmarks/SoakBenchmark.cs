using System.Globalization;
using System.Text.Json;

namespace Gateway.Benchmarks;

/// <summary>
/// The demo for half an hour, with a group that plays and a calibration a minute: what the process holds (memory, open files, threads) at the beginning and at the end.
/// The first five minutes are left out: they load and compile what there is.
/// </summary>
internal static class SoakBenchmark
{
    private const double MostGrowthMb = 20;
    private const int MostGrowth = 4;
    private const int Settling = 5;
    private const string Group = "tutti/group/party";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);

    public static int Run(string[] args)
    {
        var minutes = args.NumberAfter("--minutes", args.Contains("--quick") ? Settling + 5 : 30, 24 * 60);
        var build = args.Contains("--aot") ? Build.Aot() : Build.Portable;
        var port = LoopbackPort.Free();
        using var demo = new ChildProcess(build.CommandLine[0], [.. build.CommandLine.Skip(1), "demo", "--no-story", "--port", port.ToString(CultureInfo.InvariantCulture)]);
        using var client = Connect(port, demo);
        var calibrated = 0;
        client.Received = (_, payload, _) => calibrated += IsCalibrated(payload) ? 1 : 0;
        client.PublishAsync($"{Group}/active/set", "ON").GetAwaiter().GetResult();
        List<ProcessFacts[]> byMinute = [];
        for (var minute = 0; minute < minutes; minute++)
        {
            if (minute > 0) client.PublishAsync($"{Group}/calibrate/set", "PRESS").GetAwaiter().GetResult();
            byMinute.Add(Watch(demo));
            var last = byMinute[^1];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"minute {minute + 1,2}: {last[^1].ResidentBytes / 1e6:F0} MB (most {last.Max(f => f.ResidentBytes) / 1e6:F0}), {last[^1].OpenFiles} files, {last[^1].Threads} threads, {calibrated} calibrations done"));
        }

        demo.End(s_goodbye);
        return Conclude(byMinute, calibrated);
    }

    private static int Conclude(List<ProcessFacts[]> byMinute, int calibrated)
    {
        var settled = byMinute.Skip(Settling).ToList();
        if (settled.Count < 2) throw new BenchmarkException($"--minutes has to be {Settling + 2} at least: the first {Settling} do not count.");
        // What a minute leaves behind, not what its calibration holds meanwhile.
        double[] least = [.. settled.Select(m => m.Min(f => f.ResidentBytes) / 1e6)];
        var share = Math.Max(1, settled.Count / 3);
        var (beginMb, endMb) = (Figures.Median(least[..share]), Figures.Median(least[^share..]));
        var (beginFiles, endFiles) = (settled[0].Min(f => f.OpenFiles), settled[^1].Min(f => f.OpenFiles));
        var (beginThreads, endThreads) = (settled[0].Min(f => f.Threads), settled[^1].Min(f => f.Threads));
        var pass = calibrated >= byMinute.Count - 2 && endMb - beginMb < MostGrowthMb && endFiles - beginFiles <= MostGrowth && endThreads - beginThreads <= MostGrowth;
        return Figures.Conclude("soak", pass, new Dictionary<string, double>
        {
            ["minutes"] = byMinute.Count, ["calibrations"] = calibrated, ["begin_mb"] = beginMb, ["end_mb"] = endMb, ["most_mb"] = byMinute.Max(m => m.Max(f => f.ResidentBytes)) / 1e6,
            ["begin_files"] = beginFiles, ["end_files"] = endFiles, ["begin_threads"] = beginThreads, ["end_threads"] = endThreads,
        });
    }

    private static ProcessFacts[] Watch(ChildProcess demo)
    {
        List<ProcessFacts> seen = [];
        for (var left = TimeSpan.FromMinutes(1); left > TimeSpan.Zero; left -= s_look)
        {
            Thread.Sleep(s_look);
            seen.Add(ProcessFacts.Of(demo.Id) ?? throw new BenchmarkException($"the demo ended by itself:\n{demo.Said}"));
        }

        return [.. seen];
    }

    private static Listener Connect(int port, ChildProcess demo)
    {
        using (var announced = Until(() => LoopbackPort.Answers(port) ? new Arrivals(port, Group + "/state") : null, demo)) announced.WaitFor(1, s_startLimit, () => demo.HasExited ? demo.Said : null);
        return Listener.ConnectAsync(port, "tutti/response").GetAwaiter().GetResult();
    }

    private static T Until<T>(Func<T?> find, ChildProcess demo) where T : class
    {
        for (var left = s_startLimit; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(100))
        {
            if (find() is { } found) return found;
            if (demo.HasExited) break;
            Thread.Sleep(100);
        }

        throw new BenchmarkException($"the demo does not answer:\n{demo.Said}");
    }

    private static bool IsCalibrated(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var (command, result) = (document.RootElement.GetProperty("command").GetString(), document.RootElement.GetProperty("result").GetString());
        if (command == "calibrate" && result is not ("accepted" or "done")) Console.WriteLine($"calibrate: {result}: {document.RootElement.GetProperty("reason").GetString()}");
        return command == "calibrate" && result == "done";
    }
}
