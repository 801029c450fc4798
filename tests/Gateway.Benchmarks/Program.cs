using Gateway.Benchmarks;
using Gateway.Benchmarks.Sync;

// Each benchmark prints its figures, and as its last line {"bench", "pass", …}; it returns 0 only when the promise is kept.
var benchmarks = new Dictionary<string, (Func<string[], int> Run, string What)>
{
    ["bluetooth"] = (BluetoothBenchmark.Run, "a real bluetoothd with virtual speakers: gaps, lateness, skew, CPU, beside the lab's own source"),
    ["mqtt"] = (MqttBenchmark.Run, "command to state over a broker: p50 and p99, data on tmpfs and on disk"),
    ["start"] = (StartBenchmark.Run, "start to 100 devices announced, and idle memory: Native AOT and portable"),
    ["planner"] = (PlannerBenchmark.Run, "one plan over a large house: time and allocations"),
    ["alignment"] = (AlignmentBenchmark.Run, "the alignment core's scenarios and speed"),
    ["sync"] = (SyncBenchmark.Run, "three speakers of unlike clocks and buffers: offsets between them and faults (E1-E3), beside PulseAudio's combine-sink and Snapcast; --only NAMES, --plot FILE"),
};

if (args is [PublishBaseline.Name, var port])
{
    return PublishBaseline.Run(port);
}

if (args is [OwnPlayer.Name, .. var words])
{
    return OwnPlayer.Run(words);
}

if (args is [var name, ..] && benchmarks.TryGetValue(name, out var benchmark))
{
    try
    {
        return benchmark.Run(args[1..]);
    }
    catch (BenchmarkException e)
    {
        Console.Error.WriteLine($"bench {name}: {e.Message}");
        return 1;
    }
}

var list = args is [] or ["--help"] or ["-h"] ? Console.Out : Console.Error;
if (list == Console.Error)
{
    list.WriteLine($"bench: there is no benchmark {args[0]}.");
}

list.WriteLine("Usage: ./bench NAME [--quick]");
foreach (var (known, (_, what)) in benchmarks)
{
    list.WriteLine($"  {known,-10} {what}");
}

return list == Console.Out ? 0 : 2;
