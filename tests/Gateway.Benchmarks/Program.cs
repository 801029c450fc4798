using Gateway.Benchmarks;
using Gateway.Benchmarks.FaultCampaign;
using Gateway.Benchmarks.Fuzzing;
using Gateway.Benchmarks.Sync;

// Each benchmark prints its figures, and as its last line {"bench", "pass", …}; it returns 0 only when the promise is kept.
var benchmarks = new Dictionary<string, (Func<string[], int> Run, string Options, string What)>
{
    ["bluetooth"] = (BluetoothBenchmark.Run, "--quick --seconds N --scenario NAME --repeat N --burners K", "a real bluetoothd with virtual speakers: gaps, lateness, skew, CPU, beside the lab's own source"),
    ["mqtt"] = (MqttBenchmark.Run, "--quick", "command to state over a broker: p50 and p99, data on tmpfs and on disk"),
    ["start"] = (StartBenchmark.Run, "--quick", "start to 100 devices announced, and idle memory: Native AOT and portable"),
    ["planner"] = (PlannerBenchmark.Run, "--quick", "one plan over a large house: time and allocations"),
    ["faults"] = (FaultsBenchmark.Run, "--quick --seed N --faults N --only NAME --minutes N", "faults of broker, wire, process, disk, clock and bluetoothd on gateways in use: nothing answered is lost, it comes back, others play on"),
    ["fuzz"] = (FuzzBenchmark.Run, "--quick --surface NAME --inputs N --seed N", "hostile bytes for every parser, led by the branches that they reach: crashes and slow answers"),
    ["soak"] = (SoakBenchmark.Run, "--quick --minutes N --aot", "the demo with a calibration a minute, for 30 minutes: what memory, open files and threads grow by"),
    ["alignment"] = (AlignmentBenchmark.Run, "--quick --scenario NAME", "the alignment core's scenarios and speed"),
    ["sync"] = (SyncBenchmark.Run, "--quick --only NAMES --plot FILE", "three speakers of unlike clocks and buffers: offsets between them and faults (E1-E3), beside PulseAudio's combine-sink and Snapcast"),
};

if (args is [PublishBaseline.Name, var port])
{
    return PublishBaseline.Run(port);
}

if (args is [SimulatedGateway.Name, .. var where])
{
    return SimulatedGateway.Run(where);
}

if (args is [SurfaceRun.Name, .. var surface])
{
    return SurfaceRun.Run(surface);
}

if (args is [OwnPlayer.Name, .. var words])
{
    return OwnPlayer.Run(words);
}

if (args is [var name, ..] && benchmarks.TryGetValue(name, out var benchmark))
{
    if (FirstUnknown(args[1..], benchmark.Options) is { } unknown)
    {
        Console.Error.WriteLine($"bench {name}: {unknown} is no option, or has no value. Usage: ./bench {name} {Usage(benchmark.Options)}");
        return 2;
    }

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

list.WriteLine("Usage: ./bench NAME [OPTIONS]");
foreach (var (known, (_, options, what)) in benchmarks)
{
    list.WriteLine($"  {known,-10} {Usage(options)}\n             {what}");
}

return list == Console.Out ? 0 : 2;

// "--quick --only NAMES" as "[--quick] [--only NAMES]".
static string Usage(string options) => string.Join(' ', options.Split(" --").Select((option, i) => $"[{(i == 0 ? "" : "--")}{option}]"));

// An option is followed by a value where a word without dashes follows it in the list. What only the program itself passes is let through.
static string? FirstUnknown(string[] words, string options)
{
    if (words is ["--inside", ..]) return null;
    var known = options.Split(" --").Select(option => option.TrimStart('-').Split(' ')).ToDictionary(option => "--" + option[0], option => option.Length > 1);
    for (var i = 0; i < words.Length; i++)
    {
        if (!known.TryGetValue(words[i], out var hasValue)) return words[i];
        if (hasValue && (++i == words.Length || words[i].StartsWith("--", StringComparison.Ordinal))) return words[i - 1];
    }

    return null;
}
