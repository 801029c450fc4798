using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Benchmarks.Sync;
using Gateway.Files;

namespace Gateway.Benchmarks;

/// <summary>
/// E1 to E3 of docs/measuring.md, side by side: our engine (on the devices, and through PulseAudio), PulseAudio's combine-sink (as it is, and with adjust_time=1) and Snapcast over
/// PulseAudio play the same signal to the same virtual speakers at the same time.
/// </summary>
internal static class SyncBenchmark
{
    private const int GapFrames = 2400;
    private const double SoundLimitSeconds = 30;
    private const double SelfTestLimitMs = 0.02;
    private static int s_abandoned;

    public static int Run(string[] args)
    {
        var (seconds, watch) = args.Contains("--quick") ? (60.0, 30.0) : (300.0, 60.0);
        var only = args.TextAfter("--only")?.Split(',');
        var players = Player.All.Where(p => only is null || only.Contains(p.Id)).ToList();
        if (players.Count == 0) throw new BenchmarkException($"--only takes names, with commas between them: {string.Join(", ", Player.All.Select(p => p.Id))}.");

        using var folder = new WorkDirectory(Path.GetTempPath());
        var runs = new List<SyncRun>();
        // Before the finally below, for signals end the process at once. The programs started die with us by themselves.
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Abandon(folder));
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Abandon(folder));
        try
        {
            var (equal, unlike) = SelfTest.Run(folder.Path);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"self-test: three equal speakers on one stream read {equal:0.0000} ms apart, speakers of 0, +100, -100 ppm on streams made for them {unlike:0.0000} ms (limit {SelfTestLimitMs})"));
            if (Math.Max(equal, unlike) > SelfTestLimitMs) throw new BenchmarkException("the measuring itself is off by more than it may be: was the machine busy with real-time work?");
            var music = WriteMusic(folder.Path, seconds + (3 * watch) + SoundLimitSeconds);
            foreach (var player in players) runs.Add(new SyncRun(player, Path.Combine(folder.Path, player.Id), music, seconds + (3 * watch) + SoundLimitSeconds));
            var outcome = Measure(runs, seconds, watch);
            Draw(args.TextAfter("--plot") ?? Path.Combine(RepositoryFiles.Root, "artifacts", "sync.svg"), outcome);
            return Conclude(outcome, seconds, equal, unlike);
        }
        finally
        {
            runs.ForEach(r => r.Dispose());
        }
    }

    private sealed record Outcome(SyncRun Run, SyncFigures Figures, Faults Faults);

    private static List<Outcome> Measure(List<SyncRun> runs, double seconds, double watch)
    {
        WaitForSound(runs);
        var begins = runs.Select(r => r.FirstSound!.Value).ToList();
        var cpu = runs.Select(r => r.CpuSeconds).ToList();
        var since = SyncRun.Now;
        SleepUntil(runs, begins.Max() + ((seconds + 2) * 1e9));

        cpu = [.. runs.Select((r, i) => (r.CpuSeconds - cpu[i]) / ((SyncRun.Now - since) / 1e9))];
        var late = runs.Select(r => r.Missing).ToList();
        var silenced = SyncRun.Now;
        runs.ForEach(r => r.Speakers[SyncRun.Starved].PlaySilence(GapFrames));
        SleepUntil(runs, silenced + (watch * 1e9));
        var silenceEnds = runs.Select(r => r.Speakers[SyncRun.Starved].GapEnd!.Value).ToList();

        var starved = SyncRun.Now;
        var own = runs.Find(r => r.Player.Id == Player.Own);
        own?.Starve(GapFrames);
        SleepUntil(runs, starved + (watch / 2 * 1e9));

        runs.ForEach(r => r.Freeze());
        Thread.Sleep(2000);
        runs.ForEach(r => r.Thaw());
        var thawed = SyncRun.Now;
        SleepUntil(runs, thawed + (watch * 1e9));
        foreach (var run in runs)
        {
            var said = run.End();
            if (run.Player.IsOurs) Console.WriteLine($"{run.Player.Title}, the engine's own telemetry at the end: {said}");
        }

        return [.. runs.Select((r, i) =>
        {
            var faults = new Faults(silenced, silenceEnds[i], r == own ? starved : double.NaN, r == own ? r.Speakers[SyncRun.Starved].GapEnd!.Value : double.NaN, thawed, thawed + (watch * 1e9));
            var figures = SyncFigures.Of(r, begins[i], faults, late[i], cpu[i]);
            Console.WriteLine(figures.ToText(r.Player.Title));
            return new Outcome(r, figures, faults);
        })];
    }

    private static void WaitForSound(List<SyncRun> runs)
    {
        var limit = SyncRun.Now + (SoundLimitSeconds * 1e9);
        while (runs.Find(r => r.FirstSound is null) is { } silent)
        {
            silent.Check();
            if (SyncRun.Now > limit) throw new BenchmarkException($"{silent.Player.Title}: not every speaker sounded within {SoundLimitSeconds:0} s. It said:\n{silent.Said()}");
            Thread.Sleep(20);
        }
    }

    private static void SleepUntil(List<SyncRun> runs, double nanoseconds)
    {
        while (SyncRun.Now < nanoseconds)
        {
            runs.ForEach(r => r.Check());
            Thread.Sleep(200);
        }
    }

    /// <summary>The signal as 16 bit stereo at 48 kHz, for the systems that read files.</summary>
    private static string WriteMusic(string folder, double seconds)
    {
        var path = Path.Combine(folder, "music.raw");
        using var file = File.Create(path);
        var block = new short[2 * 4800];
        for (long position = 0; position < seconds * 48_000; position += block.Length / 2)
        {
            for (var i = 0; i < block.Length / 2; i++) block[2 * i] = block[(2 * i) + 1] = (short)MathF.Round(32_767 * TestSignalInput.At(position + i));
            file.Write(MemoryMarshal.AsBytes(block.AsSpan()));
        }

        return path;
    }

    private static void Draw(string path, List<Outcome> outcome)
    {
        var faults = outcome[0].Faults;
        var marks = new List<(double, string)> { (faults.Silenced, "one speaker silent 50 ms"), (faults.Thawed - 2e9, "all stopped 2 s") };
        if (!double.IsNaN(faults.StarveBegin)) marks.Insert(1, (faults.StarveBegin, "Tutti fed nothing"));
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, OffsetPlot.Draw([.. outcome.Select(o => (o.Run.Player.Title, o.Figures.Curve))], marks));
        Console.WriteLine($"plot: {path}");
    }

    private static int Conclude(List<Outcome> outcome, double seconds, double equalMs, double unlikeMs)
    {
        var own = outcome.Find(o => o.Run.Player.Id == Player.Own)?.Figures;
        var figures = new Dictionary<string, double> { ["seconds"] = seconds, ["self_test_ms"] = equalMs, ["self_test_clocks_ms"] = unlikeMs };
        foreach (var (run, f, _) in outcome)
        {
            Add("pair_median_ms", f.Whole.MedianMs, null);
            Add("pair_p95_ms", f.Whole.P95Ms, null);
            Add("pair_max_ms", f.Whole.MaxMs, null);
            Add("settled_median_ms", f.Settled.MedianMs, own?.Settled.MedianMs);
            Add("settled_p95_ms", f.Settled.P95Ms, own?.Settled.P95Ms);
            Add("settled_max_ms", f.Settled.MaxMs, own?.Settled.MaxMs);
            Add("first_below_1ms_s", f.Start.First, null);
            Add("below_1ms_s", f.Start.ForGood, null);
            Add("silenced_first_below_2ms_s", f.Silenced.First, null);
            Add("silenced_below_2ms_s", f.Silenced.ForGood, null);
            Add("silenced_others_moved_ms", f.OthersMovedMs, null);
            Add("starved_below_2ms_s", f.Starved?.ForGood ?? double.NaN, null);
            Add("starved_others_moved_ms", f.StarvedOthersMovedMs, null);
            Add("stopped_first_below_2ms_s", f.Frozen.First, null);
            Add("stopped_below_2ms_s", f.Frozen.ForGood, null);
            Add("late_frames", f.LateFrames, null);
            Add("cores", f.Cores, null);

            // A time that did not come (and an offset too fast to measure) is left out, not made up.
            void Add(string name, double value, double? ours)
            {
                if (!double.IsFinite(value)) return;
                figures[$"{run.Player.Id}_{name}"] = value;
                if (ours is > 0 && run.Player.Id != Player.Own) figures[$"{run.Player.Id}_{name.Replace("_ms", "_ratio", StringComparison.Ordinal)}"] = value / ours.Value;
            }
        }

        var overPulse = outcome.Find(o => o.Run.Player.Id == Player.OwnOverPulse)?.Figures.Whole.P95Ms;
        return Figures.Conclude("sync", own is not { Passes: false } && !(overPulse > 0.5), figures);
    }

    private static void Abandon(WorkDirectory folder)
    {
        if (Interlocked.Exchange(ref s_abandoned, 1) == 1) return;
        Console.Error.WriteLine("bench sync: stopped.");
        try
        {
            folder.Dispose();
        }
        catch (IOException)
        {
            // Somebody still wrote into it; the temporary folder is emptied by the system.
        }

        Environment.Exit(130);
    }
}
