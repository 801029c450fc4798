using System.Diagnostics;
using System.Globalization;
using Gateway.Benchmarks.FaultCampaign;

namespace Gateway.Benchmarks;

/// <summary>Faults without end on gateways that are used all the while: what they answered must hold, and they must come back by themselves.</summary>
internal static class FaultsBenchmark
{
    private const double BackP99Seconds = 10;
    private const int Full = 1000;
    private const int Quick = 25;
    private static readonly TimeSpan s_quickLimit = TimeSpan.FromMinutes(3);

    public static int Run(string[] args)
    {
        var quick = args.Contains("--quick");
        var faults = args.NumberAfter("--faults", quick ? Quick : Full, int.MaxValue);
        var seed = args.NumberAfter("--seed", 1, int.MaxValue);
        var only = args.TextAfter("--only");
        var limit = quick ? s_quickLimit : TimeSpan.FromMinutes(args.NumberAfter("--minutes", 24 * 60, 24 * 60));
        using var campaign = new Campaign(seed, ownDisk: true, radios: true);
        if (!campaign.HasOwnDisk) Console.WriteLine("without a full and a read-only disk: only root may make a small one");
        var begun = Stopwatch.StartNew();
        var done = 0;
        for (; done < faults && begun.Elapsed < limit; done++)
        {
            var before = campaign.Broken.Count;
            campaign.Step(done, only);
            foreach (var broken in campaign.Broken.Skip(before)) Console.WriteLine(broken);
        }

        foreach (var (kind, seconds) in campaign.ByKind.OrderBy(k => k.Key, StringComparer.Ordinal))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-38} {seconds.Count,4} times, back in {Figures.Median(seconds),5:F1} s (median), {seconds.Max(),5:F1} s (most)"));
        return Conclude(campaign, done, seed, begun.Elapsed);
    }

    private static int Conclude(Campaign campaign, int done, int seed, TimeSpan taken)
    {
        var (book, radios) = (campaign.Book, campaign.RadioBook);
        var (twice, cuts) = (book.AnsweredTwice() + radios.AnsweredTwice(), book.UnannouncedCuts + radios.UnannouncedCuts);
        var back = PercentileOf(campaign.BackSeconds, 0.99);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seed {seed}: {done} faults in {taken.TotalSeconds:F0} s under {book.Commands + radios.Commands} commands; back in {back:F1} s (p99; slowest: {campaign.Slowest}); others disturbed most by {campaign.MostDisturbing}; {campaign.Broken.Count} did not hold"));
        var pass = campaign.Broken.Count == 0 && twice == 0 && campaign.WithoutEnd == 0 && cuts == 0 && back <= BackP99Seconds;
        return Figures.Conclude("faults", pass, new Dictionary<string, double>
        {
            ["faults"] = done, ["commands"] = book.Commands + radios.Commands, ["accepted_lost"] = campaign.Lost, ["answered_twice"] = twice, ["without_end"] = campaign.WithoutEnd,
            ["unannounced_cuts"] = cuts, ["back_p99_s"] = back, ["back_in_a_row_max_s"] = campaign.BackInARowSeconds.DefaultIfEmpty().Max(),
            ["others_disturbed_ms"] = campaign.DisturbedMs.DefaultIfEmpty().Max(), ["others_disturbed_p99_ms"] = PercentileOf(campaign.DisturbedMs, 0.99),
            ["others_disturbed_beyond_machine_ms"] = campaign.DisturbedBeyondMachineMs.DefaultIfEmpty().Max(), ["not_held"] = campaign.Broken.Count,
        });
    }

    private static double PercentileOf(List<double> samples, double share) => samples.Count == 0 ? 0 : Figures.Percentile(samples, share);
}
