using System.Runtime;
using Gateway.Mqtt;
using Microsoft.Extensions.Hosting;

namespace Gateway.Hosting;

/// <summary>
/// Gives back to the system, once, what the start needed: reading the configuration and announcing a whole house makes tens of megabytes of
/// garbage that the collector would otherwise keep for later (a Raspberry Pi has other uses for them). Not repeated: in service little is allocated.
/// </summary>
internal sealed class MemoryReturn : BackgroundService
{
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MqttConnection _connection;

    public MemoryReturn(MqttConnection connection)
    {
        _connection = connection;
        connection.Announced += OnAnnounced;
    }

    public override void Dispose()
    {
        _connection.Announced -= OnAnnounced;
        base.Dispose();
    }

    /// <summary>However long it takes: a slow machine announces for longer, and a broker may come late.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _announced.Task.WaitAsync(stoppingToken);
        if (GCSettings.LatencyMode == GCLatencyMode.SustainedLowLatency)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false); // something plays: no thread is stopped for it
            return;
        }

        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private void OnAnnounced() => _announced.TrySetResult();
}
