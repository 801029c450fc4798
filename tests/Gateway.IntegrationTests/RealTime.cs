using System.Diagnostics;
using Gateway.Bluetooth.A2dp;

namespace Gateway.IntegrationTests;

/// <summary>Tests that play sound in real time: they run by themselves, not beside compilers.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealTime
{
    public const string Name = "real time";
    private const int RunsAtMost = 3;

    /// <summary>Of all time; the rest is beats that came more than 30 ms late.</summary>
    private const double Steady = 0.98;

    /// <summary>
    /// Runs a story that needs the processor in time. One that failed while the machine stood still is no verdict, and is told anew, three times in all.
    /// A failure names the story and says how steadily the machine went.
    /// </summary>
    public static async Task RunAsync(string story, Func<Task> tell)
    {
        for (var run = 1; ; run++)
        {
            var heart = new Heartbeat();
            heart.Listen();
            var (began, before) = (Stopwatch.GetTimestamp(), heart.SteadyNanoseconds);
            try
            {
                await tell();
                return;
            }
            catch (Exception error)
            {
                var steady = (heart.SteadyNanoseconds - before) / Stopwatch.GetElapsedTime(began).TotalNanoseconds;
                if (steady >= Steady || run == RunsAtMost)
                    Assert.Fail($"{story}, run {run}, machine in time for {100 * steady:0.0} %: {error.Message}\n{error}");
            }
            finally
            {
                heart.Leave();
            }
        }
    }
}
