using System.Runtime;
using Microsoft.Extensions.Hosting;

namespace Gateway.Hosting;

/// <summary>
/// Gives back to the system, once, what the start needed: reading the configuration and announcing a whole house makes tens of megabytes of
/// garbage that the collector would otherwise keep for later (a Raspberry Pi has other uses for them). Not repeated: in service little is allocated.
/// </summary>
internal sealed class MemoryReturn(TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan s_afterStart = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(s_afterStart, time, stoppingToken);
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
