using System.Globalization;
using Gateway.Benchmarks.FaultCampaign;

namespace Gateway.Benchmarks;

/// <summary>Faults without end on a gateway that is used all the while: what it answered must hold, and it must come back by itself.</summary>
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
        using var campaign = new Campaign(seed, ownDisk: true);
        if (!campaign.HasOwnDisk) Console.WriteLine("without the full disk: only root may make a small one");
        var begun = System.Diagnostics.Stopwatch.StartNew();
        var done = 0;
        for (; done < faults && !(quick && begun.Elapsed > s_quickLimit); done++)
        {
            var before = campaign.Broken.Count;
            campaign.Step(done, only);
            foreach (var broken in campaign.Broken.Skip(before)) Console.WriteLine(broken);
        }

        var twice = campaign.Book.AnsweredTwice();
        var back = campaign.BackSeconds.Count == 0 ? 0 : Figures.Percentile(campaign.BackSeconds, 0.99);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {done} faults in {begun.Elapsed.TotalSeconds:F0} s under {campaign.Book.Commands} commands; back in {back:F1} s (p99; slowest: {campaign.Slowest}), {campaign.Broken.Count} did not hold"));
        var pass = campaign.Broken.Count == 0 && twice == 0 && campaign.WithoutEnd == 0 && campaign.Book.UnannouncedCuts == 0 && back <= BackP99Seconds;
        return Figures.Conclude("faults", pass, new Dictionary<string, double>
        {
            ["faults"] = done, ["commands"] = campaign.Book.Commands, ["accepted_lost"] = campaign.Lost, ["answered_twice"] = twice, ["without_end"] = campaign.WithoutEnd,
            ["unannounced_cuts"] = campaign.Book.UnannouncedCuts, ["back_p99_s"] = back, ["back_in_a_row_max_s"] = campaign.BackInARowSeconds.DefaultIfEmpty().Max(), ["not_held"] = campaign.Broken.Count,
        });
    }
}
