using System.Diagnostics;

namespace Gateway.Benchmarks.FaultCampaign;

/// <summary>A thread that asks every few milliseconds what time it is: how long this machine, or who shares it, gave it no processor.</summary>
internal sealed class StallWitness : IDisposable
{
    private static readonly TimeSpan s_beat = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _stop = new();
    private long _longest;

    public StallWitness() => new Thread(Run) { IsBackground = true, Name = "witness" }.Start();

    /// <summary>Since <see cref="Mark"/>.</summary>
    public TimeSpan LongestStall => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

    public void Mark() => Interlocked.Exchange(ref _longest, 0);

    public void Dispose() => _stop.Cancel();

    private void Run()
    {
        var last = Stopwatch.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            Thread.Sleep(s_beat);
            var now = Stopwatch.GetTimestamp();
            var stall = (Stopwatch.GetElapsedTime(last, now) - s_beat).Ticks;
            if (stall > Interlocked.Read(ref _longest)) Interlocked.Exchange(ref _longest, stall);
            last = now;
        }
    }
}
