using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Benchmarks;

/// <summary>
/// From a command's publication to the arrival of the state that shows it (a speaker's trim: stored, committed, shown; the speaker is
/// away, so no device's own time is in it), one after the other. The same client's messages to itself over the same broker are the
/// baseline: a command and its state cross the broker twice, so two of them are what the broker alone takes.
/// </summary>
internal static class MqttBenchmark
{
    private const double BeyondBrokerP99Ms = 5;
    private const string EchoTopic = "bench/echo";
    private const string CommandTopic = $"tutti/speaker/{HundredDevices.FirstSpeaker}/trim_ms/set";
    private const string StateTopic = $"tutti/speaker/{HundredDevices.FirstSpeaker}/state";
    private const int WarmUp = 100;
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);

    public static int Run(string[] args)
    {
        var commands = args.Contains("--quick") ? 300 : 2000;
        var figures = new Dictionary<string, double> { ["commands"] = commands };
        // The system's temporary directory may be a tmpfs; the build folder is on the disk that holds the repository.
        var disk = Path.Combine(RepositoryFiles.Root, "artifacts");
        foreach (var build in new[] { Build.Aot(), Build.Portable })
        foreach (var (where, parent) in new[] { ("tmpfs", "/dev/shm"), ("disk", disk) })
        {
            Measure(build, where, parent, commands, figures);
        }

        var pass = figures["aot_tmpfs_beyond_p99_ms"] < BeyondBrokerP99Ms && figures["portable_tmpfs_beyond_p99_ms"] < BeyondBrokerP99Ms;
        return Figures.Conclude("mqtt", pass, figures);
    }

    private static void Measure(Build build, string where, string parent, int commands, Dictionary<string, double> figures)
    {
        using var broker = Broker.Start();
        using var work = new WorkDirectory(parent);
        var configuration = Path.Combine(work.Path, "bench.yaml");
        File.WriteAllText(configuration, HundredDevices.Yaml(broker.Port));
        using var announced = new Arrivals(broker.Port, "tutti/+/+/state");
        using var gateway = GatewayProcess.Run(build, configuration, work.Path);
        announced.WaitFor(HundredDevices.Announced, s_startLimit, () => gateway.HasExited ? gateway.Log : null);

        using var client = Listener.ConnectAsync(broker.Port, EchoTopic, StateTopic).GetAwaiter().GetResult();
        // Turn by turn, so that a disturbance of the machine meets both.
        List<double> echo = [], state = [];
        for (var i = -WarmUp; i < commands; i++)
        {
            var text = $"{i + WarmUp}";
            var echoMs = RoundTripMs(client, EchoTopic, text, (topic, payload) => topic == EchoTopic && payload.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(text)));
            // Tenths: each command asks for a value that the one before did not.
            var trim = (i + WarmUp) % 20000 / 10.0;
            var stateMs = RoundTripMs(client, CommandTopic, trim.ToString("F1", CultureInfo.InvariantCulture), (topic, payload) => topic == StateTopic && TrimOf(payload) == trim);
            if (i >= 0)
            {
                echo.Add(echoMs);
                state.Add(stateMs);
            }
        }

        Report($"{build.Name}_{where}", echo, state, figures);
    }

    private static void Report(string where, List<double> echo, List<double> state, Dictionary<string, double> figures)
    {
        var broker = 2 * Figures.Median(echo);
        foreach (var (name, share) in new[] { ("p50", 0.5), ("p99", 0.99) })
        {
            figures[$"{where}_echo_{name}_ms"] = Figures.Percentile(echo, share);
            figures[$"{where}_state_{name}_ms"] = Figures.Percentile(state, share);
            figures[$"{where}_beyond_{name}_ms"] = Figures.Percentile(state, share) - broker;
        }

        figures[$"{where}_ratio_p50"] = Figures.Median(state) / broker;
        Console.WriteLine($"{where,-14} command to state p50 {Figures.Median(state):F2} ms, p99 {Figures.Percentile(state, 0.99):F2} ms; "
            + $"the broker alone {broker:F2} ms; beyond it p50 {figures[$"{where}_beyond_p50_ms"]:F2} ms, p99 {figures[$"{where}_beyond_p99_ms"]:F2} ms");
    }

    private static double RoundTripMs(Listener client, string topic, string text, Func<string, byte[], bool> isAnswer)
    {
        using var arrived = new ManualResetEventSlim();
        long at = 0;
        client.Received = (from, payload, now) =>
        {
            if (!arrived.IsSet && isAnswer(from, payload))
            {
                at = now;
                arrived.Set();
            }
        };
        var since = Stopwatch.GetTimestamp();
        client.PublishAsync(topic, text).GetAwaiter().GetResult();
        if (!arrived.Wait(s_answerLimit))
        {
            throw new BenchmarkException($"no answer to {topic} = {text} within {s_answerLimit.TotalSeconds:F0} s.");
        }

        client.Received = null;
        return Stopwatch.GetElapsedTime(since, at).TotalMilliseconds;
    }

    private static double? TrimOf(byte[] state)
    {
        using var document = JsonDocument.Parse(state);
        return document.RootElement.GetProperty("trim_ms").GetDouble();
    }
}
